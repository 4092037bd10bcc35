"use strict";

const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(name + "="))?.slice(name.length + 1) ?? "";

const remember = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`; };

const jazoest = (token) => "2" + [...token].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);

async function call(path, fields) {
  const token = cookie("csrftoken");
  const answer = await fetch(path, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-csrftoken": token,
      "x-ig-app-id": document.body.dataset.appId,
      "x-asbd-id": "359341",
      "x-instagram-ajax": document.body.dataset.rollout,
      "x-ig-www-claim": sessionStorage.getItem("www-claim-v2") ?? "0",
      "x-requested-with": "XMLHttpRequest",
    },
    body: new URLSearchParams({ ...fields, jazoest: jazoest(token) }),
  });
  return answer.json();
}

async function graphql(name, variables, docId = "0") {
  const token = cookie("csrftoken");
  const answer = await fetch("/api/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-csrftoken": token,
      "x-ig-app-id": document.body.dataset.appId,
      "x-asbd-id": "359341",
      "x-fb-friendly-name": name,
      "x-requested-with": "XMLHttpRequest",
    },
    body: new URLSearchParams({
      fb_api_caller_class: "RelayModern",
      fb_api_req_friendly_name: name,
      server_timestamps: "true",
      doc_id: docId,
      variables: JSON.stringify(variables),
      jazoest: jazoest(token),
    }),
  });
  return answer.json();
}

function alertWith(text) {
  const box = document.getElementById("alert");
  const line = document.createElement("p");
  line.setAttribute("role", "alert");
  line.textContent = text;
  box.replaceChildren(line);
}

function arrive(answer) {
  if (answer.authenticated) {
    sessionStorage.removeItem("two_factor_info");
    location.assign("/accounts/onetap/?next=%2F");
  } else {
    location.assign(answer.checkpoint_url);
  }
}

for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", () => location.assign(button.dataset.go));
}

function askOnce(dialogId, name, attribute) {
  const dialog = document.getElementById(dialogId);
  if (!dialog) return;
  dialog.hidden = cookie(name) !== "";
  for (const button of dialog.querySelectorAll(`[data-${attribute}]`)) {
    button.addEventListener("click", () => {
      remember(name, "1");
      if (button.dataset.consent) remember("ig_cb", button.dataset.consent);
      dialog.hidden = true;
    });
  }
}

for (const button of document.querySelectorAll("#asked-dialog [data-answer]")) {
  button.addEventListener("click", () => {
    if (button.dataset.consent) {
      remember("ig_nrcb", "1");
      remember("ig_cb", button.dataset.consent);
    }
    document.getElementById("asked-dialog").hidden = true;
  });
}

askOnce("cookie-dialog", "ig_nrcb", "consent");
askOnce("notifications-dialog", "ig_notifications_asked", "notifications");
