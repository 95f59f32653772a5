// Selects all accounts that are shown at once, and lets arrow keys go from line to line with Alt, where a list
// of proposals has them for itself.

const form = document.querySelector("#places");
const boxes = [...form.querySelectorAll("input[name=selected]")];
const shown = document.querySelector("#all-shown");

if (shown) {
  const all = shown.querySelector("input");
  shown.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  form.addEventListener("change", () => {
    all.checked = boxes.every((box) => box.checked);
  });
}

const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const lines = [...form.querySelectorAll(".new input[type=text]")];

form.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const at = lines.indexOf(event.target);
  if (!step || !event.altKey || at < 0) return;
  event.preventDefault();
  lines[at + step]?.focus();
});
