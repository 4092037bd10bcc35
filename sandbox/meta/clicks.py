"""The clicks on the consent pages of both logins, without a browser."""

import re
from collections.abc import Collection
from html import unescape

from sandbox.clicks import Fields, Refused, follow

__all__ = ["Refused", "walk"]
_OWN_PATHS = ("/oauth/authorize", "/dialog/")
_FIELD = re.compile(r'name="(account|page|scope)" value="([^"]*)"')
_FLOW = re.compile(r'name="flow" value="([^"]+)"')


def walk(
    url: str,
    *,
    account: str | None = None,
    pages: Collection[str] | None = None,
    scopes: Collection[str] | None = None,
    allow: bool = True,
) -> str:
    """Return the address to which the browser is sent back; by default the first account, every Page and scope.

    ``url`` is what the app's button opens; ``account`` is a username, on Facebook a person's name. Raises Refused on
    an error page.
    """
    return follow(url, _OWN_PATHS, lambda page: _fields(page, account, pages, scopes, allow))


def _fields(
    page: str, account: str | None, pages: Collection[str] | None, scopes: Collection[str] | None, allow: bool
) -> Fields:
    shown: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(page):
        shown.setdefault(name, []).append(unescape(value))
    flow = _FLOW.search(page)
    fields: Fields = {"flow": flow[1] if flow else ""}
    if "account" in shown:
        return fields | {"account": account or shown["account"][0]}
    if 'action="/oauth/authorize/pages"' in page:
        return fields | {"page": [one for one in shown.get("page", []) if pages is None or one in pages]}
    ticked = [scope for scope in shown.get("scope", []) if scopes is None or scope in scopes]
    return fields | {"scope": ticked, "answer": "allow" if allow else "deny"}
