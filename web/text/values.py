"""Formats figures and times for people, in templates and in the JSON that pages poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.domain import zones
from shared.messages import Message, plural
from web.translation import _, month, ngettext

NOT_KNOWN = Message("n/a")
_SECOND = plural("%(num)s second", "%(num)s seconds")
_UNITS = (
    (plural("%(num)s day", "%(num)s days"), 86400),
    (plural("%(num)s hour", "%(num)s hours"), 3600),
    (plural("%(num)s minute", "%(num)s minutes"), 60),
)

# The first match counts: Chrome names Safari, and Edge and Opera name Chrome.
_BROWSERS = (
    ("Firefox/", "Firefox"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("HeadlessChrome/", "Headless Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def iso(moment: datetime | None) -> str | None:
    """A time for the JSON interface: ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat() if moment else None


def number(value: int | float | None) -> str:
    """1250 -> "1,250"; None -> "n/a", because missing is not zero."""
    if value is None:
        return _(NOT_KNOWN)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def span(length: timedelta) -> str:
    """The length in its largest unit, rounded: "45 seconds", "14 minutes", "3 hours", "2 days"."""
    seconds = max(round(length.total_seconds()), 0)
    for unit, size in _UNITS:
        if seconds >= size * 1.5:
            return ngettext(*unit, round(seconds / size))
    return ngettext(*_SECOND, seconds)


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """Such as "3 minutes ago", "in 2 hours", "just now"; None -> "never"."""
    if moment is None:
        return _("never")
    passed = (now or datetime.now(UTC)) - moment
    if abs(passed) < timedelta(seconds=10):
        return _("just now")
    if passed > timedelta(0):
        return _("%(length)s ago", length=span(passed))
    return _("in %(length)s", length=span(-passed))


def clock(moment: datetime | None, timezone: str = "UTC") -> str:
    """Such as "20 Nov 2026, 19:52" in the time zone, with its short name; None -> "n/a"."""
    if moment is None:
        return _(NOT_KNOWN)
    local = moment.astimezone(zones.zone(timezone))
    return f"{local.day} {month(local)} {local:%Y, %H:%M} {local.tzname()}"


def day(moment: datetime | None, timezone: str = "UTC") -> str:
    """Such as "20 Nov 2026" in the time zone; None -> "n/a"."""
    if moment is None:
        return _(NOT_KNOWN)
    local = moment.astimezone(zones.zone(timezone))
    return f"{local.day} {month(local)} {local:%Y}"


def browser(user_agent: str | None) -> str:
    """Such as "Firefox on Linux", from a User-Agent header; an unknown one is returned as it is."""
    agent = user_agent or ""
    name = next((shown for sign, shown in _BROWSERS if sign in agent), None)
    system = next((shown for sign, shown in _SYSTEMS if sign in agent), None)
    if name is None:
        return agent[:60] or _("Unknown")
    return _("%(browser)s on %(system)s", browser=name, system=system) if system else name


def size(amount: int | None) -> str:
    """Such as "340 bytes", "12 kB", "1.4 MB"; None -> "0 bytes"."""
    amount = amount or 0
    if amount < 1000:
        return _("%(number)s bytes", number=amount)
    return f"{amount / 1000:.0f} kB" if amount < 1_000_000 else f"{amount / 1_000_000:.1f} MB"


def now() -> datetime:
    """Returns the moment, in UTC."""
    return datetime.now(UTC)
