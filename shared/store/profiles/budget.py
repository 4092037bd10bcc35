"""The request budget of a connection: one row from which every worker takes its turns, kept over restarts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.db.statements import statements
from shared.domain import plan
from shared.domain.plan import Limits, PageSizes, Size
from shared.platforms.platform import Platform
from shared.settings import Settings

_TAKE: LiteralString = """
    select granted, wait, until, day_over from rollcall.take_turn(%(user_id)s, %(connection_id)s, %(pause)s,
        %(per_day)s::integer, %(kept)s::integer, %(per_window)s::integer, %(window)s, %(refusable)s,
        %(now)s::timestamptz)
"""
_SPENT: LiteralString = """
    select per_day, case when day_ends > now() then day_spent else 0 end as spent,
        case when day_ends > now() then day_ends end as ends
    from public.request_budget where profile_id = %s and per_day > 0 order by updated_at desc limit 1
"""
_LEFT: LiteralString = """
    select greatest(per_day - case when day_ends > now() then day_spent else 0 end, 0) as remaining
    from public.request_budget where user_id = %s and connection_id = %s and per_day > 0
"""

with statements(__file__) as named:
    _NEEDED = named("needed")


@dataclass(frozen=True, slots=True)
class Turn:
    """Granted: the request may be made after `wait` seconds. Refused: there is budget at `until`, in `wait` seconds.

    `day_over`: the day's limit refused.
    """

    granted: bool
    wait: float
    until: datetime
    day_over: bool


@dataclass(frozen=True, slots=True)
class Today:
    """The profile's requests in the running day, out of `per_day`; `ends` is None while no day runs."""

    per_day: int
    spent: int
    ends: datetime | None


def limits(settings: Settings, platform: Platform) -> Limits:
    """Pace and budget as they are set, with the platform's page sizes and window; none where nothing is paced."""
    if not platform.is_paced:
        return Limits(timedelta(0), timedelta(0), 0, platform.page_sizes, platform.window)
    return Limits(settings.pace, settings.pace_jitter, settings.requests_per_day, platform.page_sizes, platform.window)


async def take(
    conn: WorkerConnection,
    user_id: UUID,
    connection_id: UUID,
    within: Limits,
    pause: timedelta,
    *,
    kept: int = 0,
    refusable: bool = True,
    now: datetime | None = None,
) -> Turn:
    """Takes the next turn, and the turn behind it follows after `pause`; `kept` requests of the day stay untouched.

    A turn that is not `refusable` is only counted and paced. `now` stands in for the database's clock.
    """
    given = {
        "user_id": user_id,
        "connection_id": connection_id,
        "pause": pause,
        "per_day": within.per_day,
        "kept": kept,
        "per_window": within.per_window,
        "window": within.window.length,
        "refusable": refusable,
        "now": now,
    }
    async with conn.cursor(row_factory=class_row(Turn)) as cursor:
        turn = await (await cursor.execute(_TAKE, given)).fetchone()
    if turn is None:
        raise LookupError("a turn was neither granted nor refused")
    return turn


async def remaining(conn: WorkerConnection, user_id: UUID, connection_id: UUID | None) -> int | None:
    """The number of requests left today; None without a limit."""
    row = await (await conn.execute(_LEFT, (user_id, connection_id))).fetchone()
    return None if row is None else int(row["remaining"])


async def reserve(conn: WorkerConnection, user_id: UUID, connection_id: UUID | None, pages: PageSizes) -> int:
    """The number of today's requests that lists and counters still need; a tenth of the day is never reserved.

    0 without a limit.
    """
    row = await (await conn.execute(_NEEDED, {"user_id": user_id, "connection_id": connection_id})).fetchone()
    if row is None:
        return 0
    size = Size(row["followers"], row["following"], row["media"])
    return plan.requests_to_reserve(
        size,
        row["per_day"],
        pages,
        row["remaining"],
        follower_walk=row["follower_walk"],
        following_walk=row["following_walk"],
    )


def today(conn: WebConnection, profile_id: UUID) -> Today | None:
    """The requests of this user's profile today; None without a limit or before the first request."""
    with conn.cursor(row_factory=class_row(Today)) as cursor:
        return cursor.execute(_SPENT, [profile_id]).fetchone()
