// Folds lines of a statement without a new page, and keeps the address true to what is shown.
// Arrow keys go from figure to figure.

const table = document.querySelector(".figures-table");
const rows = [...table.tBodies[0].rows];
const folds = [...table.querySelectorAll("[data-fold]")];

function rowOf(link) {
  return link.closest("tr");
}

function shut() {
  return new Set(
    folds.filter((link) => link.getAttribute("aria-expanded") === "false").map((link) => rowOf(link).dataset.line),
  );
}

function address(lines) {
  const query = new URLSearchParams(location.search);
  query.delete("shut");
  lines.forEach((line) => query.append("shut", line));
  return `?${query}`;
}

function show() {
  const lines = shut();
  const hidden = new Set();
  for (const row of rows) {
    row.hidden = hidden.has(row.dataset.parent) || lines.has(row.dataset.parent);
    if (row.hidden) hidden.add(row.dataset.line);
  }
  history.replaceState(null, "", address(lines));
}

folds.forEach((link) => {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.setAttribute("aria-expanded", link.getAttribute("aria-expanded") === "false" ? "true" : "false");
    show();
  });
});

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// The next figure in that direction that leads somewhere; nothing at the edge of what is shown.
function linkBeyond(cell, step) {
  const shown = rows.filter((row) => !row.hidden);
  let [down, across] = [shown.indexOf(cell.parentElement), cell.cellIndex];
  let next = cell;
  let link = null;
  while (next && !link) {
    down += step[0];
    across += step[1];
    next = shown[down]?.cells[across];
    link = next?.querySelector("a");
  }
  return link;
}

table.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const cell = event.target.closest("td, th");
  if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const link = linkBeyond(cell, step);
  if (!link) return;
  event.preventDefault();
  link.focus();
});
