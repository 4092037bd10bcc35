"""How long a story lives, how long its viewers can be read, and when to read it for the last time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

# A story lives for a day, and its viewers are shown for about two (docs/platforms/instagram.md, IG-7.11, IG-7.12).
LIFE = timedelta(hours=24)
VIEWERS_SHOWN_FOR = timedelta(hours=48)
LAST_CALL = timedelta(minutes=15)


def expiry(posted_at: datetime | None, expires_at: datetime | None) -> datetime | None:
    """When a story ends: as the platform says, else a day after it was posted; None where neither is known."""
    return expires_at or (posted_at + LIFE if posted_at else None)


def viewers_until(posted_at: datetime | None, expires_at: datetime | None) -> datetime | None:
    """Until when the platform shows who viewed a story; None where no time of it is known."""
    begun = posted_at or (expires_at - LIFE if expires_at else None)
    return begun + VIEWERS_SHOWN_FOR if begun else None


def last_call(expiries: Iterable[datetime | None], observed_at: datetime) -> timedelta | None:
    """How long after `observed_at` the next story is to be read for the last time while it lives; None if none is.

    A story that ends within LAST_CALL has been read for the last time by this reading.
    """
    calls = (one - LAST_CALL - observed_at for one in expiries if one is not None)
    return min((call for call in calls if call > timedelta(0)), default=None)
