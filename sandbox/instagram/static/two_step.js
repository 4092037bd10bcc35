"use strict";

const VALIDATE = "useTwoFactorLoginValidateCodeMutation";
const SEND = "useTwoFactorLoginSendCodeMutation";
const SENT = ["SMS", "WHATSAPP"];
const info = JSON.parse(sessionStorage.getItem("two_factor_info") ?? "null");
if (!info) location.replace("/accounts/login/");

const form = document.getElementById("stepForm");
const code = form.querySelector("input");
const ways = document.getElementById("ways");
const offered = {
  TOTP: info?.totp_two_factor_on, SMS: info?.sms_two_factor_on, WHATSAPP: info?.whatsapp_two_factor_on, BACKUP_CODE: true,
};
let method = Object.keys(offered).find((way) => offered[way]);

function explain() {
  const number = info.obfuscated_phone_number_2;
  const [heading, text] = {
    TOTP: ["Go to your authentication app", "Enter the 6-digit code from it."],
    SMS: ["Check your text messages", `Enter the code we sent to ${number}.`],
    WHATSAPP: ["Check your WhatsApp messages", `Enter the code we sent to ${number}.`],
    BACKUP_CODE: ["Enter a backup code", "Enter one of the 8-digit codes you saved."],
  }[method];
  document.getElementById("heading").textContent = heading;
  document.getElementById("explanation").textContent = text;
  document.getElementById("resend").hidden = !SENT.includes(method);
  document.getElementById("alert").replaceChildren();
  code.value = "";
}

async function sendCode() {
  const answer = await graphql(SEND, { encryptedContext: info.encrypted_context, method });
  const sent = answer.data?.xfb_two_factor_login_send_code;
  if (sent) info.encrypted_context = sent.encrypted_context;
  else alertWith(answer.errors?.[0]?.message ?? answer.message);
}

async function confirm() {
  const answer = await graphql(VALIDATE, {
    code: { sensitive_string_value: code.value.replaceAll(" ", "") },
    encryptedContext: info.encrypted_context,
    flow: "TWO_FACTOR_LOGIN",
    method,
    maskedContactPoint: SENT.includes(method) ? info.obfuscated_phone_number_2 : "",
    trust_this_device: true,
  }, form.dataset.docId);
  const judged = answer.data?.xfb_two_factor_login_validate_code;
  if (judged?.is_code_valid) arrive({ authenticated: true });
  else if (answer.checkpoint_url) arrive(answer);
  else alertWith(judged ? "This code isn't right. Please try again." : answer.errors?.[0]?.message ?? answer.message);
}

async function choose() {
  const chosen = ways.querySelector("input:checked");
  ways.hidden = true;
  if (!chosen || chosen.value === method) return;
  method = chosen.value;
  explain();
  if (SENT.includes(method)) await sendCode();
}

if (info) {
  explain();
  for (const way of ways.querySelectorAll("label")) way.hidden = !offered[way.querySelector("input").value];
  form.addEventListener("submit", (event) => { event.preventDefault(); confirm(); });
  form.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); confirm(); } });
  document.getElementById("confirm").addEventListener("click", confirm);
  document.getElementById("resend").addEventListener("click", sendCode);
  document.getElementById("another-way").addEventListener("click", () => { ways.hidden = false; });
  document.getElementById("choose").addEventListener("click", choose);
}
