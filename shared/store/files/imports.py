"""Imports of data downloads: the web requests them, the worker reads and removes the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from shared.db.pools import WebConnection, WorkerConnection
from shared.db.statements import statements
from shared.domain.jobs import JobKind, JobState
from shared.error_text import message
from shared.store import publishing
from shared.store.queue import jobs
from shared.store.queue.claims import Job

Report = dict[str, Any]

_INSERT: LiteralString = """
    insert into public.imports (id, user_id, profile_id, filenames, paths, byte_count) values (%s, %s, %s, %s, %s, %s)
"""

with statements(__file__) as named:
    _BEGIN = named("begin")

_LINK_JOB: LiteralString = "update public.imports set job_id = %s where id = %s"
_RECENT: LiteralString = """
    select i.id, i.job_id, i.filenames, i.byte_count, i.taken_at, i.report, i.created_at, i.finished_at,
        j.state as job_state, j.error_code, coalesce(j.error_params, '{}') as error_params,
        (select p.platform from public.profiles p where p.id = i.profile_id) as platform
    from public.imports i left join public.sync_jobs j on j.id = i.job_id
    where i.profile_id = %s order by i.created_at desc limit %s
"""
_OF_JOB: LiteralString = """
    select i.id, i.job_id, i.filenames, i.byte_count, i.taken_at, i.report, i.created_at, i.finished_at,
        j.state as job_state, j.error_code, coalesce(j.error_params, '{}') as error_params,
        (select p.platform from public.profiles p where p.id = i.profile_id) as platform
    from public.imports i join public.sync_jobs j on j.id = i.job_id where i.job_id = %s
"""
_LOAD: LiteralString = """
    select id, user_id, profile_id, filenames, paths, finished_at from public.imports where id = %s and user_id = %s
"""
_REPORT: LiteralString = "select report from public.imports where id = %s and user_id = %s"
_FINISH: LiteralString = """
    update public.imports set taken_at = %s, report = %s, finished_at = now() where id = %s and user_id = %s
"""
# Files end with their job, however it ended; a request without a job ends after an hour.
_OVER: LiteralString = """
    select i.id, i.user_id, i.paths from public.imports i left join public.sync_jobs j on j.id = i.job_id
    where i.paths is not null and (j.ended_at is not null or j.id is null and i.created_at < now() - interval '1 hour')
    order by i.created_at limit %s
"""
_PATHS: LiteralString = (
    "select id, user_id, paths from public.imports where user_id = %s and profile_id = %s and paths is not null"
)
_FORGET: LiteralString = "update public.imports set paths = null where id = any(%s)"
_CONNECTED: LiteralString = """
    insert into public.connections as c (user_id, profile_id, method, state, last_used_at, checked_at)
    values (%(user_id)s, %(profile_id)s, 'data_download', 'ACTIVE', now(), now())
    on conflict (profile_id, method) do update set state = 'ACTIVE', last_used_at = now(), updated_at = now(),
        state_since = case when c.state = 'ACTIVE' then c.state_since else now() end
"""
# Nothing is due without a session: the next times belong to a browser's syncs.
_UNSCHEDULE: LiteralString = """
    update public.schedules set next_at = null, updated_at = now()
    where profile_id = %(profile_id)s and user_id = %(user_id)s and not exists (
        select from public.connections c
        where c.profile_id = %(profile_id)s and c.method <> 'data_download' and c.state not in ('PENDING', 'REVOKED')
    )
"""
_EXPORTS_ONLY: LiteralString = """
    select from public.connections where profile_id = %s and state <> 'REVOKED'
    having bool_or(method = 'data_download') and not bool_or(method = 'browser' and state in ('ACTIVE', 'COOLING_DOWN'))
"""


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import for its owner. `report` (`worker.jobs.files.import_report`) is empty until its end."""

    id: UUID
    job_id: UUID | None
    filenames: list[str]
    byte_count: int
    taken_at: datetime | None
    report: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None
    job_state: JobState | None
    error_code: str | None
    error_params: Mapping[str, Any]
    platform: str

    @property
    def error_message(self) -> str | None:
        """The text of the job's error."""
        return message(self.error_code, self.error_params, self.platform)


