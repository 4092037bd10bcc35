"""Jobs for people: enqueue, show, cancel, answer. `claims` has the worker's side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.errors import ProgramLimitExceeded
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from shared.db.pools import Row, WebConnection, WorkerConnection
from shared.domain.jobs import ENDED, INTERACTIVE_PRIORITY, InputRequest, JobKind, JobState, Outcome, eta_seconds
from shared.error_text import message
from shared.errors import DatabaseError, TooManyJobs

JsonObject = dict[str, Any]

# No conflict target: a repeated job id is as welcome as a second request for the same work.
_ENQUEUE: LiteralString = """
    insert into public.sync_jobs (id, user_id, profile_id, kind, priority, args, sealed, sealed_expires_at)
    values (coalesce(%(job_id)s, gen_random_uuid()), %(user_id)s, %(profile_id)s, %(kind)s, %(priority)s, %(args)s,
        %(sealed)s, %(sealed_expires_at)s)
    on conflict do nothing returning id
"""
_FOLLOWS: LiteralString = "select set_config('rollcall.request_id', %s, true)"
_CONNECTION: LiteralString = "select connection_id from public.sync_jobs where user_id = %s and id = %s"
_LIVE: LiteralString = """
    select id from public.sync_jobs
    where user_id = %(user_id)s and (id = %(job_id)s or profile_id = %(profile_id)s and kind = %(kind)s
        and is_single and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT'))
    order by id = %(job_id)s desc limit 1
"""
_GET: LiteralString = """
    select id, seq, profile_id, kind, state, progress, input_request, error_code, error_params, attempt, run_at,
        created_at, started_at, ended_at, cancel_requested_at is not null as cancel_requested, now() as read_at,
        coalesce((select p.platform from public.profiles p where p.id = profile_id), args ->> 'platform') as platform,
        args ->> 'way_in' as way_in
    from public.sync_jobs where id = %s
"""
_RECENT: LiteralString = """
    select id, seq, profile_id, kind, state, progress, input_request, error_code, error_params, attempt, run_at,
        created_at, started_at, ended_at, cancel_requested_at is not null as cancel_requested, now() as read_at,
        (select p.platform from public.profiles p where p.id = profile_id) as platform
    from public.sync_jobs
    where user_id = (select user_id from public.profiles where id = %(profile_id)s) and profile_id = %(profile_id)s
        and (%(before)s::bigint is null or seq < %(before)s) and (not %(failed)s or state = 'FAILED')
    order by seq desc limit %(limit)s
"""
_LIVE_VIEWS: LiteralString = """
    select id, seq, profile_id, kind, state, progress, input_request, error_code, error_params, attempt, run_at,
        created_at, started_at, ended_at, cancel_requested_at is not null as cancel_requested, now() as read_at,
        (select p.platform from public.profiles p where p.id = profile_id) as platform
    from public.sync_jobs
    where profile_id = %(profile_id)s and kind = any(%(kinds)s) and is_single
        and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')
    order by state = 'NEEDS_INPUT' desc, state = 'RUNNING' desc, seq
"""
_ATTEMPTS: LiteralString = """
    select job_id, fence, started_at, ended_at, outcome, items, error_code, error_params, rate_limited,
        rate_limit_reset, (select p.platform from public.profiles p where p.id = profile_id) as platform
    from public.sync_attempts where job_id = any(%s) order by job_id, fence
"""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job for its owner. `progress` is `{"step", "done", "total", "step_started_at"}`, at first empty.

    `way_in` is the one that its arguments name, known where the job is loaded alone.
    """

    id: UUID
    seq: int
    profile_id: UUID | None
    kind: JobKind
    state: JobState
    progress: JsonObject
    input_request: InputRequest | None
    error_code: str | None
    error_params: Mapping[str, Any]
    attempt: int
    run_at: datetime
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancel_requested: bool
    platform: str | None
    eta_seconds: float | None
    way_in: str | None = None

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def error_message(self) -> str | None:
        """What the person reads of the newest error."""
        return message(self.error_code, self.error_params, self.platform)


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt at a job; `outcome` is None while it lasts."""

    job_id: UUID
    fence: int
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    items: int
    error_code: str | None
    error_params: Mapping[str, Any]
    rate_limited: bool
    rate_limit_reset: datetime | None
    platform: str | None

    @property
    def error_message(self) -> str | None:
        """What the person reads of its error."""
        return message(self.error_code, self.error_params, self.platform)

    @property
    def limit(self) -> str | None:
        """The name of the quota that was used up; None for any other error."""
        return self.error_params.get("quota")

    @property
    def reset(self) -> datetime | None:
        """The time from which on the platform may be asked again; None where none was named."""
        named = self.error_params.get("reset")
        return self.rate_limit_reset if named is None else datetime.fromisoformat(named)


def enqueue(
    conn: WebConnection,
    user_id: UUID,
    profile_id: UUID | None,
    kind: JobKind,
    *,
    args: JsonObject | None = None,
    priority: int = INTERACTIVE_PRIORITY,
    job_id: UUID | None = None,
    sealed: bytes | None = None,
    sealed_expires_at: datetime | None = None,
) -> tuple[UUID, bool]:
    """Returns the id of the profile's live job of this kind, and whether this call made it. A worker wakes at commit.

    Raises psycopg's InsufficientPrivilege for another user's profile, and TooManyJobs at the limit that the database
    enforces; the transaction is over after that.
    """
    params = _params(user_id, profile_id, kind, args, priority, job_id, sealed, sealed_expires_at)
    # The existing job may end between the two statements; then the next insert succeeds.
    for _ in range(5):
        try:
            made = conn.execute(_ENQUEUE, params).fetchone()
        except ProgramLimitExceeded as error:
            raise TooManyJobs from error
        if made is not None:
            return made["id"], True
        if (live := conn.execute(_LIVE, params).fetchone()) is not None:
            return live["id"], False
    raise _too_busy(kind)


async def enqueue_follow_up(
    conn: WorkerConnection,
    user_id: UUID,
    profile_id: UUID,
    kind: JobKind,
    *,
    args: JsonObject | None = None,
    priority: int = INTERACTIVE_PRIORITY,
    request_id: str | None = None,
) -> tuple[UUID, bool]:
    """`enqueue` for the worker, which adds work in the name of the running job's user and request."""
    await conn.execute(_FOLLOWS, (request_id or "",))
    params = _params(user_id, profile_id, kind, args, priority, None, None, None)
    for _ in range(5):
        if (made := await (await conn.execute(_ENQUEUE, params)).fetchone()) is not None:
            return made["id"], True
        if (live := await (await conn.execute(_LIVE, params)).fetchone()) is not None:
            return live["id"], False
    raise _too_busy(kind)


async def connection_of(conn: WorkerConnection, user_id: UUID, job_id: UUID) -> UUID | None:
    """The connection that a job uses; None for one without."""
    row = await (await conn.execute(_CONNECTION, (user_id, job_id))).fetchone()
    return None if row is None else row["connection_id"]


def get(conn: WebConnection, job_id: UUID) -> JobView | None:
    """The job; None where the signed-in user has no such job."""
    row = conn.execute(_GET, (job_id,)).fetchone()
    return None if row is None else _view(row)


def recent(
    conn: WebConnection, profile_id: UUID, limit: int, before: int | None = None, *, failed: bool = False
) -> list[JobView]:
    """The profile's jobs, newest first; `before` is the `seq` of the last one shown, `failed` keeps failed ones."""
    values = {"profile_id": profile_id, "limit": limit, "before": before, "failed": failed}
    rows = conn.execute(_RECENT, values).fetchall()
    return [_view(row) for row in rows]


def live(conn: WebConnection, profile_id: UUID, kinds: Collection[JobKind]) -> list[JobView]:
    """Returns the profile's unfinished jobs of these kinds: those that ask for a code first, then running ones."""
    rows = conn.execute(_LIVE_VIEWS, {"profile_id": profile_id, "kinds": list(kinds)}).fetchall()
    return [_view(row) for row in rows]


def attempts(conn: WebConnection, job_ids: Sequence[UUID]) -> dict[UUID, list[AttemptView]]:
    """The attempts at each of these jobs, oldest first; a job that was never claimed has an empty list."""
    found: dict[UUID, list[AttemptView]] = {job_id: [] for job_id in job_ids}
    with conn.cursor(row_factory=class_row(AttemptView)) as cursor:
        for made in cursor.execute(_ATTEMPTS, (list(job_ids),)):
            found[made.job_id].append(made)
    return found


def request_cancel(conn: WebConnection, job_id: UUID) -> bool:
    """Ends a waiting job, asks a running one to stop; False when it has ended or belongs to another user."""
    return _yes(conn.execute("select rollcall.cancel_job(%s) as yes", (job_id,)).fetchone())


def answer(conn: WebConnection, job_id: UUID, sealed_input: bytes) -> bool:
    """Gives the job its answer; False when it has no question (any more) or belongs to another user."""
    return _yes(conn.execute("select rollcall.answer_job(%s, %s) as yes", (job_id, sealed_input)).fetchone())


def _params(
    user_id: UUID,
    profile_id: UUID | None,
    kind: JobKind,
    args: JsonObject | None,
    priority: int,
    job_id: UUID | None,
    sealed: bytes | None,
    sealed_expires_at: datetime | None,
) -> JsonObject:
    return {
        "user_id": user_id,
        "profile_id": profile_id,
        "kind": kind,
        "args": Jsonb(args or {}),
        "priority": priority,
        "job_id": job_id,
        "sealed": sealed,
        "sealed_expires_at": sealed_expires_at,
    }


def _view(row: Row) -> JobView:
    read_at = row.pop("read_at")
    state = JobState(row["state"])
    asked = row["input_request"]
    eta = eta_seconds(row["progress"], read_at) if state is JobState.RUNNING else None
    return JobView(
        **row
        | {
            "kind": JobKind(row["kind"]),
            "state": state,
            "input_request": None if asked is None else InputRequest.from_json(asked),
            "eta_seconds": eta,
        }
    )


def _yes(row: Row | None) -> bool:
    return row is not None and bool(row["yes"])


def _too_busy(kind: JobKind) -> DatabaseError:
    return DatabaseError(f"The queue changed too fast to take a job of kind {kind}.", next_step="Try again.")
