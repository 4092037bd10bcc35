"""The file of everything that is stored of a person: an export that belongs to no profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain.jobs import LIVE, JobState
from shared.error_text import message

_RECENT: LiteralString = """
    select e.id, e.job_id, e.path, e.filename, e.row_count, e.byte_count, e.created_at, e.finished_at, e.expires_at,
        coalesce(e.expires_at <= now(), false) as expired, j.state as job_state, j.error_code,
        coalesce(j.error_params, '{}') as error_params
    from public.exports e left join public.sync_jobs j on j.id = e.job_id
    where e.user_id = %(user_id)s and e.what = 'account' and (%(id)s::uuid is null or e.id = %(id)s)
    order by e.created_at desc, e.id limit 1
"""
_LOAD: LiteralString = "select from public.exports where id = %s and user_id = %s and what = 'account'"
_FINISH: LiteralString = """
    update public.exports set path = %(path)s, filename = %(filename)s, row_count = %(rows)s, byte_count = %(bytes)s,
        finished_at = now(), expires_at = now() + %(keep)s
    where id = %(id)s and user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class AccountExport:
    """The file as its owner sees it. `path` is None until it is written and again when it was removed."""

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
    error_code: str | None
    error_params: Mapping[str, Any]

    @property
    def error_message(self) -> str | None:
        """What the person reads of the job's error."""
        return message(self.error_code, self.error_params)

    @property
    def working(self) -> bool:
        """Whether the file is still to come."""
        return self.finished_at is None and self.job_state in LIVE

    @property
    def ready(self) -> bool:
        """Whether there should be a file to download."""
        return self.path is not None and not self.expired


@dataclass(frozen=True, slots=True)
class Written:
    """A file that lies at `path`; `name` is what it is called when it is downloaded."""

    path: str
    name: str
    rows: int
    size: int


def wish(conn: WebConnection) -> UUID:
    """Asks for the signed-in person's file; the one under way where there is one."""
    row = conn.execute("select rollcall.wish_account_export() as export_id").fetchone()
    if row is None:
        raise LookupError("rollcall.wish_account_export() returned nothing")
    export_id: UUID = row["export_id"]
    return export_id


def newest(conn: WebConnection, user_id: UUID, export_id: UUID | None = None) -> AccountExport | None:
    """The newest file of the person, or the one named; None where there is none."""
    with conn.cursor(row_factory=class_row(AccountExport)) as cursor:
        return cursor.execute(_RECENT, {"user_id": user_id, "id": export_id}).fetchone()


async def wished(conn: WorkerConnection, user_id: UUID, export_id: UUID) -> bool:
    """Whether the wish is still there."""
    return await (await conn.execute(_LOAD, [export_id, user_id])).fetchone() is not None


async def finish(conn: WorkerConnection, user_id: UUID, export_id: UUID, written: Written, keep: timedelta) -> bool:
    """Says that the file is there and for how long; False when the wish is gone."""
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
