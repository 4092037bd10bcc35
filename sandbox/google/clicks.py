"""The clicks on Google's consent pages, without a browser."""

import re
from collections.abc import Collection

from sandbox.clicks import Fields, Refused, follow

__all__ = ["Refused", "walk"]
_OWN_PATHS = ("/signin/oauth/", "/o/oauth2/")
_FIELD = re.compile(r'name="(account|channel|scope)" value="([^"]+)"')
_FLOW = re.compile(r'name="flow" value="([^"]+)"')


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
    return follow(url, _OWN_PATHS, lambda page: _fields(page, account, channel, scopes, allow))


def _fields(page: str, account: str | None, channel: str | None, scopes: Collection[str] | None, allow: bool) -> Fields:
    shown: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(page):
        shown.setdefault(name, []).append(value)
    flow = _FLOW.search(page)
    fields: Fields = {"flow": flow[1] if flow else ""}
    if "account" in shown:
        return fields | {"account": account or shown["account"][0]}
    if "channel" in shown:
        return fields | {"channel": channel or shown["channel"][0]}
    if "scope" in shown:
        fields["scope"] = [scope for scope in shown["scope"] if scopes is None or scope in scopes]
    yes = "allow" if 'value="allow"' in page else "continue"
    return fields | {"answer": yes if allow else "deny"}
