"""The account file with everything that is stored of one user: an export that belongs to no profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.error_text import message
from shared.store.files.exports import ExportFile

_RECENT: LiteralString = """
    select e.id, e.job_id, e.path, e.filename, e.row_count, e.byte_count, e.created_at, e.finished_at, e.expires_at,
        coalesce(e.expires_at <= now(), false) as expired, j.state as job_state, j.error_code,
        coalesce(j.error_params, '{}') as error_params
    from public.exports e left join public.sync_jobs j on j.id = e.job_id
    where e.user_id = %(user_id)s and e.what = 'account' and (%(id)s::uuid is null or e.id = %(id)s)
    order by e.created_at desc, e.id limit 1
"""
_LOAD: LiteralString = "select from public.exports where id = %s and user_id = %s and what = 'account'"


@dataclass(frozen=True, slots=True)
class AccountExport(ExportFile):
    """The file for its owner, with the sentence of a job that failed."""

    error_code: str | None
    error_params: Mapping[str, Any]

    @property
    def error_message(self) -> str | None:
        """The text of the job's error."""
        return message(self.error_code, self.error_params)


def request(conn: WebConnection) -> UUID:
    """Requests the signed-in user's file; returns the pending request where there is one."""
    row = conn.execute("select rollcall.request_account_export() as export_id").fetchone()
    if row is None:
        raise LookupError("rollcall.request_account_export() returned nothing")
    export_id: UUID = row["export_id"]
    return export_id


def newest(conn: WebConnection, user_id: UUID, export_id: UUID | None = None) -> AccountExport | None:
    """The user's newest file, or the named one; None where there is none."""
    with conn.cursor(row_factory=class_row(AccountExport)) as cursor:
        return cursor.execute(_RECENT, {"user_id": user_id, "id": export_id}).fetchone()


async def is_requested(conn: WorkerConnection, user_id: UUID, export_id: UUID) -> bool:
    """Whether the request still exists."""
    return await (await conn.execute(_LOAD, [export_id, user_id])).fetchone() is not None
