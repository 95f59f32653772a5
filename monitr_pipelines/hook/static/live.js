// Keeps an open page up to date: listens for ids of entities that changed, reads their cards again and
// puts the parts that differ in place. The page works without it.

const RETRY_MS = 3000;
const COUNTS_MS = 800;
const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const sources = new WeakMap();
const underWay = new Map();
let stream = null;
let counting = null;

const parts = (root) => root.querySelectorAll("[data-part]");
const news = document.querySelector("#news");

function remember(root) {
  for (const part of parts(root)) sources.set(part, part.outerHTML);
}

function ago(when) {
  const seconds = Math.round((Date.now() - when) / 1000);
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ["second", 1];
  return relative.format(-Math.max(0, Math.floor(seconds / size)), unit);
}

function tick(root = document) {
  for (const time of root.querySelectorAll("time:not([data-absolute])")) {
    const told = ago(new Date(time.dateTime));
    if (time.textContent !== told) time.textContent = told;
  }
}

// Only parts that differ are replaced: open drawers, ticked boxes and the focus stay as they are.
function swap(old, fresh) {
  const word = () => old.querySelector(".status .word")?.textContent;
  const before = word();
  for (const part of parts(fresh)) {
    const present = old.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!present || sources.get(present) === part.outerHTML) continue;
    const held = present.contains(document.activeElement);
    sources.set(part, part.outerHTML);
    present.replaceWith(part);
    tick(part);
    if (held) (part.querySelector("a, button") ?? old.querySelector("h2 a"))?.focus({ preventScroll: true });
  }
  if (word() !== before) changed(old, word());
}

function changed(card, status) {
  news.textContent = `${card.dataset.name}: ${status}`;
  for (const drawer of card.querySelectorAll("details[open][data-source]")) load(drawer, "div");
  const history = document.querySelector("#history-now");
  if (history) load(history);
}

async function read(address, options) {
  const answer = await fetch(address, options);
  if (answer.redirected && new URL(answer.url).pathname === "/sign-in") location.reload();
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function load(holder, inside) {
  const fresh = await read(holder.dataset.source);
  (inside ? holder.querySelector(inside) : holder).replaceChildren(...fresh.body.childNodes);
}

// One request a card at a time; what changes meanwhile is read once more afterwards.
async function update(card) {
  if (underWay.has(card)) return underWay.set(card, true);
  underWay.set(card, false);
  try {
    const fresh = (await read(card.dataset.source)).querySelector(".card");
    if (fresh) swap(card, fresh);
  } catch {
    // The server is away: when the stream is back, it asks for everything again.
  } finally {
    const again = underWay.get(card);
    underWay.delete(card);
    if (again) update(card);
  }
}

async function refresh() {
  const fresh = await read(location.href);
  for (const card of document.querySelectorAll(".card")) {
    const found = fresh.getElementById(card.id);
    if (found) swap(card, found);
  }
  count(fresh);
}

function count(fresh) {
  for (const name of ["filters", "sync-all"]) {
    const [old, part] = [document, fresh].map((page) => page.querySelector(`[data-part="${name}"]`));
    if (old && part && !old.contains(document.activeElement)) old.replaceWith(part);
  }
}

function countSoon() {
  if (!document.querySelector(".filters")) return;
  counting ??= setTimeout(async () => {
    counting = null;
    count(await read(location.href));
  }, COUNTS_MS);
}

function connect() {
  stream?.close();
  if (document.hidden) return;
  stream = new EventSource("/entities/events");
  stream.addEventListener("entity", (event) => {
    const card = document.querySelector(`[data-entity="${Number(event.data)}"]`);
    if (card) update(card);
    countSoon();
  });
  stream.addEventListener("refresh", refresh);
  stream.addEventListener("signed-out", () => location.reload());
  // The browser tries again by itself, except after an answer that is no stream.
  stream.addEventListener("error", (event) => {
    if (event.target.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  });
}

document.addEventListener("toggle", (event) => {
  if (event.target.matches("details[open][data-source]")) load(event.target, "div");
}, true);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const area = document.getElementById(button.dataset.copy);
  area.select();
  // Over plain http, browsers know only the old way.
  await (navigator.clipboard?.writeText(area.value) ?? document.execCommand("copy"));
  news.textContent = button.textContent = button.dataset.copied;
});

remember(document);
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
for (const hint of document.querySelectorAll("#live-hint")) hint.hidden = false;
tick();
setInterval(tick, 10000);
document.addEventListener("visibilitychange", connect);
connect();
