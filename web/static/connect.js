// The buttons of official ways in. A click opens a window for the consent page at once, with words until the page is
// there; where windows are blocked the whole page goes there. The rest is told by the windows of this site: this page
// follows the job that the consent led to, says how it ended, and takes its list anew.
import { listen } from "./consent.js";
import { refresh } from "./refresh.js";

const EVERY = 1500;
const AWAY = 6000;
const WINDOW = "popup,width=600,height=700";
const toasts = document.querySelector("[data-toasts]");
const followed = new Set();

function show(text, kind, href, words) {
  const toast = document.createElement("div");
  toast.className = `notice notice-${kind} toast-note`;
  toast.append(text);
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = words;
    toast.append(" ", link);
  }
  toasts.replaceChildren(toast);
}

function say(form, text) {
  form.querySelector("[data-connect-state]").textContent = text;
}

function opened(form) {
  const popup = window.open("", "_blank", WINDOW);
  if (!popup) return null;
  popup.document.title = form.dataset.wordsLoading;
  popup.document.body.textContent = form.dataset.wordsLoading;
  return popup;
}

async function consentPage(form, inPopup) {
  const fields = new FormData(form);
  if (inPopup) fields.set("popup", "1");
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.title ? `${said.title}. ${said.detail}` : form.dataset.wordsFailed);
  return said.url;
}

async function begin(form) {
  const popup = opened(form);
  form.setAttribute("aria-busy", "true");
  say(form, form.dataset.wordsLoading);
  try {
    const url = await consentPage(form, popup !== null);
    if (popup === null) return location.assign(url);
    popup.location.replace(url);
    say(form, form.dataset.wordsWaiting);
  } catch (error) {
    popup?.close();
    say(form, "");
    show(error instanceof TypeError ? form.dataset.wordsFailed : error.message, "danger");
  }
  form.removeAttribute("aria-busy");
}

function over(job) {
  for (const form of document.querySelectorAll("[data-connect]")) say(form, "");
  const { wordsProfile, wordsJob } = toasts.dataset;
  if (job.state === "COMPLETED") show(`${job.status}.`, "success", `/profiles/${job.profile_id}`, wordsProfile);
  else show(job.error?.message ?? `${job.status}.`, "danger", `/jobs/${job.id}`, wordsJob);
  refresh();
}

// The window may be closed at any time; the job goes on without it, and so does this.
async function follow(id) {
  const answer = await fetch(`/api/v1/jobs/${id}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const job = await answer.json();
  if (job.ended) return over(job);
  if (job.input) show(`${job.status}.`, "info", `/jobs/${id}`, toasts.dataset.wordsChoose);
  setTimeout(() => follow(id).catch(() => setTimeout(() => follow(id), AWAY)), document.hidden ? AWAY : EVERY);
}

for (const form of document.querySelectorAll("[data-connect]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(form);
  });
}
listen((message) => {
  if (message.outcome) {
    for (const form of document.querySelectorAll("[data-connect]")) say(form, "");
    show(message.sentence, "warning");
  } else if (message.job && !followed.has(message.job)) {
    followed.add(message.job);
    follow(message.job).catch(() => followed.delete(message.job));
  }
});
