"""Ways of reading a list that were set aside because they stopped answering, and when each is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain.jobs import SCHEDULED_PRIORITY
from shared.domain.social import Direction, Route
from shared.store.alerts import AlertKind, close, raise_alert

# The first try comes after two hours, each further one twice as late as the one before, a day at most.
_REST: LiteralString = """
    insert into public.route_rests (user_id, profile_id, direction, route, reason, next_probe_at)
    values (%(user_id)s, %(profile_id)s, %(direction)s, %(route)s, %(reason)s, now() + interval '2 hours')
    on conflict do nothing
"""
_RESTING: LiteralString = (
    "select route from public.route_rests where user_id = %s and profile_id = %s and direction = %s"
)
_TAKE_DUE: LiteralString = """
    update public.route_rests set probes = probes + 1,
        next_probe_at = now() + least(interval '2 hours' * 2 ^ (probes + 1), interval '1 day')
    where user_id = %s and profile_id = %s and next_probe_at <= now()
    returning direction, route, reason, probes
"""
_BACK: LiteralString = """
    delete from public.route_rests
    where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s and route = %(route)s
"""
_ENQUEUE_DUE: LiteralString = """
    with made as (
        insert into public.sync_jobs (user_id, profile_id, kind, priority)
        select distinct r.user_id, r.profile_id, 'PROBE', %(priority)s::int
        from public.route_rests r
        join public.profiles p on p.id = r.profile_id and p.user_id = r.user_id
        where r.next_probe_at <= now() and p.state = 'CONNECTED' and not p.schedule_paused
            and (p.cooldown_until is null or p.cooldown_until <= now())
        on conflict do nothing returning id
    )
    select count(*) from made
"""


@dataclass(frozen=True, slots=True)
class Rest:
    """A route that rests; `reason` is the sentence of its last failure, `probes` how often it was tried since."""

    direction: Direction
    route: Route
    reason: str
    probes: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "direction", Direction(self.direction))
        object.__setattr__(self, "route", Route(self.route))


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose routes, and the job that an alert belongs to."""

    user_id: UUID
    profile_id: UUID
    job_id: UUID | None = None


async def resting(conn: WorkerConnection, of: Owner, direction: Direction) -> set[Route]:
    """The routes of a list that are set aside."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        rows = await (await cursor.execute(_RESTING, [of.user_id, of.profile_id, direction])).fetchall()
    return {Route(row) for row in rows}


async def set_aside(
    conn: WorkerConnection, of: Owner, direction: Direction, failed: Mapping[Route, str], instead: Route | None
) -> None:
    """Lets routes rest, each with the sentence of its failure, and says so once; `instead` is the one that answers."""
    fresh = [route for route, reason in failed.items() if await _rest(conn, of, direction, route, reason)]
    if not fresh:
        return
    await raise_alert(
        conn,
        AlertKind.ROUTE_CHANGED,
        {"failed": fresh, "instead": instead, "reason": failed[fresh[0]]},
        user_id=of.user_id,
        profile_id=of.profile_id,
        job_id=of.job_id,
        subject=direction,
    )


async def take_due(conn: WorkerConnection, of: Owner) -> list[Rest]:
    """The routes whose next try is due; each will be due again later and later, whatever becomes of this try."""
    async with conn.cursor(row_factory=class_row(Rest)) as cursor:
        return await (await cursor.execute(_TAKE_DUE, [of.user_id, of.profile_id])).fetchall()


async def put_back(conn: WorkerConnection, of: Owner, direction: Direction, route: Route) -> None:
    """Uses the route again; the list's alert closes when none of its routes is set aside any more."""
    owner = {"user_id": of.user_id, "profile_id": of.profile_id}
    await conn.execute(_BACK, owner | {"direction": direction, "route": route})
    if not await resting(conn, of, direction):
        await close(conn, [AlertKind.ROUTE_CHANGED], **owner, subject=direction)


async def enqueue_due(conn: WorkerConnection) -> int:
    """Enqueues a PROBE for each connected profile with a try that is due; returns how many jobs are new."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        row = await (await cursor.execute(_ENQUEUE_DUE, {"priority": SCHEDULED_PRIORITY})).fetchone()
    return int(row or 0)


def rests_for_web(conn: WebConnection, profile_id: UUID) -> list[Rest]:
    """The routes of the person's profile that are set aside."""
    with conn.cursor(row_factory=class_row(Rest)) as cursor:
        return cursor.execute(
            "select direction, route, reason, probes from public.route_rests where profile_id = %s"
            " order by direction, route",
            [profile_id],
        ).fetchall()


async def _rest(conn: WorkerConnection, of: Owner, direction: Direction, route: Route, reason: str) -> bool:
    given = {"user_id": of.user_id, "profile_id": of.profile_id, "direction": direction, "route": route}
    return (await conn.execute(_REST, given | {"reason": reason})).rowcount == 1
