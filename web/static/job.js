// A job's page that moves by itself: numbers come from the JSON interface, and whenever the job has something else to
// show (its `phase` changed), the panels are taken from the page as the server writes it now.
import { offerToClose, tell } from "./consent.js";

const EVERY = 1000;
const AWAY = 5000;
const SLOWEST = 15000;

const job = document.querySelector("[data-job]");
const inPopup = job && "popup" in job.dataset;
const part = (name) => job.querySelector(`[data-part="${name}"]`);
let failures = 0;
let timer = 0;
let ticking = 0;

function say(name, text) {
  const place = part(name);
  // Only what changed is written, so that a screen reader hears each thing once.
  if (place.textContent !== (text ?? "")) place.textContent = text ?? "";
}

function show(now) {
  document.title = `${now.page_title} · Rollcall`;
  say("status", now.status);
  say("counts", now.counts);
  say("time_left", now.time_left);
  say("hint", now.hint);
  part("hint").hidden = !now.hint;
  part("dot").dataset.state = now.state;
  const bar = part("bar");
  bar.hidden = now.percent === null;
  if (now.percent !== null) bar.value = now.percent;
}

// Counts down to when another code can be sent; the seconds are the server's, for clocks differ.
function countDown() {
  clearInterval(ticking);
  const button = job.querySelector("[data-resend-in]");
  if (!button) return;
  const end = performance.now() + Number(button.dataset.resendIn) * 1000;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    button.disabled = left > 0;
    job.querySelector("#resend-left").textContent = left > 0 ? button.dataset.words.replace("{seconds}", left) : "";
    if (left <= 0) clearInterval(ticking);
  };
  ticking = setInterval(tick, 500);
  tick();
}

function attend() {
  job.querySelector('[data-panel="input"] input[name="code"], [data-panel="input"] [data-focus]')?.focus();
  countDown();
}

// The page that began a consent follows its job from here on, so that this window may be closed. A job that ended long
// ago is no news.
function tellConsent(ended, state) {
  if (job.dataset.kind !== "CONNECT" || ("ended" in job.dataset && !inPopup)) return;
  tell({ job: job.dataset.job });
  if (inPopup && ended && state === "COMPLETED") setTimeout(() => window.close(), EVERY);
}

async function redraw() {
  const answer = await fetch(`/jobs/${job.dataset.job}${inPopup ? "?popup=1" : ""}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`the page answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const panel of page.querySelectorAll("[data-panel]")) {
    const here = job.querySelector(`[data-panel="${panel.dataset.panel}"]`);
    here.replaceChildren(...panel.childNodes);
  }
  // The page may be newer than the answer that led to it: a second redraw would wipe what is typed meanwhile.
  job.dataset.phase = page.querySelector("[data-job]").dataset.phase;
  attend();
  offerToClose(job);
  const next = job.querySelector("[data-follow]");
  if (next) location.replace(next.href);
}

async function look() {
  const answer = await fetch(`/api/v1/jobs/${job.dataset.job}`, { headers: { Accept: "application/json" } });
  if (answer.status === 401 || answer.status === 404) return location.reload();
  if (!answer.ok) throw new Error(`the job answered ${answer.status}`);
  const now = await answer.json();
  show(now);
  if (now.phase !== job.dataset.phase) {
    await redraw();
    delete job.dataset.sent;
  }
  failures = 0;
  if (now.ended) tellConsent(true, now.state);
  else plan();
}

function plan() {
  clearTimeout(timer);
  const pause = document.hidden ? AWAY : job.dataset.sent !== undefined ? EVERY / 3 : EVERY;
  timer = setTimeout(() => {
    look().catch(() => {
      failures += 1;
      say("hint", job.dataset.wordsLost);
      part("hint").hidden = false;
      clearTimeout(timer);
      timer = setTimeout(plan, Math.min(SLOWEST, EVERY * 2 ** failures));
    });
  }, pause);
}

if (job) {
  offerToClose(job);
  tellConsent("ended" in job.dataset, part("dot").dataset.state);
}
if (job && !("ended" in job.dataset)) {
  document.addEventListener("visibilitychange", () => !document.hidden && plan());
  attend();
  plan();
}
