"""A person without a browser who walks through the consent pages, for demos and tests."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

import httpx

_FIELD = re.compile(r'name="(account|channel|scope)" value="([^"]+)"')
_FLOW = re.compile(r'name="flow" value="([^"]+)"')
_MOST_PAGES = 8


class Refused(Exception):
    """The pages ended where they must not; the text is what the page says."""


def walk(
    url: str,
    *,
    account: str | None = None,
    channel: str | None = None,
    scopes: Collection[str] | None = None,
    allow: bool = True,
) -> str:
    """Return the address to which the browser is sent back; by default the first of each, and every scope.

    ``url`` is what the client's button opens. Raises Refused on an error page.
    """
    with httpx.Client() as http:
        answer = http.get(url)
        for _ in range(_MOST_PAGES):
            if answer.is_redirect:
                target = str(answer.next_request.url) if answer.next_request else ""
                if not urlsplit(target).path.startswith(("/signin/oauth/", "/o/oauth2/")):
                    return target
                answer = http.get(target)
                continue
            if answer.status_code != 200:
                raise Refused(re.sub(r"<[^>]+>|\s+", " ", answer.text).strip())
            answer = http.post(str(answer.url), data=_fields(answer.text, account, channel, scopes, allow))
    raise Refused("the pages do not end")


def _fields(
    page: str, account: str | None, channel: str | None, scopes: Collection[str] | None, allow: bool
) -> dict[str, str | list[str]]:
    shown: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(page):
        shown.setdefault(name, []).append(value)
    flow = _FLOW.search(page)
    fields: dict[str, str | list[str]] = {"flow": flow[1] if flow else ""}
    if "account" in shown:
        return fields | {"account": account or shown["account"][0]}
    if "channel" in shown:
        return fields | {"channel": channel or shown["channel"][0]}
    if "scope" in shown:
        fields["scope"] = [scope for scope in shown["scope"] if scopes is None or scope in scopes]
    yes = "allow" if 'value="allow"' in page else "continue"
    return fields | {"answer": yes if allow else "deny"}
