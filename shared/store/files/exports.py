"""Export files: the web requests and shows them, the worker writes and removes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain import periods
from shared.domain.exports import PERIODIC, Format, What
from shared.domain.jobs import LIVE, JobKind, JobState
from shared.domain.social import Direction
from shared.store.queue import jobs

MOST_LIVE = 5  # for one profile at a time

# The lock that the database takes before it counts a user's jobs, so that the count stays true.
_ALONE: LiteralString = "select pg_advisory_xact_lock(hashtextextended(%s::text, 20261130))"
_LIVE: LiteralString = """
    select count(*) as live from public.exports e join public.sync_jobs j on j.id = e.job_id
    where e.profile_id = %s and j.state = any(%s)
"""
_INSERT: LiteralString = """
    insert into public.exports (id, user_id, profile_id, what, format, filters) values (%s, %s, %s, %s, %s, %s)
"""
_LINK_JOB: LiteralString = "update public.exports set job_id = %s where id = %s"
_RECENT: LiteralString = """
    select e.id, e.profile_id, e.job_id, e.what, e.format, e.filters, e.path, e.filename, e.row_count, e.byte_count,
        e.created_at, e.finished_at, e.expires_at, e.expires_at <= now() as expired, j.state as job_state
    from public.exports e left join public.sync_jobs j on j.id = e.job_id
    where e.profile_id = %(profile_id)s and (%(id)s::uuid is null or e.id = %(id)s)
    order by e.created_at desc, e.id limit %(limit)s
"""
_DELETE: LiteralString = "delete from public.exports where profile_id = %s and id = %s returning path, job_id"
_LOAD: LiteralString = """
    select id, user_id, profile_id, what, format, filters from public.exports where id = %s and user_id = %s
"""
_FINISH: LiteralString = """
    update public.exports set path = %(path)s, filename = %(filename)s, row_count = %(rows)s, byte_count = %(bytes)s,
        finished_at = now(), expires_at = now() + %(keep)s
    where id = %(id)s and user_id = %(user_id)s
"""
_EXPIRED: LiteralString = """
    select id, user_id, path from public.exports where path is not null and expires_at <= now()
    order by expires_at limit %s
"""
_PATHS: LiteralString = (
    "select id, user_id, path from public.exports where user_id = %s and profile_id = %s and path is not null"
)
_FORGET: LiteralString = "update public.exports set path = null where id = any(%s) and expires_at <= now()"
_FORGET_OLD: LiteralString = "delete from public.exports where path is null and created_at < now() - %s"
_READINGS: LiteralString = """
    select direction, max(observed_end) as read_at,
        max(observed_end) filter (where verdict = 'whole') as whole_at,
        (array_agg(verdict order by ended_at desc))[1] as verdict,
        (array_agg(reason order by ended_at desc))[1] as reason
    from public.list_runs where user_id = %s and profile_id = %s and state = 'PUBLISHED' group by direction
"""


@dataclass(frozen=True, slots=True)
class ListReading:
    """The last reading of a list (`read_at`, `verdict`, its `reason`), and the time of its last whole reading."""

    direction: Direction
    read_at: datetime | None
    whole_at: datetime | None
    verdict: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file for its owner. `path` is None until it is written and again after it was removed."""

    id: UUID
    job_id: UUID | None
    path: str | None
    filename: str | None
    row_count: int | None
    byte_count: int | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    expired: bool
    job_state: JobState | None

    @property
    def working(self) -> bool:
        """Whether the file is still to come."""
        return self.finished_at is None and self.job_state in LIVE

    @property
    def ready(self) -> bool:
        """Whether there should be a file to download."""
        return self.path is not None and not self.expired


@dataclass(frozen=True, slots=True)
class ExportView(ExportFile):
    """An export of a profile's data, for its owner."""

    profile_id: UUID
    what: What
    format: Format
    period: periods.Choice


@dataclass(frozen=True, slots=True)
class Written:
    """A file at `path`; `name` is its name in a download."""

    path: str
    name: str
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Export:
    """An export that the worker has to write."""

    id: UUID
    user_id: UUID
    profile_id: UUID
    what: What
    format: Format
    period: periods.Choice


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A finished export's id, its owner, and the path of its file."""

    id: UUID
    user_id: UUID
    path: str


