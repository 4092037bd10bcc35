"""The derived days of a profile with its counters, for the JSON interface and the start page. For the web."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection

_DAYS: LiteralString = """
    select day, followers, following, media, gained, lost from public.profile_days
    where profile_id = %s and day between %s and %s order by day
"""
_BEFORE: LiteralString = """
    select followers from public.profile_counts
    where profile_id = %s and captured_at < %s and followers is not null and source <> 'data_download'
    order by captured_at desc limit 1
"""


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day: the counters as last seen on it, and who came and left by complete lists; None is "not known"."""

    day: date
    followers: int | None
    following: int | None
    media: int | None
    gained: int | None
    lost: int | None


def counted_days(conn: WebConnection, profile_id: UUID, first: date, last: date) -> list[CountedDay]:
    """The days of this range that have a row, the oldest first."""
    with conn.cursor(row_factory=class_row(CountedDay)) as cursor:
        return cursor.execute(_DAYS, [profile_id, first, last]).fetchall()


def followers_before(conn: WebConnection, profile_id: UUID, moment: datetime) -> int | None:
    """The platform's own counter as last read before this moment; None before its first reading."""
    row = conn.execute(_BEFORE, [profile_id, moment]).fetchone()
    return None if row is None else int(row["followers"])
