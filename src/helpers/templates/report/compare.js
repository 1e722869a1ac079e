"use strict";
// Two rows of the table of all, side by side; which two, the address says: #38,52 or #38.
const pair = document.querySelector(".pair-of");
if (pair) {
  const words = pair.dataset;
  const [first, second] = ["a", "b"].map((id) => document.getElementById(id));
  const listed = [...document.querySelectorAll(".sources li")];
  // Those that are left out must not change the numbers of the others.
  listed.forEach((item, place) => { item.value = place + 1; });
  const wholes = new Intl.NumberFormat(document.documentElement.lang);
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const decimals = new Intl.NumberFormat(document.documentElement.lang, digits);
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const written = (value, format) => {
    const size = format.format(Math.abs(value));
    const nothing = !/[1-9]/.test(size);
    return nothing ? size : (value > 0 ? "+" : "−") + size;
  };
  const ends = (cell) => cell.dataset.low === undefined ? null : [+cell.dataset.low, +cell.dataset.high];
  // What the first is ahead by, where both are numbers, or where one is an interval.
  const difference = (a, b, sense) => {
    const [x, y] = [ends(a), ends(b)];
    if (!sense || !x || !y) return ["", ""];
    const [high, low] = [(p, q) => p[1] - q[0], (p, q) => p[0] - q[1]];
    const [from, to] = sense === "rank" ? [low(y, x), high(y, x)] : [low(x, y), high(x, y)];
    const format = sense === "rank" ? wholes : decimals;
    const unit = (text) => sense === "rank" ? say(words.places, { n: text }) : text;
    const guessed = [a, b].filter((cell) => cell.classList.contains("estimated")).length;
    if (guessed === 0) return [unit(written(from, format)) + "\u00a0*", survey(a, b, from)];
    if (guessed === 1) {
      return ["≈\u00a0" + unit(say(words.to, { low: written(from, format), high: written(to, format) })), ""];
    }
    // Two intervals give none of their difference: only whether they overlap.
    if (from <= 0 && to >= 0) return [words.apart, ""];
    return [say(words.higher, { name: (from > 0 ? first : second).selectedOptions[0].text }), ""];
  };
  const survey = (a, b, between) => {
    if (!a.dataset.error || !b.dataset.error) return "";
    const reach = 1.96 * Math.hypot(a.dataset.error, b.dataset.error);
    return Math.abs(between) > reach ? words.beyond : words.within;
  };
  const fill = (place, cell) => {
    place.textContent = cell.textContent || "–";
    place.className = `num ${cell.className || "none"}`;
  };
  const draw = () => {
    const [a, b] = [first, second].map((one) => document.getElementById(one.value));
    for (const [side, row] of [["a", a], ["b", b]]) {
      const head = pair.querySelector(`[data-side=${side}]`);
      const name = row.cells[0].querySelector("a") ?? first.ownerDocument.createTextNode(row.cells[0].textContent);
      head.replaceChildren(name.cloneNode(true));
    }
    let column = 0;
    for (const body of pair.querySelectorAll("tbody")) {
      const lines = [...body.rows].slice(1);
      for (const line of lines) {
        column += 1;
        const cells = [a, b].map((row) => row.cells[column]);
        line.hidden = cells.every((cell) => !cell.textContent);
        cells.forEach((cell, side) => fill(line.cells[side + 1], cell));
        const [text, remark] = difference(...cells, line.dataset.sense);
        line.cells[3].textContent = text;
        if (remark) line.cells[3].appendChild(document.createElement("small")).textContent = remark;
      }
      body.hidden = lines.every((line) => line.hidden);
    }
    const cited = new Set([a, b].flatMap((row) => (row.querySelector(".cite")?.dataset.sources
      ?? [...row.querySelectorAll(".cite a")].map((mark) => mark.hash.slice(8)).join(" ")).split(" ")));
    for (const item of listed) item.hidden = !cited.has(item.id.slice(7));
    document.title = `${first.selectedOptions[0].text} – ${second.selectedOptions[0].text}`;
  };
  const choose = () => {
    const [a, b] = decodeURIComponent(location.hash.slice(1)).split(",");
    const codes = [...first.options].map((option) => option.value);
    first.value = codes.includes(a) ? a : codes[0];
    // Without a second one, a neighbour in the region.
    const peers = [...first.options].filter(({ value }) => value !== first.value);
    const near = peers.find(({ dataset }) => dataset.region === first.selectedOptions[0].dataset.region);
    second.value = codes.includes(b) ? b : (near ?? peers[0]).value;
    draw();
  };
  const address = () => { location.replace(`#${first.value},${second.value}`); draw(); };
  for (const select of [first, second]) select.addEventListener("change", address);
  addEventListener("hashchange", choose);
  pair.hidden = false;
  document.querySelector(".all").open = false;
  document.body.classList.add("with-pair");
  choose();
  address();
}
