"""Reads cookie files of a person's own browser: Netscape's `cookies.txt`, and the JSON of extensions and Playwright.

Extensions come in two families: those with the names of the browsers' own interface (`name`, `domain`, ...), and
Firefox's Cookie Quick Manager (`Name raw`, `Host raw`, ...).

Only the cookies of one site are kept; the others are dropped at once. No error repeats any part of a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from shared.domain.input.cookie_text import text_of
from shared.errors import InputError
from shared.messages import Message

LARGEST_BYTES = 1_000_000
# The widest encoding takes four bytes for one character.
LARGEST_FILE = 4 * LARGEST_BYTES
SESSION = "sessionid"
_MOST_KEPT = 100
_LONGEST = 4096
_HTTP_ONLY = re.compile(r"#HttpOnly_", re.I)
_LINE_END = re.compile(r"[\r\n]+")
# Marks that an editor or a chat leaves around a line; `strip` alone removes only blanks.
_AROUND = re.compile(r"^[\s\ufeff\u200b\u200e\u200f]+|[\s\ufeff\u200b\u200e\u200f]+$")
_FIELDS = 7
# Above this an expiry counts milliseconds: in seconds it would be more than a thousand years ahead.
_MILLISECONDS = 1e11
_QUICK_HOST = "Host raw"
_SAME_SITE = {"no_restriction": "None", "none": "None", "lax": "Lax", "strict": "Strict"}
_TOO_LARGE = Message("This is too large for a cookie file.")
_SITE_ONLY = Message("Export the cookies of Instagram only.")
_EXPORT_AGAIN = Message("Open Instagram in that browser, see that you are logged in, and export its cookies again.")


@dataclass(frozen=True, slots=True)
class SiteCookie:
    """One cookie; `expires` in seconds since 1970, -1 for one that lives as long as its browser."""

    name: str
    value: str = field(repr=False)
    domain: str
    path: str = "/"
    expires: float = -1
    http_only: bool = False
    secure: bool = False
    same_site: str = "Lax"
    store: str = field(default="", repr=False)
    """Which of the browser's jars it lay in (a container, a private window), where the file tells."""

    def to_json(self) -> dict[str, Any]:
        """The cookie as Playwright's storage state writes it."""
        return {
            "name": self.name,
            "value": self.value,
            "domain": self.domain,
            "path": self.path,
            "expires": self.expires,
            "httpOnly": self.http_only,
            "secure": self.secure,
            "sameSite": self.same_site,
        }


def cookies_in(raw: bytes, host: str, now: datetime) -> tuple[SiteCookie, ...]:
    """`cookies_of` from a file's bytes in any encoding."""
    if len(raw) > LARGEST_FILE:
        raise InputError(_TOO_LARGE, next_step=_SITE_ONLY)
    return cookies_of(text_of(raw), host, now)


def cookies_of(text: str, host: str, now: datetime) -> tuple[SiteCookie, ...]:
    """The cookies in a file that a browser would send to `host`, its session among them; one of each name.

    Of several cookies of one name the one that is valid longest counts: a browser may still list an old session.

    Raises InputError, with a sentence for each fault: empty, too large, no cookie file, none of this site, no session,
    sessions of several jars, an expired session.
    """
    if len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
        raise InputError(_TOO_LARGE, next_step=_SITE_ONLY)
    text = _bare(text)
    if not text:
        raise InputError(Message("The cookie file is empty."), next_step=_EXPORT_AGAIN)
    found = _from_json(text) if text[0] in "[{" else _from_netscape(text)
    sites = [cookie for cookie in found if _is_for(cookie.domain, host) and _is_sendable(cookie)]
    kept = _best_of_each_name(_of_one_store(sites, now), now)
    if not kept:
        raise InputError(Message("There is no cookie of %(host)s in this file.", host=host), next_step=_EXPORT_AGAIN)
    session = kept.get(SESSION)
    if session is None:
        raise InputError(
            Message("There is no session in this file: the cookie `sessionid` is missing."),
            next_step=Message(
                "Some exports leave out cookies marked HttpOnly; include them. "
                "Open Instagram in that browser, see that you are logged in, and export its cookies again."
            ),
        )
    _require_live(session, now)
    return tuple(sorted(kept.values(), key=lambda cookie: cookie.name != SESSION)[:_MOST_KEPT])


def _best_of_each_name(cookies: list[SiteCookie], now: datetime) -> dict[str, SiteCookie]:
    """Chooses one cookie per name: valid with a date, then undated, then expired; of equals the later in the file."""
    best: dict[str, SiteCookie] = {}
    for cookie in cookies:
        other = best.get(cookie.name)
        if other is None or _rank(cookie, now) >= _rank(other, now):
            best[cookie.name] = cookie
    return best


def _rank(cookie: SiteCookie, now: datetime) -> tuple[bool, float]:
    return not _is_over(cookie, now), cookie.expires


def _is_over(cookie: SiteCookie, now: datetime) -> bool:
    return 0 < cookie.expires <= now.timestamp()


def _of_one_store(cookies: list[SiteCookie], now: datetime) -> list[SiteCookie]:
    """The cookies of the jar that holds the session; another jar may belong to another account.

    An expired session counts only where there is no other.
    """
    sessions = [cookie for cookie in cookies if cookie.name == SESSION]
    stores = {cookie.store for cookie in [one for one in sessions if not _is_over(one, now)] or sessions}
    if len(stores) > 1:
        raise InputError(
            Message("This file holds the sessions of several containers or windows of the browser."),
            next_step=Message(
                "Export the cookies of one of them only: the one where you are logged in as this account."
            ),
        )
    return [cookie for cookie in cookies if not stores or cookie.store in ("", *stores)]