def create(
    conn: WebConnection, user_id: UUID, profile_id: UUID, what: What, form: Format, period: periods.Choice
) -> UUID | None:
    """Stores the request and enqueues its job; None when MOST_LIVE exports of the profile are pending already.

    A period counts for dated contents only; the other lists are stored with "all".
    """
    conn.execute(_ALONE, [user_id])
    row = conn.execute(_LIVE, [profile_id, sorted(LIVE)]).fetchone()
    if row is not None and row["live"] >= MOST_LIVE:
        return None
    export_id = uuid4()
    filters = {"period": str(period) if what in PERIODIC else "all"}
    conn.execute(_INSERT, [export_id, user_id, profile_id, what, form, Jsonb(filters)])
    job_id, _ = jobs.enqueue(conn, user_id, profile_id, JobKind.EXPORT, args={"export_id": str(export_id)})
    conn.execute(_LINK_JOB, [job_id, export_id])
    return export_id


def recent(conn: WebConnection, profile_id: UUID, limit: int = 50) -> list[ExportView]:
    """The profile's exports, newest first."""
    rows = conn.execute(_RECENT, {"profile_id": profile_id, "id": None, "limit": limit}).fetchall()
    return [_view(row) for row in rows]


def get(conn: WebConnection, profile_id: UUID, export_id: UUID) -> ExportView | None:
    """The export; None where the signed-in user has no such one."""
    row = conn.execute(_RECENT, {"profile_id": profile_id, "id": export_id, "limit": 1}).fetchone()
    return None if row is None else _view(row)


def delete(conn: WebConnection, profile_id: UUID, export_id: UUID) -> str | None:
    """Removes the row, stops its job, and returns the path of the file to remove, if there is one."""
    row = conn.execute(_DELETE, [profile_id, export_id]).fetchone()
    if row is None:
        return None
    if row["job_id"] is not None:
        jobs.request_cancel(conn, row["job_id"])
    path: str | None = row["path"]
    return path


async def load(conn: WorkerConnection, user_id: UUID, export_id: UUID) -> Export | None:
    """The export to write; None when its owner has deleted the request."""
    row = await (await conn.execute(_LOAD, [export_id, user_id])).fetchone()
    if row is None:
        return None
    return Export(
        row["id"], row["user_id"], row["profile_id"], What(row["what"]), Format(row["format"]), _period(row["filters"])
    )


async def finish(conn: WorkerConnection, user_id: UUID, export_id: UUID, written: Written, keep: timedelta) -> bool:
    """Records the written file and its lifetime; False when its owner has deleted the request meanwhile."""
    given = {
        "id": export_id,
        "user_id": user_id,
        "path": written.path,
        "filename": written.name,
        "rows": written.rows,
        "bytes": written.size,
        "keep": keep,
    }
    return (await conn.execute(_FINISH, given)).rowcount == 1


async def readings(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> list[ListReading]:
    """The last readings of the profile's lists; a list without any reading is left out."""
    rows = await (await conn.execute(_READINGS, [user_id, profile_id])).fetchall()
    return [ListReading(**row | {"direction": Direction(row["direction"])}) for row in rows]


async def expired_files(conn: WorkerConnection, limit: int) -> list[StoredFile]:
    """Files past their lifetime, of all users, the oldest first."""
    async with conn.cursor(row_factory=class_row(StoredFile)) as cursor:
        return await (await cursor.execute(_EXPIRED, [limit])).fetchall()


async def files_of(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> list[StoredFile]:
    """Every file of one profile."""
    async with conn.cursor(row_factory=class_row(StoredFile)) as cursor:
        return await (await cursor.execute(_PATHS, [user_id, profile_id])).fetchall()


async def forget(conn: WorkerConnection, export_ids: Sequence[UUID], after: timedelta) -> None:
    """Records that the expired files of these are removed, and drops requests without a file older than `after`."""
    await conn.execute(_FORGET, [list(export_ids)])
    await conn.execute(_FORGET_OLD, [after])


def _view(row: dict[str, Any]) -> ExportView:
    filters = row.pop("filters")
    state = row["job_state"]
    return ExportView(
        **row
        | {
            "what": What(row["what"]),
            "format": Format(row["format"]),
            "period": _period(filters),
            "expired": bool(row["expired"]),
            "job_state": None if state is None else JobState(state),
        }
    )


def _period(filters: dict[str, Any]) -> periods.Choice:
    try:
        return periods.parse(str(filters.get("period", "all")))
    except ValueError:
        return "all"
