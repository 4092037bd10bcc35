"use strict";

const form = document.getElementById("loginForm");
const [username, password] = form.querySelectorAll("input");
const submit = form.querySelector("button[type=submit]");
let attempts = 0;

const WRONG = {
  password: "Sorry, your password was incorrect. Please double-check your password.",
  user: "The username you entered doesn't belong to an account. Please check your username and try again.",
  other: "There was a problem logging you into Instagram. Please try again soon.",
};

function reason(answer) {
  if (answer.authenticated === false) return answer.user ? WRONG.password : WRONG.user;
  return answer.errors?.error?.[0] ?? answer.message ?? WRONG.other;
}

async function logIn() {
  if (!username.value || !password.value) return;
  let answer;
  try {
    answer = await call("/api/v1/web/accounts/login/ajax/", {
      username: username.value,
      enc_password: `#PWD_INSTAGRAM_BROWSER:0:${Math.floor(Date.now() / 1000)}:${password.value}`,
      queryParams: "{}",
      optIntoOneTap: "false",
      trustedDeviceRecords: "{}",
      isPrivacyPortalReq: "false",
      loginAttemptSubmissionCount: String(attempts++),
      stopDeletionNonce: "",
      caaF2DebugGroup: "-1",
    });
  } catch {
    alertWith(WRONG.other);
    return;
  }
  proceed(answer);
}

function proceed(answer) {
  if (answer.two_factor_required) {
    const info = answer.two_factor_info;
    sessionStorage.setItem("two_factor_info", JSON.stringify(info));
    const context = encodeURIComponent(info.encrypted_context ?? "");
    location.assign(context
      ? `/two_step_verification/two_factor/?encrypted_context=${context}&flow=two_factor_login&next=%2F`
      : "/accounts/login/two_factor?next=%2F");
  } else if (answer.authenticated || answer.checkpoint_url) {
    arrive(answer);
  } else {
    alertWith(reason(answer));
  }
}

const known = document.getElementById("known");

async function continueAs() {
  if (known.dataset.asksPassword) {
    username.value = known.dataset.username;
    username.hidden = true;
    known.hidden = true;
    form.hidden = false;
    return;
  }
  proceed(await call("/api/v1/web/accounts/one_tap_web_login/", { user_id: known.dataset.userId, queryParams: "{}" }));
}

if (known) {
  document.getElementById("continue-as").addEventListener("click", continueAs);
  document.getElementById("another-profile").addEventListener("click", () => { known.hidden = true; form.hidden = false; });
}

form.addEventListener("submit", (event) => { event.preventDefault(); logIn(); });
form.addEventListener("keydown", (event) => { if (event.key === "Enter" && !submit) { event.preventDefault(); logIn(); } });
document.getElementById("login-button")?.addEventListener("click", logIn);
form.addEventListener("input", () => { if (submit) submit.disabled = !username.value || password.value.length < 6; });
