"""Virtual time for the real scheduler and the real claim function.

Both compare stored times with the database's `now()`, which no one can set, and both must stay as they are. So every
time that the fleet stores lies `AHEAD` of the real clock, where neither function ever gets to; what virtual time has
reached is moved into the present by one statement, the real function looks at it, and what is left or was written goes
back by the same distance. Only rows that are due move, so an hour of a hundred thousand profiles costs what its events
cost. The scheduler's tick is one transaction, in which `now()` stands still: its times are exact. Claims are made in
transactions of their own, as by a worker, so a job may be due later by the second or two that a tick takes in reality.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from shared.db.pools import WorkerConnection
from shared.store.queue import schedule

AHEAD = timedelta(days=3650)
TICK_LIMIT = 500
"""How many kinds one call of the scheduler takes; a worker calls it once a minute."""
# Nothing that is stored far from the present is nearer than this.
_NEAR = timedelta(days=1000)
_SCHEDULES: LiteralString = """
    with moved as (
        update public.schedules set next_at = next_at + %(by)s where is_active and next_at <= %(until)s
        returning profile_id
    ), cooling as (
        update public.connections set cooldown_until = cooldown_until + %(by)s
        where cooldown_until is not null and profile_id in (select profile_id from moved)
    )
    select count(*) as due from moved
"""
_JOBS: LiteralString = """
    update public.sync_jobs set run_at = run_at + %(by)s
    where state in ('PENDING', 'WAITING') and run_at <= %(until)s
"""
_COOL: LiteralString = "update public.connections set cooldown_until = null where profile_id = any(%s)"
_OVERDUE: LiteralString = """
    select count(*) as n from public.schedules s join public.profiles p on p.id = s.profile_id
    where s.is_active and s.next_at <= %(at)s and (p.cooldown_until is null or p.cooldown_until <= %(at)s)
"""
_UNCLAIMED: LiteralString = """
    select count(*) as n from public.sync_jobs j
    where j.state in ('PENDING', 'WAITING') and j.run_at <= %(at)s and not exists (
        select from public.sync_jobs r where r.lane = j.lane and r.state in ('RUNNING', 'NEEDS_INPUT')
    )
"""


@dataclass(frozen=True, slots=True)
class Ticked:
    """One minute of the schedule: the due kinds of profiles, the jobs made of them, and the calls that it took."""

    due: int
    made: int
    calls: int


class Clock:
    """Virtual seconds since `began`, as times in the database."""

    def __init__(self, real: datetime) -> None:
        self.began = real + AHEAD

    def at(self, seconds: float) -> datetime:
        return self.began + timedelta(seconds=seconds)

    async def tick(self, conn: WorkerConnection, seconds: float) -> Ticked:
        """Lets the real scheduler enqueue everything that is due at that second."""
        at = self.at(seconds)
        async with conn.transaction():
            now = await _now(conn)
            due = await _moved(conn, now - at, at)
            calls = -(-due // TICK_LIMIT)
            made = sum([await schedule.enqueue_due(conn, TICK_LIMIT) for _ in range(calls)])
            await _moved(conn, at - now, now + _NEAR)
            await conn.execute(_JOBS, {"by": at - now, "until": now + _NEAR})
        return Ticked(due, made, calls)

    async def present(self, conn: WorkerConnection, seconds: float, ended: list[str]) -> timedelta:
        """Makes jobs due at that second, and ends expired cool-downs; returns the distance in time that they moved."""
        at = self.at(seconds)
        by = at - await _now(conn)
        if ended:
            await conn.execute(_COOL, [ended])
        await conn.execute(_JOBS, {"by": -by, "until": at})
        return by

    async def away(self, conn: WorkerConnection, by: timedelta) -> int:
        """Moves unclaimed jobs back by the same distance, and returns their number."""
        now = await _now(conn)
        return (await conn.execute(_JOBS, {"by": by, "until": now + _NEAR})).rowcount

    async def overdue(self, conn: WorkerConnection, seconds: float) -> int:
        """The number of kinds of profiles that are due at that second and were not enqueued."""
        return await _count(conn, _OVERDUE, self.at(seconds))

    async def unclaimed(self, conn: WorkerConnection, seconds: float) -> int:
        """The number of jobs that are due at that second, have a free lane, and were not claimed."""
        return await _count(conn, _UNCLAIMED, self.at(seconds))


async def _moved(conn: WorkerConnection, by: timedelta, until: datetime) -> int:
    row = await (await conn.execute(_SCHEDULES, {"by": by, "until": until})).fetchone()
    return 0 if row is None else int(row["due"])


async def _count(conn: WorkerConnection, query: LiteralString, at: datetime) -> int:
    row = await (await conn.execute(query, {"at": at})).fetchone()
    if row is None:
        raise LookupError("an aggregate returned no row")
    return int(row["n"])


async def _now(conn: WorkerConnection) -> datetime:
    row = await (await conn.execute("select now() as now")).fetchone()
    if row is None or not isinstance(row["now"], datetime):
        raise LookupError("the database did not say what time it is")
    return row["now"]
