"use strict";
const table = document.querySelector("table.provinces");
if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const tiles = document.querySelectorAll(".map li");
  const filters = document.querySelector("form.filters");
  const status = filters.querySelector("[role=status]");
  const [byName, byRegion, byIndex, byUnit] =
    ["by-name", "by-region", "by-index", "by-unit"].map((id) => document.getElementById(id));
  const collator = new Intl.Collator("vi");
  const known = (row, index) => ["published", "derived"].includes(row.dataset[`${index}Kind`]);
  const plain = (text) => text.toLowerCase().replaceAll("đ", "d")
    .normalize("NFD").replace(/\p{Mark}/gu, "");
  let column = "name";
  let sign = 1;

  const compare = (a, b) => {
    const [x, y] = [a, b].map((row) => row.dataset[column]);
    // A missing figure stands last, whichever the direction.
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
    return sign * (isNaN(x) ? collator.compare(x, y) : x - y)
      || collator.compare(a.dataset.name, b.dataset.name);
  };
  const wanted = (row) => {
    const typed = byName.value.trim();
    // With a diacritic typed the name must have it; without, any will do.
    const bare = plain(typed);
    const exact = bare !== typed.toLowerCase();
    const text = exact ? `${row.cells[0].textContent} ${row.cells[6].textContent}`.toLowerCase() : row.dataset.plain;
    if (!text.normalize("NFC").includes(exact ? typed.toLowerCase().normalize("NFC") : bare)) return false;
    if (byRegion.value && row.dataset.region !== byRegion.value) return false;
    if (byIndex.value === "none") return !known(row, "par") && !known(row, "sipas");
    return !byIndex.value || known(row, byIndex.value.toLowerCase());
  };
  const group = (members) => {
    const row = document.createElement("tr");
    row.className = "group";
    const head = row.appendChild(document.createElement("th"));
    head.colSpan = 7;
    head.scope = "rowgroup";
    const name = head.appendChild(document.createElement("span"));
    name.textContent = `${members[0].cells[6].textContent} (${members.length})`;
    return row;
  };
  const draw = () => {
    const shown = rows.filter(wanted).sort(compare);
    if (byUnit.checked) {
      const units = new Map();
      for (const row of shown) units.set(row.dataset.unit, [...(units.get(row.dataset.unit) ?? []), row]);
      const names = [...units.keys()].sort(collator.compare);
      body.replaceChildren(...names.flatMap((name) => [group(units.get(name)), ...units.get(name)]));
    } else {
      body.replaceChildren(...shown);
    }
    const codes = new Set(shown.map((row) => row.dataset.code));
    for (const tile of tiles) tile.classList.toggle("off", !codes.has(tile.dataset.of));
    status.textContent = status.dataset.text
      .replace("{n}", shown.length).replace("{all}", status.dataset.all);
  };
  for (const head of table.tHead.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const again = column === head.dataset.sort;
      column = head.dataset.sort;
      // Scores from the highest, ranks and names from the first.
      sign = again ? -sign : ["par", "sipas"].includes(column) ? -1 : 1;
      for (const other of table.tHead.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      draw();
    });
  }
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    const found = rows.filter(wanted);
    if (found.length === 1) found[0].querySelector("a")?.click();
  });
  filters.addEventListener("input", draw);
  filters.hidden = false;
  draw();
}
