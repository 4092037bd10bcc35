// The start page takes its cards and posts anew when a profile has new data. While the reader's focus is in them, they
// stay as they are.
import { refresh } from "./refresh.js";

const EVERY = 60000;
const place = document.querySelector("[data-refresh]");

async function look() {
  const answer = await fetch("/api/v1/profiles", { headers: { Accept: "application/json" } });
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return;
  const { profiles } = await answer.json();
  const now = profiles.map((profile) => `${profile.id}:${profile.version}:${profile.state}`).join(" ");
  if (now !== place.querySelector("[data-seen]").dataset.seen && !place.contains(document.activeElement)) await refresh();
}

let due = Date.now() + EVERY;
function turn() {
  if (document.hidden || Date.now() < due) return;
  due = Date.now() + EVERY;
  look().catch(() => {});
}

setInterval(turn, 1000);
document.addEventListener("visibilitychange", turn);
