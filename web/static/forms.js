// A form is sent once: its button is disabled until the next page is there, also when that page comes back from the cache.
export function setUpForms() {
  focusFirstFault();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    const button = event.submitter;
    if (button) setTimeout(() => (button.disabled = true));
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
  });
}

// After a form came back with faults the person goes on at the first of them. Says whether there was one.
export function focusFirstFault() {
  const field = document.querySelector("main [aria-invalid=true]");
  field?.focus();
  return Boolean(field);
}
