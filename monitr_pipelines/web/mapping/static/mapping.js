// Selects all accounts that are shown at once; without a script they are selected one by one, or all that the
// search finds.

const form = document.querySelector("#placing");
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