def _require_live(session: SiteCookie, now: datetime) -> None:
    if _is_over(session, now):
        ended = datetime.fromtimestamp(session.expires, UTC)
        raise InputError(
            Message("The session in this file ended on %(day)s.", day=format(ended, "%d %B %Y")),
            next_step=_EXPORT_AGAIN,
        )


def _from_json(text: str) -> Iterator[SiteCookie]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(
            Message("This begins like JSON, but it is cut off or damaged."), next_step=_EXPORT_AGAIN
        ) from None
    rows = data.get("cookies") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(Message("This JSON is not a list of cookies."), next_step=_EXPORT_AGAIN)
    return _readable(_renamed(row) if _QUICK_HOST in row else row for row in rows)


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    """A row of Firefox's Cookie Quick Manager under the names of the other extensions.

    Its host is an address, `https://.instagram.com/`; only the dot says whether subdomains count, because `This domain
    only raw` means the opposite in its older versions.
    """
    return {
        "name": row.get("Name raw"),
        "value": row.get("Content raw"),
        "domain": _host_of(row[_QUICK_HOST]),
        "path": row.get("Path raw"),
        "expires": row.get("Expires raw"),
        "httpOnly": row.get("HTTP only raw") in ("true", True),
        "secure": row.get("Send for raw") in ("true", True),
        "sameSite": row.get("SameSite raw"),
        "storeId": row.get("Store raw"),
    }


def _host_of(value: object) -> str | None:
    try:
        return urlsplit(value).hostname if isinstance(value, str) else None
    except ValueError:
        return None


def _readable(rows: Iterable[dict[str, Any]]) -> Iterator[SiteCookie]:
    for row in rows:
        name, value, domain = row.get("name"), row.get("value"), row.get("domain")
        if not (isinstance(name, str) and isinstance(value, str) and isinstance(domain, str)):
            continue
        domain = _bare(domain)
        if row.get("hostOnly") is False and not domain.startswith("."):
            domain = f".{domain}"
        secure = row.get("secure") is True
        yield SiteCookie(
            _bare(name),
            _bare(value),
            domain,
            path=row["path"] if isinstance(row.get("path"), str) else "/",
            expires=_expiry(row.get("expirationDate", row.get("expires"))),
            http_only=row.get("httpOnly") is True,
            secure=secure,
            same_site=_same_site(row.get("sameSite"), secure),
            store=row["storeId"] if isinstance(row.get("storeId"), str) else "",
        )


def _from_netscape(text: str) -> Iterator[SiteCookie]:
    """Parses lines of domain, subdomain flag, path, secure, expiry, name, value; tabs may have become spaces."""
    rows = [fields for line in _LINE_END.split(text) if (fields := _fields(line)) is not None]
    if not rows:
        raise InputError(
            Message("This is not a cookie file that Rollcall knows."),
            next_step=Message("Export in the Netscape form (cookies.txt) or as JSON."),
        )
    for domain, _, path, secure, expires, name, value in rows:
        yield SiteCookie(
            name,
            value,
            _HTTP_ONLY.sub("", domain, count=1),
            path=path,
            expires=_expiry(expires),
            http_only=_HTTP_ONLY.match(domain) is not None,
            secure=secure.upper() == "TRUE",
        )


def _fields(line: str) -> list[str] | None:
    line = _bare(line)
    if not line or (line.startswith("#") and not _HTTP_ONLY.match(line)):
        return None
    fields = [_bare(field) for field in line.split("\t")] if "\t" in line else line.split()
    if len(fields) == _FIELDS - 1:
        fields.append("")
    return fields if len(fields) == _FIELDS and fields[1].upper() in ("TRUE", "FALSE") else None


def _bare(text: str) -> str:
    """The text without blanks and invisible marks at its ends."""
    return _AROUND.sub("", text)


def _expiry(value: object) -> float:
    """Seconds since 1970; -1 for none, for 0, and for a value that is no time."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        return -1
    if not 0 < seconds < _MILLISECONDS * 1000:
        return -1
    return seconds / 1000 if seconds > _MILLISECONDS else seconds


def _same_site(value: object, secure: bool) -> str:
    known = _SAME_SITE.get(value.lower(), "Lax") if isinstance(value, str) else "Lax"
    # Browsers refuse a cookie for every site over an unencrypted connection.
    return "Lax" if known == "None" and not secure else known


def _is_for(domain: str, host: str) -> bool:
    """Whether a browser sends a cookie of this domain to the host (RFC 6265, 5.1.3); never for a public suffix."""
    bare, host = domain.lower().removeprefix("."), host.lower()
    return bare == host or ("." in bare and host.endswith(f".{bare}"))


def _is_sendable(cookie: SiteCookie) -> bool:
    """Whether the cookie can stand in a Cookie header at all."""
    whole = cookie.name + cookie.value
    plain = all(32 < ord(sign) < 127 and sign not in ";," for sign in cookie.name) and all(
        31 < ord(sign) < 127 and sign != ";" for sign in cookie.value
    )
    return bool(cookie.name and cookie.value) and plain and "=" not in cookie.name and len(whole) <= _LONGEST
