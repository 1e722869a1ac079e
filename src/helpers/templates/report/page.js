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
// A phone shows a part of a wide table; above each that is cut a line says so.
const words = document.getElementById("main").dataset;
const hints = new Map();
const look = (frame) => {
  frame.classList.remove("cut"); // what is cut is set wider, and would stay cut
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
// A chart says the value of the mark that is pointed at, or that the arrow keys lead to.
for (const chart of document.querySelectorAll("figure svg")) {
  const marks = [...chart.querySelectorAll("title")].map((title) => {
    const mark = { of: title.parentNode, text: title.textContent };
    title.remove(); // or the browser would say it too
    return mark;
  });
  if (!marks.length) continue;
  const figure = chart.closest("figure");
  const told = figure.appendChild(document.createElement("p"));
  told.className = "told";
  told.setAttribute("role", "status");
  chart.setAttribute("tabindex", "0");
  let at = null;
  const middle = (mark) => {
    const box = mark.of.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const tell = (mark) => {
    at?.of.classList.remove("here");
    at = mark;
    told.textContent = mark?.text ?? "";
    if (!mark) return;
    mark.of.classList.add("here");
    const edge = figure.getBoundingClientRect();
    const [x, y] = middle(mark);
    const left = Math.min(x - edge.x, edge.width - told.offsetWidth - 4);
    const above = y - edge.y - told.offsetHeight - 10;
    told.style.left = `${Math.max(0, left)}px`;
    told.style.top = `${above < 0 ? y - edge.y + 12 : above}px`;
  };
  const nearest = (event) => {
    let found = null, least = event.pointerType === "touch" ? 28 : 16;
    for (const mark of marks) {
      const [x, y] = middle(mark);
      const far = Math.hypot(x - event.clientX, y - event.clientY);
      if (far < least) [found, least] = [mark, far];
    }
    if (found !== at) tell(found);
  };
  const ordered = () => marks.map((mark) => [mark, ...middle(mark)])
    .sort((a, b) => a[1] - b[1] || a[2] - b[2]).map(([mark]) => mark);
  chart.addEventListener("pointermove", nearest);
  chart.addEventListener("pointerdown", nearest);
  chart.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") tell(null); });
  chart.addEventListener("blur", () => tell(null));
  chart.addEventListener("focus", () => { if (chart.matches(":focus-visible")) tell(ordered()[0]); });
  chart.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tell(null);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = ordered();
    const next = all[Math.min(Math.max(all.indexOf(at) + step, 0), all.length - 1)];
    next.of.scrollIntoView({ block: "nearest", inline: "nearest" });
    tell(next);
  });
}
