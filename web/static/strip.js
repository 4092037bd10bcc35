// The strip of a profile's pages follows the work under way. Numbers come from the JSON interface; whenever the job has
// something else to show, the strip is taken anew from the server. The page itself never moves under its reader.

const EVERY = 2000;
const AWAY = 10000;
const SLOWEST = 30000;
const IDLE = 30000;
const title = document.title;
let strip = document.querySelector("[data-strip]");
let isNew = false;
let failures = 0;
let timer = 0;

function say(name, text) {
  const place = strip.querySelector(`[data-part="${name}"]`);
  if (place && place.textContent !== (text ?? "")) place.textContent = text ?? "";
}

// Where the page has no rows yet because the first sync still reads them, there is nothing to move under its reader.
function showReading(now) {
  const reading = document.querySelector("[data-reading]");
  if (!reading) return false;
  if (now.ended || (now.step ?? "") !== reading.dataset.reading) {
    location.reload();
    return true;
  }
  const heading = reading.querySelector("[data-reading-title]");
  const { words, wordsCounted } = heading.dataset;
  heading.textContent = now.counts ? wordsCounted.replace("{counts}", now.counts) : words;
  const bar = reading.querySelector("[data-reading-bar]");
  if (now.percent === null) bar.removeAttribute("value");
  else bar.value = now.percent;
  return false;
}

function showTitle() {
  const { wants, titleApproval, titleCode, titleNew } = strip.dataset;
  const sign = wants === "approval" ? titleApproval : wants ? titleCode : isNew ? titleNew : "";
  document.title = sign ? `${sign} · ${title}` : title;
}

async function renew(ended) {
  const answer = await fetch(strip.dataset.strip, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`the strip answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-strip]");
  if (!fresh) return location.reload();
  strip.replaceWith(fresh);
  strip = fresh;
  isNew ||= ended;
  strip.querySelector('[data-part="new"]').hidden = !isNew;
  showTitle();
}

async function look() {
  if (!strip.dataset.job) return renew(false);
  const answer = await fetch(`/api/v1/jobs/${strip.dataset.job}`, { headers: { Accept: "application/json" } });
  if (answer.status === 401) return location.reload();
  if (answer.status === 404) return renew(false);
  if (!answer.ok) throw new Error(`the job answered ${answer.status}`);
  const now = await answer.json();
  say("status", now.status);
  say("counts", now.counts);
  say("time_left", now.time_left);
  if (showReading(now)) return;
  if (now.phase !== strip.dataset.phase) await renew(now.ended);
}

function plan() {
  clearTimeout(timer);
  const pause = strip.dataset.job ? (document.hidden ? AWAY : EVERY) : IDLE;
  timer = setTimeout(() => {
    look().then(
      () => { failures = 0; plan(); },
      () => { failures += 1; timer = setTimeout(plan, Math.min(SLOWEST, EVERY * 2 ** failures)); },
    );
  }, pause);
}

if (strip) {
  document.addEventListener("visibilitychange", () => !document.hidden && plan());
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-reload]")) return;
    event.preventDefault();
    location.reload();
  });
  showTitle();
  plan();
}
