"""The worker's side of the queue: claim, fence, beat, settle. Only the database's clock compares times."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain import cooldown
from shared.domain.backoff import Decision
from shared.domain.cooldown import Cooldown
from shared.domain.jobs import InputRequest, JobKind, JobState, Outcome
from shared.error_text import StoredError
from shared.store.params import storable

CHANNEL = "rollcall_jobs"
JsonObject = dict[str, Any]

with statements(__file__) as named:
    _CLAIM = named("claim")
    _LEVELS = named("levels")
    _PROVE = named("prove")
    _BEAT = named("beat")
    _REPLACE_SEALED = named("replace_sealed")
    _SAVE_CURSOR = named("save_cursor")
    _FAILURES = named("failures")
    SETTLE = named("settle")
    _START_COOLDOWN = named("start_cooldown")
    _NEXT_COOLDOWN = named("next_cooldown")
    _POSTPONE = named("postpone")
    _END_WAITING = named("end_waiting")
    _ASK = named("ask")
    _STOP_ASKING = named("stop_asking")
    _TAKE_ANSWER = named("take_answer")


@dataclass(frozen=True, slots=True)
class Job:
    """The row as it was at the claim, under a new fence. Only the handler that needs `sealed` opens it."""

    id: UUID
    user_id: UUID
    profile_id: UUID | None
    kind: JobKind
    fence: int
    attempt: int
    args: Mapping[str, Any]
    cursor: Mapping[str, Any] | None
    sealed: bytes | None
    priority: int
    request_id: str | None = None
    connection_id: UUID | None = None

    def __repr__(self) -> str:
        return f"Job({self.kind} {self.id} fence={self.fence})"


@dataclass(frozen=True, slots=True)
class Settled:
    """The new state of a job: CANCELLED instead of PENDING or WAITING where that was requested."""

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
) -> list[Job]:
    """Claims up to `limit` jobs, now RUNNING under this worker's lease; without `floors` (of `levels`) it scans all."""
    given = {
        "worker": worker,
        "lease": lease,
        "kinds": list(kinds),
        "limit": limit,
        "levels": None if floors is None else list(floors),
        "floors": None if floors is None else list(floors.values()),
    }
    async with conn.cursor() as cursor:
        rows = await (await cursor.execute(_CLAIM, given)).fetchall()
    return [Job(**row | {"kind": JobKind(row["kind"])}) for row in rows]


async def levels(conn: WorkerConnection, known: Mapping[int, datetime] | None = None) -> dict[int, datetime]:
    """The run time of the first waiting job of each priority; priorities in `known` are searched from their time on."""
    given = (None, None) if known is None else (list(known), list(known.values()))
    return {row["level"]: row["floor"] async for row in await conn.execute(_LEVELS, given)}


async def prove(conn: WorkerConnection, job: UUID, fence: int, lease: timedelta) -> bool:
    """Whether the job is still ours; if so, no other worker can take it before the caller's transaction ends."""
    given = {"id": job, "fence": fence, "lease": lease}
    return await (await conn.execute(_PROVE, given)).fetchone() is not None


async def beat(
    conn: WorkerConnection, job: UUID, fence: int, lease: timedelta, progress: JsonObject | None
) -> bool | None:
    """Extends the lease, writes progress (None leaves it) and returns whether to stop; None when not ours."""
    given = {"id": job, "fence": fence, "lease": lease, "progress": None if progress is None else Jsonb(progress)}
    row = await (await conn.execute(_BEAT, given)).fetchone()
    return None if row is None else bool(row["cancelled"])


async def replace_sealed(conn: WorkerConnection, job: UUID, fence: int, sealed: bytes, expires_at: datetime) -> None:
    """Puts this in the place of what was sealed for the job, where the job is ours."""
    await conn.execute(_REPLACE_SEALED, {"id": job, "fence": fence, "sealed": sealed, "expires_at": expires_at})


