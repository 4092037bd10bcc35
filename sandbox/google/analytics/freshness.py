"""Delays: the newest days are not there yet, and those just arrived still grow."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sandbox.world.channel.days import day_of, end
from sandbox.world.channel.figures import Figures

READY = timedelta(hours=48)
SETTLED = timedelta(hours=72)
DAILY = frozenset({"views", "subscribersGained"})
"""Metrics that wait as long as all daily metrics together."""
_LATER = timedelta(hours=60)
_SOONEST = frozenset({"views", "engagedViews", "likes", "comments"})
_COUNTED_YET = 0.97


def last_day(metrics: Iterable[str], now: datetime, lag_days: int) -> date:
    """Return the last day for which all of ``metrics`` are available."""
    wait = max((READY if metric in _SOONEST else _LATER for metric in metrics), default=READY)
    day = day_of(now)
    while end(day) + wait + timedelta(days=lag_days) > now:
        day -= timedelta(days=1)
    return day


def is_settled(day: date, now: datetime, lag_days: int = 0) -> bool:
    """Return whether the figures of a day will not change any more."""
    return end(day) + SETTLED + timedelta(days=lag_days) <= now


def counted_yet(figures: Figures, day: date, now: datetime, lag_days: int) -> Figures:
    """Return what is counted of a day so far."""
    return figures if is_settled(day, now, lag_days) else figures.part(_COUNTED_YET)
