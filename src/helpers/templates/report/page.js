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
code.closest(".switch").hidden = false;
const show = () => document.body.classList.toggle("with-code", code.checked);
code.addEventListener("change", show);
show();
// On a phone a chart is as wide as the screen; who cannot read its letters makes it larger.
for (const svg of document.querySelectorAll("figure > svg")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "enlarge";
  button.textContent = document.getElementById("main").dataset.enlarge;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const large = svg.parentElement.classList.toggle("large");
    button.setAttribute("aria-pressed", String(large));
  });
  svg.before(button);
}
