// All of this is comfort: without it every link still leads to its place in the page.
"use strict";

// A number opens its provenance in a dialog instead of jumping to the appendix.
const dialog = document.getElementById("number");
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.value");
  if (!link || !dialog.showModal) return;
  event.preventDefault();
  const facts = dialog.querySelector("dl");
  facts.replaceChildren();
  const add = (term, text) => {
    if (!text) return;
    const value = document.createElement("dd");
    value.append(text.nodeType ? text.cloneNode(true) : text);
    facts.append(Object.assign(document.createElement("dt"), { textContent: term }), value);
  };
  dialog.querySelector("h2").textContent = link.dataset.what;
  add("Ours", link.textContent);
  add("Paper", link.dataset.paper);
  add("Difference", link.dataset.difference);
  add(link.dataset.method || "Interval", link.dataset.interval);
  add("Interval", link.dataset.exact);
  add("By seed", link.dataset.seeds);
  add("Verdict", link.dataset.verdict);
  add("Note", link.dataset.note);
  const source = document.querySelector(link.getAttribute("href"));
  for (const row of source ? source.querySelectorAll("dl.facts dt") : [])
    add(row.textContent, row.nextElementSibling.firstChild);
  dialog.querySelector("a").href = link.getAttribute("href");
  dialog.showModal();
  dialog.scrollTop = 0; // a browser scrolls to what it focuses, past the value
});
dialog.querySelector("button").addEventListener("click", () => dialog.close());
dialog.querySelector("a").addEventListener("click", () => dialog.close());

// A link to a manifest opens its entry.
const open = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let element = target; element; element = element.parentElement)
    if (element.tagName === "DETAILS") element.open = true;
  if (target) target.scrollIntoView();
};
addEventListener("hashchange", open);
open();

// Columns sort on a click, by `data-sort` where a cell has it: as numbers where all are, and what is missing last.
const NUMBER = /^[-+]?(\d[\d,]*\.?\d*|\.\d+)(e[-+]?\d+)?/i;
const sortKey = (cell) => {
  const text = cell.dataset.sort ?? (cell.querySelector("a.value") ?? cell).textContent.trim();
  const number = NUMBER.exec(text.replaceAll("\u2212", "-"));
  return { text, number: number ? Number(number[0].replaceAll(",", "")) : NaN };
};
for (const table of document.querySelectorAll("table.sortable")) {
  table.querySelectorAll("thead th").forEach((head, index) => {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].map((row) => ({ row, ...sortKey(row.cells[index]) }));
      const words = head.classList.contains("text") || rows.every((row) => isNaN(row.number));
      const empty = (row) => (words ? !row.text : isNaN(row.number));
      rows.sort((a, b) => empty(a) - empty(b) || (up ? 1 : -1) *
        (words ? a.text.localeCompare(b.text, "en") : a.number - b.number || 0));
      table.tBodies[0].append(...rows.map((row) => row.row));
    });
  });
}

// Letters for which this machine has no font are named: a browser draws the same box for each of them.
const pen = Object.assign(document.createElement("canvas"), { width: 24, height: 24 }).getContext("2d", { willReadFrequently: true });
const drawn = (letter) => {
  pen.clearRect(0, 0, 24, 24);
  pen.font = "16px system-ui, sans-serif";
  pen.fillText(letter, 4, 18);
  return pen.getImageData(0, 0, 24, 24).data.join();
};
const box = drawn("\u{10FFFF}");
for (const note of document.querySelectorAll(".fontless")) {
  const words = [...note.closest("section").querySelectorAll("td.native")];
  const lost = words.filter((cell) => [...cell.textContent].some((letter) => /\p{L}/u.test(letter) && drawn(letter) === box));
  const names = [...new Set(lost.map((cell) => cell.dataset.language))];
  if (names.length) note.textContent = `This machine has no font for words in: ${names.join(", ")}. They show as boxes.`;
}

// What a mark in a figure stands for, on hover.
const tip = document.getElementById("tip");
document.addEventListener("mousemove", (event) => {
  const mark = event.target.closest?.("figure svg [role=graphics-symbol][aria-label]");
  tip.style.display = mark ? "block" : "none";
  if (!mark) return;
  tip.textContent = mark.getAttribute("aria-label");
  tip.style.left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8) + "px";
  tip.style.top = event.clientY + 14 + "px";
});
