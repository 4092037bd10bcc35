"use strict";

document.querySelector("[data-challenge]")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = await call(location.pathname, Object.fromEntries(new FormData(event.target)));
  if (told.type === "CHALLENGE_REDIRECTION") location.assign(told.location);
  else if (told.status === "ok") location.reload();
  else alertWith(told.message);
});
