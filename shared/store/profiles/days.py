"""Derived days: their stored inputs and their rows. For the worker; pages only read the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from json import dumps
from typing import LiteralString
from uuid import UUID

from shared.db.pools import Row, WorkerConnection
from shared.db.statements import statements
from shared.domain import zones
from shared.domain.days import day_of, day_start
from shared.store import publishing

FORMULA_VERSION = 1
# A walk may be published up to a day after its last page, so the days just before the newest are computed again.
_REACH_BACK = timedelta(days=2)

_NEWEST: LiteralString = """
    select max(day) as day, bool_or(timezone <> %s or formula_version <> %s) as outdated
    from public.profile_days where user_id = %s and profile_id = %s
"""
# Counts of a post belong to the day of posting, and a person whose loss was confirmed by a second whole list
# was lost on the day of the whole list before it.
_EARLIEST: LiteralString = """
    select least(
        %(since)s::timestamptz,
        (
            select min(m.posted_at) from public.media_metrics c join public.media m on m.id = c.media_id
            where c.user_id = %(user_id)s and c.profile_id = %(profile_id)s and c.captured_at >= %(since)s
        ),
        (
            select max(observed_end) from public.list_runs
            where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = 'follower'
                and verdict = 'whole' and observed_end < %(since)s
        )
    ) as earliest
"""
_RUNS: LiteralString = """
    select * from (
        select observed_end as at, direction, verdict, coalesce(reported_after, reported_before) as reported,
            coalesce(bool_or(verdict = 'whole') over (
                partition by direction order by observed_end, ended_at rows between unbounded preceding and 1 preceding
            ), false) as compared
        from public.list_runs
        where user_id = %(user_id)s and profile_id = %(profile_id)s and state = 'PUBLISHED' and observed_end is not null
    ) published
    where at >= coalesce(%(since)s, '-infinity'::timestamptz)
"""

with statements(__file__) as named:
    _CHANGES = named("changes")
    _WRITE = named("write")

_COUNTS: LiteralString = """
    select captured_at as at, followers, following, media from public.profile_counts
    where user_id = %(user_id)s and profile_id = %(profile_id)s
        and captured_at >= coalesce(%(since)s, '-infinity'::timestamptz)
"""
_MEDIA: LiteralString = """
    select posted_at as at, likes, comments, plays, er_formula, er_numerator, er_denominator from public.media
    where user_id = %(user_id)s and profile_id = %(profile_id)s and kind <> 'story'
        and posted_at >= coalesce(%(since)s, '-infinity'::timestamptz)
"""
_CLEAR: LiteralString = """
    delete from public.profile_days
    where user_id = %(user_id)s and profile_id = %(profile_id)s and day >= coalesce(%(from_day)s, '-infinity'::date)
        and not day = any(%(days)s)
"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The stored rows that days are made of; each has its moment under `at`.

    runs: direction, verdict, reported (the list's count), compared (whether a whole run came before it).
    changes: gained, returned, lost, renamed. counts: followers, following, media.
    media: likes, comments, plays, er_formula, er_numerator, er_denominator.
    """

    runs: list[Row]
    changes: list[Row]
    counts: list[Row]
    media: list[Row]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day of a profile as `profile_days` stores it; None is "not known" (docs/metrics.md)."""

    day: date
    followers: int | None
    following: int | None
    media: int | None
    gained: int | None
    lost: int | None
    returned: int | None
    renamed: int | None
    posts: int
    likes: int | None
    comments: int | None
    plays: int | None
    er_numerator: int | None
    er_denominator: int | None
    er_posts: int
    er_formulas: list[str]
    whole_runs: int
    partial_runs: int


async def hold(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> bool:
    """Blocks the publication of lists and media until the transaction ends; False if the profile is gone."""
    return await publishing.begin(conn, user_id, profile_id)


async def first_day_to_derive(conn: WorkerConnection, user_id: UUID, profile_id: UUID, timezone: str) -> date | None:
    """The earliest day that changed since the last derivation; None means every day.

    Every day is due before the first derivation, and after a change of the time zone or the formulas.
    """
    newest = await (await conn.execute(_NEWEST, [timezone, FORMULA_VERSION, user_id, profile_id])).fetchone()
    if newest is None or newest["day"] is None or newest["outdated"]:
        return None
    since = day_start(newest["day"] - _REACH_BACK, zones.zone(timezone))
    given = {"user_id": user_id, "profile_id": profile_id, "since": since}
    found = await (await conn.execute(_EARLIEST, given)).fetchone()
    return day_of(found["earliest"] if found else since, zones.zone(timezone))


async def load(conn: WorkerConnection, user_id: UUID, profile_id: UUID, since: datetime | None) -> Inputs:
    """The rows from `since` on, or all of them."""
    given = {"user_id": user_id, "profile_id": profile_id, "since": since}
    return Inputs(
        runs=await (await conn.execute(_RUNS, given)).fetchall(),
        changes=await (await conn.execute(_CHANGES, given)).fetchall(),
        counts=await (await conn.execute(_COUNTS, given)).fetchall(),
        media=await (await conn.execute(_MEDIA, given)).fetchall(),
    )


async def save(
    conn: WorkerConnection,
    user_id: UUID,
    profile_id: UUID,
    timezone: str,
    from_day: date | None,
    figures: Sequence[DayFigures],
) -> int:
    """Replaces the days from `from_day` on (None: all) by these and returns the number of changed rows."""
    rows = [{**asdict(one), "day": one.day.isoformat()} for one in figures]
    given = {"user_id": user_id, "profile_id": profile_id, "timezone": timezone, "version": FORMULA_VERSION}
    cleared = await conn.execute(_CLEAR, {**given, "from_day": from_day, "days": [one.day for one in figures]})
    written = await conn.execute(_WRITE, {**given, "rows": dumps(rows)})
    return cleared.rowcount + written.rowcount
