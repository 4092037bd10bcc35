// What the windows of this site tell each other about a consent: which job it led to, how that ended, or why there is
// none. Nothing depends on whether a window that was opened is still there.
const NAME = "rollcall-consent";
const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;

export const tell = (message) => channel?.postMessage(message);

export function listen(heard) {
  channel?.addEventListener("message", (event) => heard(event.data));
}

// A window may close itself where a page of this site opened it, and where its history did not break that.
export function offerToClose(scope) {
  for (const button of scope.querySelectorAll("[data-close]")) {
    button.hidden = !window.opener;
    button.addEventListener("click", () => window.close());
  }
}
