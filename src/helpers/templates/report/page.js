"use strict";
// Narrow screens begin with the contents closed; without this script they always do.
const contents = document.querySelector("nav.contents details");
const wide = matchMedia("(min-width: 80rem)");
const unfold = () => { contents.open = wide.matches; };
if (contents) {
  unfold();
  wide.addEventListener("change", unfold);
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) contents.open = false;
  });
}
const code = document.getElementById("show-code");
if (code) {
  code.closest(".switch").hidden = false;
  const show = () => document.body.classList.toggle("with-code", code.checked);
  code.addEventListener("change", show);
  show();
}
for (const button of document.querySelectorAll("button.print")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
// A phone shows a part of a wide table or chart; above each that is cut a line says so.
const words = document.getElementById("main").dataset;
const hints = new Map();
const look = (frame) => {
  const cut = frame.scrollWidth > frame.clientWidth + 1;
  hints.get(frame).hidden = !cut;
  frame.classList.toggle("cut", cut);
  // Only what scrolls needs a stop of the keyboard.
  frame.tabIndex = cut ? 0 : -1;
};
const sizes = new ResizeObserver((entries) => {
  for (const frame of new Set(entries.map(({ target }) => target.closest(".scroll")))) look(frame);
});
for (const frame of document.querySelectorAll(".scroll")) {
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = words.sideways;
  hint.setAttribute("aria-hidden", "true");
  hints.set(frame, hint);
  frame.before(hint);
  sizes.observe(frame);
  sizes.observe(frame.firstElementChild);
}
// Who wants to see all of a chart at once makes it as wide as the screen.
for (const frame of document.querySelectorAll(".chart")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fit";
  button.textContent = words.fit;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const whole = frame.classList.toggle("fitted");
    button.setAttribute("aria-pressed", String(whole));
  });
  hints.get(frame).before(button);
}
