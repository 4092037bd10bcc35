"""Formats figures and times for people, in templates and in the JSON that pages poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask

from shared.domain import zones

NOT_KNOWN = "n/a"
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))

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


def number(value: int | float | None) -> str:
    """1250 -> "1,250"; None -> "n/a", because missing is not zero."""
    if value is None:
        return NOT_KNOWN
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def counted(value: int, one: str, many: str | None = None) -> str:
    """(1, "follower") -> "1 follower"; (2, "follower") -> "2 followers"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def span(length: timedelta) -> str:
    """The length in its largest unit, rounded: "45 seconds", "14 minutes", "3 hours", "2 days"."""
    seconds = max(round(length.total_seconds()), 0)
    for unit, size in _UNITS:
        if seconds >= size * (1 if unit == "second" else 1.5) or unit == "second":
            return counted(round(seconds / size), unit)
    raise AssertionError("seconds always fit")


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """Such as "3 minutes ago", "in 2 hours", "just now"; None -> "never"."""
    if moment is None:
        return "never"
    passed = (now or datetime.now(UTC)) - moment
    if abs(passed) < timedelta(seconds=10):
        return "just now"
    return f"{span(passed)} ago" if passed > timedelta(0) else f"in {span(-passed)}"


def clock(moment: datetime | None, timezone: str = "UTC") -> str:
    """Such as "20 Nov 2026, 19:52" in the time zone, with its short name; None -> "n/a"."""
    if moment is None:
        return NOT_KNOWN
    local = moment.astimezone(zones.zone(timezone))
    return f"{local.day} {local:%b %Y, %H:%M} {local.tzname()}"


def day(moment: datetime | None, timezone: str = "UTC") -> str:
    """Such as "20 Nov 2026" in the time zone; None -> "n/a"."""
    if moment is None:
        return NOT_KNOWN
    local = moment.astimezone(zones.zone(timezone))
    return f"{local.day} {local:%b %Y}"


def browser(user_agent: str | None) -> str:
    """Such as "Firefox on Linux", from a User-Agent header; an unknown one is returned as it is."""
    agent = user_agent or ""
    name = next((shown for sign, shown in _BROWSERS if sign in agent), None)
    system = next((shown for sign, shown in _SYSTEMS if sign in agent), None)
    if name is None:
        return agent[:60] or "Unknown"
    return f"{name} on {system}" if system else name


def size(amount: int | None) -> str:
    """Such as "340 bytes", "12 kB", "1.4 MB"; None -> "0 bytes"."""
    amount = amount or 0
    if amount < 1000:
        return f"{amount} bytes"
    return f"{amount / 1000:.0f} kB" if amount < 1_000_000 else f"{amount / 1_000_000:.1f} MB"


def add_to_templates(app: Flask) -> None:
    """Gives templates these functions as filters, and `now()`."""
    for function in (number, counted, span, ago, clock, day, browser, size):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals["now"] = lambda: datetime.now(UTC)
