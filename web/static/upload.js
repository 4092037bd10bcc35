import { focusFirstFault } from "./forms.js";

// A large file is on its way for a while: show how far it is. Without this script the form is sent as any other.
function fault(words) {
  const note = document.createElement("div");
  note.className = "notice notice-danger";
  note.setAttribute("role", "alert");
  note.textContent = words;
  return note;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  const panel = form.querySelector("[data-sending]");
  const bar = panel.querySelector("[data-part=bar]");
  const text = panel.querySelector("[data-part=sent]");
  const sending = new XMLHttpRequest();
  sending.upload.addEventListener("progress", ({ loaded, total }) => {
    const percent = total ? Math.floor((loaded * 100) / total) : 0;
    bar.value = percent;
    text.textContent = percent < 100 ? text.dataset.words.replace("{percent}", percent) : text.dataset.wordsSaving;
  });
  sending.addEventListener("load", () => {
    if (sending.status === 200 && new URL(sending.responseURL).pathname !== location.pathname) {
      location.assign(sending.responseURL);
      return;
    }
    // The form again, with what is wrong marked in it.
    const page = new DOMParser().parseFromString(sending.responseText, "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    if (!focusFirstFault()) document.querySelector("main").focus();
  });
  sending.addEventListener("error", () => {
    button.disabled = false;
    panel.hidden = true;
    form.before(fault(form.dataset.wordsFailed));
  });
  panel.hidden = false;
  button.disabled = true;
  sending.open("POST", form.action);
  sending.send(new FormData(form));
});
