"""Disabled list endpoints, which stopped answering, and the time of each next probe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain.jobs import SCHEDULED_PRIORITY
from shared.domain.social import Direction, Route
from shared.messages import Message
from shared.store.profiles.alerts import AlertKind, close, raise_alert

ROUTE_WORDS: Mapping[Route, str] = {
    Route.REST: Message("the plain list"),
    Route.GRAPHQL: Message("the query of Instagram's page"),
    Route.DIALOG: Message("the window on Instagram's page"),
}
_LISTS: Mapping[Direction, str] = {Direction.FOLLOWER: "followers", Direction.FOLLOWING: "accounts followed"}

# The first probe comes after two hours, each further one twice as late as the one before, a day at most.
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
    """A disabled endpoint; `reason` is the sentence of its last failure, `probes` the number of tries since then."""

    direction: Direction
    route: Route
    reason: str
    probes: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "direction", Direction(self.direction))
        object.__setattr__(self, "route", Route(self.route))


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of the endpoints, and the job of an alert."""

    user_id: UUID
    profile_id: UUID
    job_id: UUID | None = None


async def resting(conn: WorkerConnection, of: Owner, direction: Direction) -> set[Route]:
    """The disabled endpoints of a list."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        rows = await (await cursor.execute(_RESTING, [of.user_id, of.profile_id, direction])).fetchall()
    return {Route(row) for row in rows}


async def set_aside(
    conn: WorkerConnection, of: Owner, direction: Direction, failed: Mapping[Route, str], instead: Route | None
) -> None:
    """Disables endpoints, each with the sentence of its failure, and raises one alert; `instead` is one that works."""
    fresh = [route for route, reason in failed.items() if await _rest(conn, of, direction, route, reason)]
    if not fresh:
        return
    ways = " and ".join(ROUTE_WORDS[route] for route in fresh)
    now = (
        f"Rollcall uses {ROUTE_WORDS[instead]} instead"
        if instead
        else "No other way is left, so this list stays as it was at the last sync"
    )
    await raise_alert(
        conn,
        AlertKind.ROUTE_CHANGED,
        f"Instagram changed this: {ways} no longer shows the {_LISTS[direction]} ({failed[fresh[0]].rstrip('.')}). "
        f"{now}, and checks from time to time whether it works again.",
        user_id=of.user_id,
        profile_id=of.profile_id,
        job_id=of.job_id,
        subject=direction,
    )


async def take_due(conn: WorkerConnection, of: Owner) -> list[Rest]:
    """The endpoints that are due for a probe; each gets a later next time, whatever the result of this probe."""
    async with conn.cursor(row_factory=class_row(Rest)) as cursor:
        return await (await cursor.execute(_TAKE_DUE, [of.user_id, of.profile_id])).fetchall()


async def put_back(conn: WorkerConnection, of: Owner, direction: Direction, route: Route) -> None:
    """Enables the endpoint again; the list's alert closes when none of its endpoints is disabled any more."""
    owner = {"user_id": of.user_id, "profile_id": of.profile_id}
    await conn.execute(_BACK, owner | {"direction": direction, "route": route})
    if not await resting(conn, of, direction):
        await close(conn, [AlertKind.ROUTE_CHANGED], **owner, subject=direction)


async def enqueue_due(conn: WorkerConnection) -> int:
    """Enqueues a PROBE for each connected profile with a due endpoint; returns the number of new jobs."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        row = await (await cursor.execute(_ENQUEUE_DUE, {"priority": SCHEDULED_PRIORITY})).fetchone()
    return int(row or 0)


def rests_for_web(conn: WebConnection, profile_id: UUID) -> list[Rest]:
    """The disabled endpoints of the user's profile."""
    with conn.cursor(row_factory=class_row(Rest)) as cursor:
        return cursor.execute(
            "select direction, route, reason, probes from public.route_rests where profile_id = %s"
            " order by direction, route",
            [profile_id],
        ).fetchall()


async def _rest(conn: WorkerConnection, of: Owner, direction: Direction, route: Route, reason: str) -> bool:
    given = {"user_id": of.user_id, "profile_id": of.profile_id, "direction": direction, "route": route}
    return (await conn.execute(_REST, given | {"reason": reason})).rowcount == 1
