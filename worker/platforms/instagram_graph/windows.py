"""The windows of time to ask for: whole days of the platform, as its clock counts them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.insights import Days
from shared.platforms.meta import DAY_ZONE

_DAY = timedelta(days=1)
# A window may have 30 days of 24 hours, and a day on which the clocks go back has 25.
LONGEST = 28
# Account figures are taken to be kept as long as those of media.
KEPT = timedelta(days=730)
_HALF_A_DAY = timedelta(hours=12)


def days_until(now: datetime) -> Days:
    """The days for which there may be figures: the last two years, up to the day that has ended."""
    last = now.astimezone(ZoneInfo(DAY_ZONE)).date() - _DAY
    return Days(last - KEPT + _DAY, last)


def parts(days: Days) -> Iterator[Days]:
    """The range in windows that one call may have, the newest first."""
    last = days.last
    while last >= days.first:
        first = max(days.first, last - timedelta(days=LONGEST - 1))
        yield Days(first, last)
        last = first - _DAY


def each(days: Days) -> Iterator[Days]:
    """Each day of the range, the newest first."""
    return (Days(one, one) for one in (days.last - timedelta(days=n) for n in range(len(days))))


def query(days: Days, now: datetime) -> dict[str, str]:
    """`since` and `until` of whole days, not beyond now: the platform refuses what has not begun."""
    since, until = _midnight(days.first), _midnight(days.last + _DAY)
    return {"since": str(int(since.timestamp())), "until": str(int(min(until, now).timestamp()))}


def day_before(end: datetime) -> date:
    """The day that ends at this time; where the clocks change, the platform may be an hour off."""
    return (end - _HALF_A_DAY).astimezone(ZoneInfo(DAY_ZONE)).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(DAY_ZONE))
