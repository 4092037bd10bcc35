"""The clicks on TikTok's consent pages, without a browser."""

import re
from collections.abc import Collection

from sandbox.clicks import Fields, Refused, follow

__all__ = ["Refused", "walk"]
_OWN_PATHS = ("/v2/auth/authorize/",)
_FIELD = re.compile(r'name="(account|scope)" value="([^"]+)"')
_FLOW = re.compile(r'name="flow" value="([^"]+)"')


def walk(url: str, *, account: str | None = None, scopes: Collection[str] | None = None, allow: bool = True) -> str:
    """Return the address to which the browser is sent back; by default the first person and every scope.

    ``url`` is what the app's button opens. Raises Refused on an error page.
    """
    return follow(url, _OWN_PATHS, lambda page: _fields(page, account, scopes, allow))


def _fields(page: str, account: str | None, scopes: Collection[str] | None, allow: bool) -> Fields:
    shown: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(page):
        shown.setdefault(name, []).append(value)
    flow = _FLOW.search(page)
    fields: Fields = {"flow": flow[1] if flow else ""}
    if "account" in shown:
        return fields | {"account": account or shown["account"][0]}
    ticked = [scope for scope in shown.get("scope", []) if scopes is None or scope in scopes]
    return fields | {"scope": ticked, "answer": "allow" if allow else "deny"}
