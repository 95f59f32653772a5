// Keeps an open page up to date: listens for ids of entities that changed, reads their cards again and
// puts the parts that differ in place. The page works without it.

const RETRY_MS = 3000;
const LONGEST_RETRY_MS = 30_000;
const COPIED_MS = 4000;
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3600], ["minute", 60]];

const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const sources = new WeakMap();
const wanted = new Map();
let stream = null;

const news = document.querySelector("#news");
const parts = (root) => root.querySelectorAll("[data-part]");
const partOf = (root, name) => root.querySelector(`[data-part="${name}"]`);
const mark = (element) => `${element.tagName} ${["href", "aria-label", "aria-labelledby"].map((name) => element.getAttribute(name))}`;
// How long ago something was makes no difference.
const source = (element) => element.outerHTML.replaceAll(/(?<start><time datetime="[^"]*">)[^<]*/gu, "$<start>");

// What only the clock changes: how long ago something was, and cards whose hour has come. These are read
// again; where the server's clock is behind ours, once more a minute later.
function tick() {
  for (const time of document.querySelectorAll("time:not([data-absolute])")) {
    const seconds = Math.max(0, Math.round((Date.now() - new Date(time.dateTime)) / 1000));
    const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ["second", 1];
    const told = relative.format(-Math.floor(seconds / size), unit);
    if (time.textContent !== told) time.textContent = told;
  }
  for (const later of document.querySelectorAll("[data-until]")) {
    if (new Date(later.dataset.until) > Date.now()) continue;
    later.dataset.until = new Date(Date.now() + 60_000).toJSON();
    update(later.closest(".card"));
  }
}

// Only what differs is replaced; whoever was in it finds the same again, or else what stands for it.
function put(present, fresh, standIn = fresh) {
  if (!present || sources.get(present) === source(fresh)) return false;
  const held = present.contains(document.activeElement) && mark(document.activeElement);
  sources.set(fresh, source(fresh));
  present.replaceWith(fresh);
  if (held) ([fresh, ...fresh.querySelectorAll("*")].find((one) => mark(one) === held) ?? standIn).focus({ preventScroll: true });
  return true;
}

// A text that someone may be copying keeps its place and size, and what is selected of it.
function rewrite(area, text) {
  const [shown, told] = [area.value, text].map((lines) => lines.replace(/\nread at: .*/u, ""));
  if (shown === told) return;
  const { selectionStart, selectionEnd } = area;
  area.value = text;
  area.setSelectionRange(selectionStart, selectionEnd);
}

function swap(card, fresh) {
  const name = card.querySelector("h2 a");
  const renewed = new Set([...parts(fresh)].map((part) => put(partOf(card, part.dataset.part), part, name) && part.dataset.part));
  rewrite(card.querySelector(".diagnostics"), fresh.querySelector(".diagnostics").value);
  if (renewed.has("status")) news.textContent = `${card.dataset.name}: ${card.querySelector(".status .word").textContent}`;
  if (!renewed.has("status") && !renewed.has("facts")) return;
  document.querySelectorAll(`#${CSS.escape(card.id)} details[open] [data-source], #detail`).forEach((part) => load(part));
}

async function read(address) {
  const answer = await fetch(address);
  if (answer.redirected && new URL(answer.url).pathname === "/sign-in") return location.reload();
  if (!answer.ok && answer.status !== 404) throw new Error(`${address}: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// One reading of a thing at a time. What changes meanwhile is read once more; what cannot be read is left as
// it is and tried again, ever more patiently.
async function keep(thing, address, place, pause = RETRY_MS) {
  if (wanted.has(thing)) return wanted.set(thing, true);
  wanted.set(thing, false);
  const fresh = await read(address).catch(() => null);
  if (!fresh) await new Promise((resolve) => { setTimeout(resolve, pause); });
  const again = wanted.get(thing) || !fresh;
  wanted.delete(thing);
  if (again) keep(thing, address, place, fresh ? RETRY_MS : Math.min(2 * pause, LONGEST_RETRY_MS));
  if (fresh) place(fresh);
  tick();
}

const numbers = document.querySelector("[data-counts]");
const count = (fresh) => ["filters", "sync-all", "range"].forEach((name) => {
  const found = partOf(fresh, name);
  if (found) document.querySelectorAll(`[data-part="${name}"]`).forEach((part) => put(part, found.cloneNode(true)));
});
// The page of an entity that was removed meanwhile tells that it is not found, and holds no card.
const leave = (card) => (document.querySelector(".filters") ? card.remove() : location.reload());
const update = (card) => keep(card, card.dataset.source, (fresh) => (fresh.querySelector(".card") ? swap(card, fresh.querySelector(".card")) : leave(card)));
const load = ({ dataset: { source: address } }) => keep(address, address, (fresh) => {
  if (fresh.querySelector("[data-source]")) put(document.querySelector(`[data-source="${CSS.escape(address)}"]`), fresh.querySelector("[data-source]"));
});
const refresh = () => keep(document, location.href, (fresh) => {
  for (const card of document.querySelectorAll(".card")) {
    const renewed = fresh.getElementById(card.id);
    if (renewed) swap(card, renewed); else update(card);
  }
  count(fresh);
});

function connect() {
  stream?.close();
  if (document.hidden) return;
  const shown = [...document.querySelectorAll("[data-entity]")].map((card) => card.dataset.entity);
  stream = new EventSource(`/entities/events?shown=${shown}`);
  stream.addEventListener("entity", (event) => {
    document.querySelectorAll(`[data-entity="${Number(event.data)}"]`).forEach((card) => update(card));
    if (wanted.has(document)) refresh();
  });
  stream.addEventListener("counts", () => numbers && keep(numbers, numbers.dataset.counts, count));
  stream.addEventListener("refresh", refresh);
  stream.addEventListener("signed-out", () => location.reload());
  // The browser tries again by itself, except after an answer that is no stream.
  for (const name of ["open", "error"]) {
    stream.addEventListener(name, ({ target: { readyState } }) => {
      document.dispatchEvent(new CustomEvent("listening", { detail: readyState === EventSource.OPEN }));
      if (readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    });
  }
}

function say(button, word) {
  button.textContent = word;
  button.setAttribute("aria-label", `${word}: ${button.closest(".card").dataset.name}`);
}

document.addEventListener("toggle", ({ target }) => target.open && target.querySelectorAll("[data-source]").forEach((part) => load(part)), true);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const area = document.getElementById(button.dataset.copy);
  area.select();
  // Over plain http, browsers know only the old way.
  await (navigator.clipboard?.writeText(area.value) ?? document.execCommand("copy"));
  say(button, news.textContent = button.dataset.copied);
  setTimeout(say, COPIED_MS, button, button.dataset.word);
});

for (const part of parts(document)) sources.set(part, source(part));
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
tick();
setInterval(tick, 10_000);
document.addEventListener("visibilitychange", connect);
connect();