@dataclass(frozen=True, slots=True)
class Import:
    """An import that the worker has to read; `paths` is None when the files are gone."""

    id: UUID
    user_id: UUID
    profile_id: UUID
    filenames: list[str]
    paths: list[str] | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Upload:
    """Uploaded files that wait to be read; `size` in bytes, all together."""

    id: UUID
    filenames: Sequence[str]
    paths: Sequence[str]
    size: int


@dataclass(frozen=True, slots=True)
class Leftover:
    """Files whose job has ended, and their owner."""

    id: UUID
    user_id: UUID
    paths: list[str]


def create(conn: WebConnection, user_id: UUID, profile_id: UUID, upload: Upload) -> tuple[UUID, bool]:
    """Stores the request and enqueues its job; returns False with the live job where an import is pending already.

    In that case nothing was written, and the caller removes the files.
    """
    args = {"import_id": str(upload.id), "all": True}
    job_id, made = jobs.enqueue(conn, user_id, profile_id, JobKind.IMPORT, args=args)
    if made:
        conn.execute(_INSERT, [upload.id, user_id, profile_id, list(upload.filenames), list(upload.paths), upload.size])
        conn.execute(_LINK_JOB, [job_id, upload.id])
    return job_id, made


def recent(conn: WebConnection, profile_id: UUID, limit: int = 20) -> list[ImportView]:
    """The profile's imports, newest first."""
    with conn.cursor(row_factory=class_row(ImportView)) as cursor:
        return cursor.execute(_RECENT, [profile_id, limit]).fetchall()


def of_job(conn: WebConnection, job_id: UUID) -> ImportView | None:
    """The import of a job; None for a job of another kind."""
    with conn.cursor(row_factory=class_row(ImportView)) as cursor:
        return cursor.execute(_OF_JOB, [job_id]).fetchone()


def tell_alone(conn: WebConnection, profile_id: UUID) -> bool:
    """Whether data downloads are the profile's only source: no session could read it."""
    return conn.execute(_EXPORTS_ONLY, [profile_id]).fetchone() is not None


async def begin(
    conn: WorkerConnection, profile_id: UUID, upload: Upload, *, worker: str, lease: timedelta
) -> Job | None:
    """The request and its job, which this worker already holds; None while another import of the profile runs."""
    given = {
        "profile_id": profile_id,
        "import_id": upload.id,
        "args": Jsonb({"import_id": str(upload.id), "all": True}),
        "filenames": list(upload.filenames),
        "paths": list(upload.paths),
        "size": upload.size,
        "worker": worker,
        "lease": lease,
    }
    row = await (await conn.execute(_BEGIN, given)).fetchone()
    return None if row is None else Job(**row | {"kind": JobKind(row["kind"])})


async def load(conn: WorkerConnection, user_id: UUID, import_id: UUID) -> Import | None:
    """The import to read; None when its profile is gone."""
    async with conn.cursor(row_factory=class_row(Import)) as cursor:
        return await (await cursor.execute(_LOAD, [import_id, user_id])).fetchone()


async def finish(conn: WorkerConnection, request: Import, taken_at: datetime, report: dict[str, Any]) -> None:
    """Stores the result; the profile counts as connected by its data download, and no sync becomes due by that."""
    await conn.execute(_FINISH, [taken_at, Jsonb(report), request.id, request.user_id])
    await publishing.begin(conn, request.user_id, request.profile_id)
    where = {"user_id": request.user_id, "profile_id": request.profile_id}
    await conn.execute(_CONNECTED, where)
    await conn.execute(_UNSCHEDULE, where)


async def report(conn: WorkerConnection, user_id: UUID, import_id: UUID) -> Report:
    """The stored report; empty until the import is finished."""
    row = await (await conn.execute(_REPORT, [import_id, user_id])).fetchone()
    return {} if row is None else row["report"]


async def over(conn: WorkerConnection, limit: int) -> list[Leftover]:
    """Files that no job will read any more. Remove the files first, then call `forget`, so that none gets lost."""
    async with conn.cursor(row_factory=class_row(Leftover)) as cursor:
        return await (await cursor.execute(_OVER, [limit])).fetchall()


async def files_of(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> list[Leftover]:
    """All files of a profile's imports that are still there."""
    async with conn.cursor(row_factory=class_row(Leftover)) as cursor:
        return await (await cursor.execute(_PATHS, [user_id, profile_id])).fetchall()


async def forget(conn: WorkerConnection, ids: Sequence[UUID]) -> None:
    """Records that the files of these imports are removed."""
    await conn.execute(_FORGET, [list(ids)])
