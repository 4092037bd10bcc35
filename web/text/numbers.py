"""Formats numbers, rates and the precision of moments for the data pages; `web.text.values` has plain ones."""

from __future__ import annotations

from datetime import date, datetime

from shared.domain import zones
from web.text.values import NOT_KNOWN, number
from web.translation import _, month

MINUS = "−"


def with_sign(value: int | None) -> str:
    """12 -> "+12", -3 -> "−3", 0 -> "0"; None -> "n/a"."""
    if value is None:
        return _(NOT_KNOWN)
    return f"+{number(value)}" if value > 0 else number(value).replace("-", MINUS)


def percent(value: float | None) -> str:
    """A rate per hundred: 3.4167 -> "3.42 %", 41.5 -> "41.5 %"; None -> "n/a"."""
    if value is None:
        return _(NOT_KNOWN)
    return f"{value:.{1 if abs(value) >= 10 else 2}f} %".replace("-", MINUS)


def growth_rate(start: int | None, end: int | None) -> float | None:
    """(end − start) / start per hundred; None where either is unknown or the start is 0."""
    return None if not start or end is None else 100 * (end - start) / start


def plain_day(day: date) -> str:
    """ "20 Nov 2026"."""
    return f"{day.day} {month(day)} {day:%Y}"


def evidence_words(at: datetime | None, after: datetime | None, known: str | None, timezone: str) -> str:
    """The precision of a moment: "3–4 Mar 2026", "before the first sync", "4 Mar 2026, 14:05"."""
    if at is None or known is None:
        return _(NOT_KNOWN)
    if known == "before":
        return _("before the first sync")
    there = at.astimezone(zones.zone(timezone))
    if known == "exact":
        return f"{plain_day(there)}, {there:%H:%M}"
    if after is None:
        return _("by %(day)s", day=plain_day(there))
    return _between(after.astimezone(there.tzinfo), there)


def _between(first: datetime, last: datetime) -> str:
    if first.date() == last.date():
        return f"{plain_day(last)}, {first:%H:%M}–{last:%H:%M}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{plain_day(last)}"
    beginning = f"{first.day} {month(first)}" if first.year == last.year else plain_day(first)
    return f"{beginning} – {plain_day(last)}"