async def save_cursor(conn: WorkerConnection, job: UUID, fence: int, cursor: JsonObject | None, items: int) -> bool:
    """Stores the resume point and counts the processed items; False when the job is not ours."""
    given = {"id": job, "fence": fence, "cursor": None if cursor is None else Jsonb(cursor), "items": items}
    return await (await conn.execute(_SAVE_CURSOR, given)).fetchone() is not None


async def failures(conn: WorkerConnection, job: UUID, fence: int) -> tuple[int, int] | None:
    """The number of failures in a row, and the most allowed; None when the job is not ours."""
    row = await (await conn.execute(_FAILURES, {"id": job, "fence": fence})).fetchone()
    return None if row is None else (row["attempt"], row["max_attempts"])


async def settle(
    conn: WorkerConnection, job: UUID, fence: int, decision: Decision, progress: JsonObject | None
) -> Settled | None:
    """Ends this attempt as decided; None when the job is not ours, and nothing changes then."""
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
    row = await (await conn.execute(SETTLE, given)).fetchone()
    if row is None:
        return None
    state = JobState(row["state"])
    outcome = Outcome.CANCELLED if state is JobState.CANCELLED else decision.outcome
    return Settled(state, row["run_at"], outcome, decision.error_code)


async def next_cooldown(conn: WorkerConnection, user_id: UUID, connection_id: UUID) -> int:
    """The number in a row of the connection's next cool-down; 1 after a calm day."""
    given = {"user_id": user_id, "connection_id": connection_id, "calm": cooldown.RESET_AFTER}
    row = await (await conn.execute(_NEXT_COOLDOWN, given)).fetchone()
    return 1 if row is None else int(row["nth"])


async def start_cooldown(
    conn: WorkerConnection, user_id: UUID, connection_id: UUID, started: Cooldown, until: datetime | None = None
) -> None:
    """Starts a cool-down of the connection and its waiting jobs, at least until `until`; in one transaction with
    `settle`.

    A longer cool-down stays as it is. A login is the person's own and never waits.
    """
    given = {"user_id": user_id, "connection_id": connection_id, "until": until, "calm": cooldown.RESET_AFTER} | {
        "code": started.code,
        "length": started.length,
        "objected": started.objected,
    }
    row = await (await conn.execute(_START_COOLDOWN, given)).fetchone()
    if row is not None:
        await conn.execute(_POSTPONE, given | {"until": row["cooldown_until"]})


async def end_waiting(conn: WorkerConnection, user_id: UUID, connection_id: UUID, why: StoredError) -> int:
    """Ends the connection's waiting jobs as FAILED with this reason, and returns their number.

    They could only fail until the person connects the account again, which starts a sync of everything. A login stays,
    and what another connection of the profile can do goes there.
    """
    await conn.execute("select rollcall.move_waiting(%s)", [connection_id])
    values = {"user_id": user_id, "connection_id": connection_id, "code": why.code}
    given = values | {"params": storable(why.params)}
    return (await conn.execute(_END_WAITING, given)).rowcount


async def ask(conn: WorkerConnection, job: UUID, fence: int, request: InputRequest) -> bool:
    """Puts the job into NEEDS_INPUT; False when it is not ours."""
    given = {"id": job, "fence": fence, "request": Jsonb(request.to_json())}
    return await (await conn.execute(_ASK, given)).fetchone() is not None


async def stop_asking(conn: WorkerConnection, job: UUID, fence: int) -> bool:
    """Puts the job back to RUNNING, with question and answer gone; False when it is not ours."""
    return await (await conn.execute(_STOP_ASKING, {"id": job, "fence": fence})).fetchone() is not None


async def take_answer(conn: WorkerConnection, job: UUID, fence: int, *, give_up: bool = False) -> bytes | None:
    """The sealed answer, erased as it is read, with the job RUNNING again; None without one. `give_up` ends asking."""
    row = await (await conn.execute(_TAKE_ANSWER, {"id": job, "fence": fence, "give_up": give_up})).fetchone()
    return None if row is None or row["sealed_input"] is None else bytes(row["sealed_input"])
