"""Days of Pacific time, by which the platform counts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def day_of(moment: datetime) -> date:
    """Return the Pacific day of an aware moment."""
    return moment.astimezone(PACIFIC).date()


@lru_cache(maxsize=4096)
def begin(day: date) -> datetime:
    """Return the moment at which ``day`` begins, in UTC."""
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC)


def end(day: date) -> datetime:
    """Return the moment at which ``day`` is over, in UTC."""
    return begin(day + _DAY)


def elapsed(day: date, now: datetime, since: datetime | None = None) -> float:
    """Return the share of ``day`` that is over at ``now``, from 0 to 1; ``since`` is a later beginning."""
    start = begin(day) if since is None else max(begin(day), since)
    return min(max((now - start) / (end(day) - start), 0.0), 1.0)


def span(first: date, last: date) -> Iterator[date]:
    """Yield the days from ``first`` to ``last``, both included."""
    for ahead in range((last - first).days + 1):
        yield first + ahead * _DAY
