"use strict";
const table = document.querySelector("table.provinces");
if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const tiles = document.querySelectorAll(".map li");
  const filters = document.querySelector("form.filters");
  const status = filters.querySelector("[role=status]");
  const found = filters.querySelector(".found");
  const [byName, byRegion, byIndex, byUnit] =
    ["by-name", "by-region", "by-index", "by-unit"].map((id) => document.getElementById(id));
  const collator = new Intl.Collator("vi");
  const known = (row, index) => ["published", "derived"].includes(row.dataset[`${index}Kind`]);
  // Two spellings of a name have one key: case, spaces and dashes, and where a tone stands (Hóa, Hoá),
  // tell no names apart; as in helpers.units.
  const key = (text) => text.toLowerCase().replace(/[ðɖ]/g, "đ").normalize("NFD")
    .replace(/([ou])([\u0300\u0301\u0303\u0309\u0323])([aey])/g, "$1$3$2")
    .normalize("NFC").replace(/[^\p{Letter}\p{Number}]/gu, "");
  const plain = (keyed) => keyed.replaceAll("đ", "d").normalize("NFD").replace(/\p{Mark}/gu, "");
  const kindOfUnit = /^\s*(tỉnh|tinh|thành phố|thanh pho|tp)[\s.]+(?=[\p{Letter}\p{Number}])/iu;
  const keys = new Map(rows.map((row) => [row, row.dataset.names.split("|").map(key)]));
  const fewest = 8;  // provinces found that the form names itself
  let column = "name";
  let sign = 1;

  const compare = (a, b) => {
    const [x, y] = [a, b].map((row) => row.dataset[column]);
    // A missing figure stands last, whichever the direction.
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
    return sign * (isNaN(x) ? collator.compare(x, y) : x - y)
      || collator.compare(a.dataset.name, b.dataset.name);
  };
  const named = () => {
    const typed = key(byName.value.normalize("NFC").replace(kindOfUnit, ""));
    const having = (text, form) => rows.filter((row) => keys.get(row).some((name) => form(name).includes(text)));
    // With a diacritic typed the name must have it; without, or where no name does, any will do.
    const exact = typed === plain(typed) ? [] : having(typed, (name) => name);
    return exact.length ? exact : having(plain(typed), plain);
  };
  const wanted = (row) => {
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
  // What is found is named beside the search, since on a phone the table is far below.
  const nameFound = (shown) => {
    const links = shown.slice(0, fewest).map((row) => {
      const link = row.querySelector("th a")?.cloneNode(true);
      return link ?? document.createTextNode(row.cells[0].textContent);
    });
    if (shown.length > fewest) {
      const more = document.createElement("a");
      more.href = "#table";
      more.textContent = found.dataset.more;
      links.push(more);
    }
    found.replaceChildren(...links.map((link) => {
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
    found.hidden = !shown.length || shown.length === rows.length;
  };
  const draw = () => {
    const shown = named().filter(wanted).sort(compare);
    nameFound(shown);
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
    const shown = named().filter(wanted);
    if (shown.length === 1) shown[0].querySelector("a")?.click();
    else if (shown.length) document.getElementById("table").scrollIntoView();
  });
  filters.addEventListener("input", draw);
  filters.hidden = false;
  draw();
}
