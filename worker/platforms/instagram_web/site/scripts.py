"""Scripts that run inside a page of the site: requests by `fetch`, with the headers of its own script (IG-1.8)."""

from __future__ import annotations

RawAnswer = tuple[int, str, dict[str, str], str | None]
"""Status, body, headers that count, and where it was redirected to, if it was."""
Link = tuple[str | None, RawAnswer | None]
"""A list's cursor and the answer at it; None where none came."""
Chain = tuple[list[Link], str | None]
"""Links in order, and the cursor behind the last; None where the list ends or the answer has to be judged first."""

_ASK = """const ask = async (path, referrer, form, claim, appId, asbdId, patience, more) => {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]*)/);
  const headers = {
    "X-IG-App-ID": appId, "X-ASBD-ID": asbdId, "X-IG-WWW-Claim": claim,
    "X-Requested-With": "XMLHttpRequest", "X-CSRFToken": token ? token[1] : "",
    ...(more ?? {}),
  };
  const signal = AbortSignal.timeout(patience);
  const options = { headers, referrer, credentials: "same-origin", cache: "no-store", signal };
  if (form) { options.method = "POST"; options.body = new URLSearchParams(form); }
  try {
    const answer = await fetch(path, options);
    const told = {};
    for (const name of ["date", "retry-after", "x-ig-set-www-claim"]) {
      const value = answer.headers.get(name);
      if (value !== null) told[name] = value;
    }
    return [answer.status, await answer.text(), told, answer.redirected ? answer.url : null];
  } catch (error) {
    return null;
  }
};"""

ASK = f"async (asked) => {{ {_ASK} return ask(...asked); }}"
"""One question; gives a RawAnswer, or null when no answer came."""

ASK_CHAIN = f"""async ([path, referrer, form, claim, appId, asbdId, patience, cursor, pages]) => {{
  {_ASK}
  const links = [];
  for (;;) {{
    const at = cursor === null ? path : path + "&max_id=" + encodeURIComponent(cursor);
    const told = await ask(at, referrer, form, claim, appId, asbdId, patience);
    links.push([cursor, told]);
    if (!told || told[0] !== 200 || told[3] !== null) return [links, null];
    claim = told[2]["x-ig-set-www-claim"] ?? claim;
    let next;
    try {{ next = JSON.parse(told[1]).next_max_id; }} catch (error) {{ return [links, null]; }}
    if (!next || next === "0" || String(next) === cursor) return [links, null];
    cursor = String(next);
    if (links.length === pages) return [links, cursor];
  }}
}}"""
"""A list from a cursor on, so many pages at most; gives Chain."""
