"""Deletes an account. The web's part is one function; the worker removes the rest, some rows at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString
from uuid import UUID

from psycopg import sql

from shared.db.pools import WebConnection, WorkerConnection

# Rows that no key ties to the account, without those that went with their profiles.
_LOOSE = ("list_pages", "stays", "person_names", "people", "media_metrics")
_CLEAR: LiteralString = """
    delete from public.{table} where ctid = any(array(
        select ctid from public.{table} where user_id = %(user_id)s limit %(limit)s
    ))
"""
_JOBS: LiteralString = """
    delete from public.sync_jobs where id in (
        select id from public.sync_jobs where user_id = %(user_id)s and id <> %(job_id)s
            and state in ('COMPLETED', 'FAILED', 'CANCELLED') limit %(limit)s
    )
"""
_STATEMENTS: tuple[sql.Composed, ...] = (
    *(sql.SQL(_CLEAR).format(table=sql.Identifier(name)) for name in _LOOSE),
    sql.SQL(_JOBS).format(),
)
STEPS = len(_STATEMENTS)
_LEAVES: LiteralString = "select from rollcall.account_deletions where user_id = %s"
_PROFILES: LiteralString = "select id from public.profiles where user_id = %s order by id"
_MARK: LiteralString = (
    "update public.profiles set state = 'DELETING', updated_at = now() where user_id = %s and state <> 'DELETING'"
)
_FILES: LiteralString = "select path from public.exports where user_id = %s and path is not null"
# Another job follows one that failed for good, or a deleted account would stay.
_AGAIN: LiteralString = """
    with made as (
        insert into public.sync_jobs (user_id, kind, max_attempts)
        select e.user_id, 'DELETE_ACCOUNT', 100 from rollcall.account_deletions e
        where not exists (
            select from public.sync_jobs j where j.user_id = e.user_id and j.kind = 'DELETE_ACCOUNT'
                and (j.ended_at is null or j.ended_at > now() - interval '1 hour')
        )
        order by e.requested_at limit 20
        returning 1
    )
    select count(*) as made from made
"""


def leave(conn: WebConnection) -> UUID:
    """Begins to delete the signed-in user's account and returns the job that finishes it.

    Once this is committed the user's data key is destroyed, every session has ended, and all other work has stopped.
    """
    row = conn.execute("select rollcall.delete_account() as job_id").fetchone()
    if row is None:
        raise LookupError("rollcall.delete_account() returned nothing")
    job_id: UUID = row["job_id"]
    return job_id


async def asked_for(conn: WorkerConnection, user_id: UUID) -> bool:
    """Whether the user asked for the deletion, and is still here."""
    return await (await conn.execute(_LEAVES, [user_id])).fetchone() is not None


async def profiles(conn: WorkerConnection, user_id: UUID) -> list[UUID]:
    """The profiles that are left; each is marked for deletion."""
    await conn.execute(_MARK, [user_id])
    return [row["id"] for row in await (await conn.execute(_PROFILES, [user_id])).fetchall()]


async def files_of(conn: WorkerConnection, user_id: UUID) -> list[str]:
    """The paths of the account's own files; files of profiles go with their profiles."""
    return [row["path"] for row in await (await conn.execute(_FILES, [user_id])).fetchall()]


async def clear(conn: WorkerConnection, step: int, user_id: UUID, job_id: UUID, limit: int) -> int:
    """Deletes up to `limit` rows of step 0 .. STEPS - 1 and returns their number; fewer than that end the step."""
    given: Mapping[str, object] = {"user_id": user_id, "job_id": job_id, "limit": limit}
    return (await conn.execute(_STATEMENTS[step], given)).rowcount


async def enqueue_again(conn: WorkerConnection) -> int:
    """Gives a new job to each deletion without one, and returns the number of them."""
    row = await (await conn.execute(_AGAIN)).fetchone()
    return 0 if row is None else int(row["made"])
