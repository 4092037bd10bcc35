"""The queue as the worker meets it: claim, fence, beat, settle. Times are compared by the database's clock alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from shared.db.pools import WorkerConnection
from shared.domain import rests
from shared.domain.backoff import Decision
from shared.domain.jobs import InputRequest, JobKind, JobState, Outcome
from shared.domain.rests import Rest
from shared.error_text import Told
from shared.store import queue_sql
from shared.store.params import storable

CHANNEL = "rollcall_jobs"
JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker has just been given, under a new fence."""

    id: UUID
    user_id: UUID
    profile_id: UUID | None
    kind: JobKind
    fence: int
    attempt: int
    args: JsonObject
    cursor: JsonObject | None
    sealed: bytes | None
    priority: int
    request_id: str | None = None
    connection_id: UUID | None = None

    def __repr__(self) -> str:
        return f"Claimed({self.kind} {self.id} fence={self.fence})"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a job became: `state` is CANCELLED instead of PENDING or WAITING where that was asked for."""

    state: JobState
    run_at: datetime
    outcome: Outcome
    error_code: str | None


async def claim(
    conn: WorkerConnection,
    worker: str,
    lease: timedelta,
    kinds: Collection[JobKind],
    limit: int,
    floors: Mapping[int, datetime] | None = None,
) -> list[Claimed]:
    """Up to `limit` jobs, now RUNNING under this worker's lease; without `floors` (of `levels`) all are looked at."""
    known = None if floors is None else sorted(floors)
    given = {
        "worker": worker,
        "lease": lease,
        "kinds": list(kinds),
        "limit": limit,
        "levels": known,
        "floors": None if floors is None or known is None else [floors[level] for level in known],
    }
    async with conn.cursor() as cursor:
        rows = await (await cursor.execute(queue_sql.CLAIM, given)).fetchall()
    return [Claimed(**row | {"kind": JobKind(row["kind"])}) for row in rows]


async def levels(conn: WorkerConnection, known: Mapping[int, datetime] | None = None) -> dict[int, datetime]:
    """The run time of the first waiting job of each priority; of `known` ones, looked for from there on."""
    order = None if known is None else sorted(known)
    since = None if known is None or order is None else [known[level] for level in order]
    return {row["level"]: row["floor"] async for row in await conn.execute(queue_sql.LEVELS, (order, since))}


async def prove(conn: WorkerConnection, job: UUID, fence: int, lease: timedelta) -> bool:
    """Whether the job is still ours; if so no other worker can take it before the caller's transaction ends."""
    given = {"id": job, "fence": fence, "lease": lease}
    return await (await conn.execute(queue_sql.PROVE, given)).fetchone() is not None


async def beat(
    conn: WorkerConnection, job: UUID, fence: int, lease: timedelta, progress: JsonObject | None
) -> bool | None:
    """Extends the lease, writes progress (None leaves it) and returns whether to stop; None when it is not ours."""
    given = {"id": job, "fence": fence, "lease": lease, "progress": None if progress is None else Jsonb(progress)}
    row = await (await conn.execute(queue_sql.BEAT, given)).fetchone()
    return None if row is None else bool(row["cancelled"])


async def save_cursor(conn: WorkerConnection, job: UUID, fence: int, cursor: JsonObject | None, items: int) -> bool:
    """Stores the resume point and counts what got through; False when the job is not ours."""
    given = {"id": job, "fence": fence, "cursor": None if cursor is None else Jsonb(cursor), "items": items}
    return await (await conn.execute(queue_sql.SAVE_CURSOR, given)).fetchone() is not None


async def failures(conn: WorkerConnection, job: UUID, fence: int) -> tuple[int, int] | None:
    """How often in a row the job has failed, and how often it may; None when it is not ours."""
    row = await (await conn.execute(queue_sql.FAILURES, {"id": job, "fence": fence})).fetchone()
    return None if row is None else (row["attempt"], row["max_attempts"])


async def settle(
    conn: WorkerConnection, job: UUID, fence: int, decision: Decision, progress: JsonObject | None
) -> Settled | None:
    """Ends this attempt as decided; None when the job is not ours, and then nothing was changed."""
    given = {
        "id": job,
        "fence": fence,
        "state": decision.state,
        "again": decision.state in (JobState.PENDING, JobState.WAITING),
        "outcome": decision.outcome,
        "after": decision.after,
        "until": decision.until,
        "counts": decision.counts,
        "error_code": decision.error_code,
        "error_params": storable(decision.error_params),
        "rate_limited": decision.rate_limited,
        "progress": None if progress is None else Jsonb(progress),
    }
    row = await (await conn.execute(queue_sql.SETTLE, given)).fetchone()
    if row is None:
        return None
    state = JobState(row["state"])
    outcome = Outcome.CANCELLED if state is JobState.CANCELLED else decision.outcome
    return Settled(state, row["run_at"], outcome, decision.error_code)


async def next_cooldown(conn: WorkerConnection, user_id: UUID, connection_id: UUID) -> int:
    """Which cool-down in a row the connection's next one would be; 1 after a calm day."""
    given = {"user_id": user_id, "connection_id": connection_id, "calm": rests.CALM}
    row = await (await conn.execute(queue_sql.NEXT_COOLDOWN, given)).fetchone()
    return 1 if row is None else int(row["nth"])


async def start_cooldown(
    conn: WorkerConnection, user_id: UUID, connection_id: UUID, rest: Rest, until: datetime | None = None
) -> None:
    """Begins a cool-down of the connection and its waiting jobs, at least until `until`; with `settle` in one go.

    A longer one under way stays as it is. A login is the person's own and waits for nothing.
    """
    given = {"user_id": user_id, "connection_id": connection_id, "until": until, "calm": rests.CALM} | {
        "code": rest.code,
        "length": rest.length,
        "objected": rest.objected,
    }
    row = await (await conn.execute(queue_sql.START_COOLDOWN, given)).fetchone()
    if row is not None:
        await conn.execute(queue_sql.LET_WAIT, given | {"until": row["cooldown_until"]})


async def end_waiting(conn: WorkerConnection, user_id: UUID, connection_id: UUID, why: Told) -> int:
    """Ends the connection's waiting jobs, as FAILED for this reason, and returns how many.

    They could only fail until the person connects the account again, which starts a sync of everything. A login stays.
    """
    values = {"user_id": user_id, "connection_id": connection_id, "code": why.code}
    given = values | {"params": storable(why.params)}
    return (await conn.execute(queue_sql.END_WAITING, given)).rowcount


async def ask(conn: WorkerConnection, job: UUID, fence: int, request: InputRequest) -> bool:
    """Puts the job into NEEDS_INPUT; False when it is not ours."""
    given = {"id": job, "fence": fence, "request": Jsonb(request.to_json())}
    return await (await conn.execute(queue_sql.ASK, given)).fetchone() is not None


async def stop_asking(conn: WorkerConnection, job: UUID, fence: int) -> bool:
    """Puts the job back to RUNNING, with question and answer gone; False when it is not ours."""
    return await (await conn.execute(queue_sql.STOP_ASKING, {"id": job, "fence": fence})).fetchone() is not None


async def take_answer(conn: WorkerConnection, job: UUID, fence: int, *, give_up: bool = False) -> bytes | None:
    """The sealed answer, erased as it is read, the job RUNNING again; None without one. `give_up` ends asking."""
    row = await (await conn.execute(queue_sql.TAKE_ANSWER, {"id": job, "fence": fence, "give_up": give_up})).fetchone()
    return None if row is None or row["sealed_input"] is None else bytes(row["sealed_input"])
