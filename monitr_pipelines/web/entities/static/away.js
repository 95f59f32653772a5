// Tells whether the page hears of changes. A break of a moment is not worth telling: the page is read again after it.

const AWAY_MS = 5000;

const [news, hint] = ["#news", "#live-hint"].map((name) => document.querySelector(name));
let away = null;

function tellAway() {
  hint.hidden = false;
  hint.textContent = hint.dataset.away;
  news.textContent = hint.dataset.away;
}

document.addEventListener("listening", ({ detail: listens }) => {
  if (away && !listens) return;
  clearTimeout(away);
  away = listens ? null : setTimeout(tellAway, AWAY_MS);
  hint.hidden = !listens;
  hint.textContent = hint.dataset.live;
});
