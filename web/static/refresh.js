// Takes the part of this page that may change anew from the server.
export async function refresh() {
  const place = document.querySelector("[data-refresh]");
  if (!place) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...page.querySelector("[data-refresh]").childNodes);
}
