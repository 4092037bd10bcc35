"""Lifetimes of a story and of its viewer list, and the time of its last reading. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

# A story lives for a day, and its viewers are shown for about two (docs/platforms/instagram.md, IG-7.11, IG-7.12).
LIFE = timedelta(hours=24)
VIEWERS_SHOWN_FOR = timedelta(hours=48)
LAST_CALL = timedelta(minutes=15)


def expiry(posted_at: datetime | None, expires_at: datetime | None) -> datetime | None:
    """The end of a story: the platform's time, else a day after posting; None where neither is known."""
    return expires_at or (posted_at + LIFE if posted_at else None)


def viewers_until(posted_at: datetime | None, expires_at: datetime | None) -> datetime | None:
    """The time until which the platform shows a story's viewers; None without any time of the story."""
    begun = posted_at or (expires_at - LIFE if expires_at else None)
    return begun + VIEWERS_SHOWN_FOR if begun else None


def last_call(expiries: Iterable[datetime | None], observed_at: datetime) -> timedelta | None:
    """The wait after `observed_at` until the next story needs its last reading while it lives; None without one.

    A story that ends within LAST_CALL has had its last reading with this one.
    """
    calls = (one - LAST_CALL - observed_at for one in expiries if one is not None)
    return min((call for call in calls if call > timedelta(0)), default=None)
