"""Instagram's cookies: those by which it knows a device, and those that name the account."""

from __future__ import annotations

from urllib.parse import unquote

from worker.browser.session import BrowserSession

DEVICE_COOKIES = frozenset({"mid", "ig_did", "datr", "ig_nrcb"})
"""They outlive a login (docs/platforms/instagram.md, IG-1.2)."""


def account_id(session: BrowserSession) -> str | None:
    """The id of the logged-in account: `ds_user_id`, else the first part of `sessionid` (IG-1.4)."""
    number = session.cookie("ds_user_id") or unquote(session.cookie("sessionid") or "").partition(":")[0]
    return number if number.isdecimal() else None
