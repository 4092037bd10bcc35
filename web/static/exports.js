// The list of exports moves by itself: it is taken from the server as written there, and only when it shows something else.

const EVERY = 700;
const AT_REST = 60000;
const SLOWEST = 15000;

const place = document.querySelector("[data-exports]");
const news = document.querySelector("[data-export-news]");
const pageTitle = document.title;
let failures = 0;
let timer = 0;

function tell(list) {
  const { state, title } = list.dataset;
  const { wordsReady, wordsFailed, titleReady, titleFailed } = place.dataset;
  const words = { ready: wordsReady, failed: wordsFailed }[state];
  if (words) news.textContent = words.replace("{title}", title);
  const sign = { ready: titleReady, failed: titleFailed }[state];
  document.title = sign ? `${sign} · ${pageTitle}` : pageTitle;
}

function show(text) {
  const list = new DOMParser().parseFromString(text, "text/html").querySelector("[data-list]");
  if (!list) return location.reload();
  const working = "working" in list.dataset;
  if (list.dataset.version !== place.dataset.version) {
    const focused = document.activeElement?.closest("form, a")?.getAttribute("action");
    place.replaceChildren(list);
    if (focused) place.querySelector(`form[action="${CSS.escape(focused)}"] button`)?.focus();
    if ("working" in place.dataset && !working) tell(list);
    place.dataset.version = list.dataset.version;
  }
  place.toggleAttribute("data-working", working);
}

async function look() {
  const answer = await fetch(place.dataset.exports, { headers: { Accept: "text/html" } });
  if (answer.redirected || answer.status === 404) return location.reload();
  if (!answer.ok) throw new Error(`the list answered ${answer.status}`);
  show(await answer.text());
  failures = 0;
  plan();
}

function plan(soon = false) {
  clearTimeout(timer);
  const pause = soon ? 0 : "working" in place.dataset && !document.hidden ? EVERY : AT_REST;
  timer = setTimeout(() => {
    look().catch(() => {
      failures += 1;
      clearTimeout(timer);
      timer = setTimeout(plan, Math.min(SLOWEST, EVERY * 2 ** failures));
    });
  }, pause);
}

if (place) {
  // A page that was away may show links whose time is over.
  document.addEventListener("visibilitychange", () => !document.hidden && plan(true));
  addEventListener("pageshow", (event) => event.persisted && plan(true));
  plan();
}
