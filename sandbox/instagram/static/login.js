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
  if (answer.two_factor_required) {
    sessionStorage.setItem("two_factor_info", JSON.stringify(answer.two_factor_info));
    location.assign("/accounts/login/two_factor?next=%2F");
  } else if (answer.authenticated || answer.checkpoint_url) {
    arrive(answer);
  } else {
    alertWith(reason(answer));
  }
}

form.addEventListener("submit", (event) => { event.preventDefault(); logIn(); });
form.addEventListener("keydown", (event) => { if (event.key === "Enter" && !submit) { event.preventDefault(); logIn(); } });
document.getElementById("login-button")?.addEventListener("click", logIn);
form.addEventListener("input", () => { if (submit) submit.disabled = !username.value || password.value.length < 6; });
