"""The schedules of a profile's kinds: the due ones, and the intervals. A missed tick heals by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WebConnection, WorkerConnection
from shared.db.statements import statements
from shared.domain.jobs import SCHEDULED_PRIORITY, JobKind

with statements(__file__) as named:
    _ENQUEUE_DUE = named("enqueue_due")

# A shorter interval counts from now; what is due sooner stays, and what is not scheduled (NULL) too.
_CHOOSE: LiteralString = """
    update public.schedules s set every = w.every, is_automatic = w.automatic, updated_at = now(),
        next_at = s.next_at - greatest(s.next_at - now() - w.every, '0')
    from unnest(%(kinds)s::text[], %(every)s::interval[], %(automatic)s::boolean[]) as w (kind, every, automatic)
    where s.profile_id = %(profile_id)s and s.kind = w.kind
"""
_FOLLOW: LiteralString = """
    update public.schedules s set every = w.every, next_at = s.next_at + (w.every - s.every), updated_at = now()
    from unnest(%(kinds)s::text[], %(every)s::interval[]) as w (kind, every)
    where s.profile_id = %(profile_id)s and s.user_id = %(user_id)s and s.kind = w.kind and s.is_automatic
        and s.every <> w.every
"""
_BEGIN: LiteralString = """
    update public.schedules set updated_at = now(), next_at =
        case when kind = any(%(done)s) then now() + every else least(next_at, now() + every) end
    where profile_id = %(profile_id)s and user_id = %(user_id)s
"""
_BRING_FORWARD: LiteralString = """
    update public.schedules set next_at = now() + least(every, %(after)s::interval), updated_at = now()
    where profile_id = %(profile_id)s and user_id = %(user_id)s and kind = %(kind)s
"""


async def enqueue_due(conn: WorkerConnection, limit: int = 500) -> int:
    """Enqueues at most `limit` due kinds and returns the number of new jobs; safe to run in parallel.

    The longest due comes first, so that no kind is left out for good where more are due than one call takes.
    """
    row = await (await conn.execute(_ENQUEUE_DUE, {"limit": limit, "priority": SCHEDULED_PRIORITY})).fetchone()
    return 0 if row is None else int(row["made"])


def choose(
    conn: WebConnection, profile_id: UUID, every: Mapping[JobKind, timedelta], automatic: Collection[JobKind]
) -> None:
    """Sets how often each kind is due (at least an hour apart); one that was never scheduled stays so.

    The kinds in `automatic` follow the plan from their next sync on.
    """
    values = {"profile_id": profile_id, "kinds": list(every), "every": list(every.values())}
    conn.execute(_CHOOSE, values | {"automatic": [kind in automatic for kind in every]})


async def follow(conn: WorkerConnection, user_id: UUID, profile_id: UUID, planned: Mapping[JobKind, timedelta]) -> None:
    """Gives the automatic kinds the planned intervals; what was due after the old one is due after the new one."""
    values = {"user_id": user_id, "profile_id": profile_id, "kinds": list(planned), "every": list(planned.values())}
    await conn.execute(_FOLLOW, values)


async def begin(conn: WorkerConnection, user_id: UUID, profile_id: UUID, done: Collection[JobKind]) -> None:
    """Schedules every kind: those that are `done` now an interval from now, and what became due stays due."""
    await conn.execute(_BEGIN, {"user_id": user_id, "profile_id": profile_id, "done": list(done)})


async def bring_forward(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, kind: JobKind, after: timedelta | None
) -> None:
    """Makes the kind due after its interval, or after this time where that is shorter."""
    values = {"user_id": user_id, "profile_id": profile_id, "kind": kind, "after": after}
    await conn.execute(_BRING_FORWARD, values)
