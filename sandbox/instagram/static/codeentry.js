"use strict";

const WAYS = { EMAIL: "email", SMS: "text message", SOWA: "WhatsApp message" };
const entry = document.getElementById("entry");
const code = entry.querySelector("input");
const again = document.getElementById("again");
let left = 0;

function tick() {
  again.disabled = left > 0;
  again.textContent = left > 0 ? `Get a new code (0:${String(left).padStart(2, "0")})` : "Get a new code";
  if (left > 0) setTimeout(() => { left -= 1; tick(); }, 1000);
}

function explain(view) {
  document.getElementById("explanation").textContent =
    `Enter the ${view.code_length}-digit code that we sent by ${WAYS[view.challenge_name]} to ${view.masked_contact_point}.`;
  left = view.resend_code_cooldown;
  tick();
}

async function submit() {
  const told = await operation("SubmitCode", { code: code.value.replaceAll(" ", "") });
  code.value = "";
  // After a right code nothing more is said: the page stays as it is for a while, and then moves on.
  if (told.redirect_uri) setTimeout(() => location.assign(told.redirect_uri), told.linger_ms);
  else {
    code.setAttribute("aria-invalid", "true");
    alertWith(told.error_message);
  }
}

async function sendAgain() {
  const told = await operation("SendCodeAgain");
  if (told.error_style) alertWith(told.error_message);
  else explain(told);
}

code.addEventListener("input", () => code.removeAttribute("aria-invalid"));
entry.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
document.getElementById("continue").addEventListener("click", submit);
again.addEventListener("click", sendAgain);
document.getElementById("another").addEventListener("click", async () => {
  location.assign((await operation("TryAnotherWay")).redirect_uri);
});
operation("CodeEntryViewQuery").then(explain);
