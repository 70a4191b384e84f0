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
  add("Verdict", link.dataset.verdict);
  add("Note", link.dataset.note);
  const source = document.querySelector(link.getAttribute("href"));
  for (const row of source ? source.querySelectorAll("dl.facts dt") : [])
    add(row.textContent, row.nextElementSibling.firstChild);
  dialog.querySelector("a").href = link.getAttribute("href");
  dialog.showModal();
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

// Columns sort on a click, by `data-sort` where a cell has it.
for (const table of document.querySelectorAll("table.sortable")) {
  const key = (row, index) => row.cells[index].dataset.sort ?? row.cells[index].textContent.trim();
  table.querySelectorAll("thead th").forEach((head, index) => {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].sort((a, b) =>
        key(a, index).localeCompare(key(b, index), "en", { numeric: true }) * (up ? 1 : -1));
      table.tBodies[0].append(...rows);
    });
  });
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
