"""Disabled list endpoints, which stopped answering, and the time of each next probe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain.jobs import SCHEDULED_PRIORITY
from shared.domain.social import Direction, EndpointId
from shared.store.profiles.alerts import AlertKind, close, raise_alert

# The first probe comes after two hours, each further one twice as late as the one before, a day at most.
_DISABLE: LiteralString = """
    insert into public.disabled_endpoints (user_id, profile_id, direction, endpoint, reason, next_probe_at)
    values (%(user_id)s, %(profile_id)s, %(direction)s, %(endpoint)s, %(reason)s, now() + interval '2 hours')
    on conflict do nothing
"""
_DISABLED: LiteralString = (
    "select endpoint from public.disabled_endpoints where user_id = %s and profile_id = %s and direction = %s"
)
_TAKE_DUE: LiteralString = """
    update public.disabled_endpoints set probes = probes + 1,
        next_probe_at = now() + least(interval '2 hours' * 2 ^ (probes + 1), interval '1 day')
    where user_id = %s and profile_id = %s and next_probe_at <= now()
    returning direction, endpoint, reason, probes
"""
_ENABLE: LiteralString = """
    delete from public.disabled_endpoints
    where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s
        and endpoint = %(endpoint)s
"""
_ENQUEUE_DUE: LiteralString = """
    with made as (
        insert into public.sync_jobs (user_id, profile_id, kind, priority)
        select distinct r.user_id, r.profile_id, 'PROBE_ENDPOINTS', %(priority)s::int
        from public.disabled_endpoints r
        join public.profiles p on p.id = r.profile_id and p.user_id = r.user_id
        where r.next_probe_at <= now() and p.state = 'CONNECTED' and not p.schedule_paused
            and (p.cooldown_until is null or p.cooldown_until <= now())
        on conflict do nothing returning id
    )
    select count(*) from made
"""


@dataclass(frozen=True, slots=True)
class DisabledEndpoint:
    """A disabled endpoint; `reason` is the sentence of its last failure, `probes` the number of tries since then."""

    direction: Direction
    endpoint: EndpointId
    reason: str
    probes: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "direction", Direction(self.direction))


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of the endpoints, and the job of an alert."""

    user_id: UUID
    profile_id: UUID
    job_id: UUID | None = None


async def disabled_ids(conn: WorkerConnection, of: Owner, direction: Direction) -> set[EndpointId]:
    """The disabled endpoints of a list."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        rows = await (await cursor.execute(_DISABLED, [of.user_id, of.profile_id, direction])).fetchall()
    return set(rows)


async def disable(
    conn: WorkerConnection,
    of: Owner,
    direction: Direction,
    failed: Mapping[EndpointId, str],
    instead: EndpointId | None,
) -> None:
    """Disables endpoints, each with the sentence of its failure, and raises one alert; `instead` is one that works."""
    fresh = [one for one, reason in failed.items() if await _disable(conn, of, direction, one, reason)]
    if not fresh:
        return
    await raise_alert(
        conn,
        AlertKind.ENDPOINT_CHANGED,
        {"failed": fresh, "instead": instead, "reason": failed[fresh[0]]},
        user_id=of.user_id,
        profile_id=of.profile_id,
        job_id=of.job_id,
        subject=direction,
    )


async def take_due(conn: WorkerConnection, of: Owner) -> list[DisabledEndpoint]:
    """The endpoints that are due for a probe; each gets a later next time, whatever the result of this probe."""
    async with conn.cursor(row_factory=class_row(DisabledEndpoint)) as cursor:
        return await (await cursor.execute(_TAKE_DUE, [of.user_id, of.profile_id])).fetchall()


async def enable(conn: WorkerConnection, of: Owner, direction: Direction, endpoint: EndpointId) -> None:
    """Enables the endpoint again; the list's alert closes when none of its endpoints is disabled any more."""
    owner = {"user_id": of.user_id, "profile_id": of.profile_id}
    await conn.execute(_ENABLE, owner | {"direction": direction, "endpoint": endpoint})
    if not await disabled_ids(conn, of, direction):
        await close(conn, [AlertKind.ENDPOINT_CHANGED], **owner, subject=direction)


async def enqueue_due(conn: WorkerConnection) -> int:
    """Enqueues a PROBE_ENDPOINTS for each connected profile with a due endpoint; returns the number of new jobs."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        row = await (await cursor.execute(_ENQUEUE_DUE, {"priority": SCHEDULED_PRIORITY})).fetchone()
    return int(row or 0)


def list_disabled(conn: WebConnection, profile_id: UUID) -> list[DisabledEndpoint]:
    """The disabled endpoints of the user's profile."""
    with conn.cursor(row_factory=class_row(DisabledEndpoint)) as cursor:
        return cursor.execute(
            "select direction, endpoint, reason, probes from public.disabled_endpoints where profile_id = %s"
            " order by direction, endpoint",
            [profile_id],
        ).fetchall()


async def _disable(conn: WorkerConnection, of: Owner, direction: Direction, endpoint: EndpointId, reason: str) -> bool:
    given = {"user_id": of.user_id, "profile_id": of.profile_id, "direction": direction, "endpoint": endpoint}
    return (await conn.execute(_DISABLE, given | {"reason": reason})).rowcount == 1
