"""Leaving for good. The web's part is one function; the worker's removes what is left, some rows at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString
from uuid import UUID

from psycopg import sql

from shared.db.pools import WebConnection, WorkerConnection

# Rows that no key ties to the account, beyond those that went with their profiles.
_LOOSE = ("list_pages", "follow_spans", "person_names", "people", "media_metrics")
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
_LEAVES: LiteralString = "select from rollcall.erasures where user_id = %s"
_PROFILES: LiteralString = "select id from public.profiles where user_id = %s order by id"
_MARK: LiteralString = (
    "update public.profiles set state = 'DELETING', updated_at = now() where user_id = %s and state <> 'DELETING'"
)
_FILES: LiteralString = "select path from public.exports where user_id = %s and path is not null"
# A job that failed for good is followed by another, or somebody would stay who has left.
_AGAIN: LiteralString = """
    with made as (
        insert into public.sync_jobs (user_id, kind, max_attempts)
        select e.user_id, 'ERASE', 100 from rollcall.erasures e
        where not exists (
            select from public.sync_jobs j where j.user_id = e.user_id and j.kind = 'ERASE'
                and (j.ended_at is null or j.ended_at > now() - interval '1 hour')
        )
        order by e.requested_at limit 20
        returning 1
    )
    select count(*) as made from made
"""


def leave(conn: WebConnection) -> UUID:
    """Begins the end of the signed-in person's account and returns the job that finishes it.

    When this is committed their data key is destroyed, every session has ended, and no other work goes on.
    """
    row = conn.execute("select rollcall.leave() as job_id").fetchone()
    if row is None:
        raise LookupError("rollcall.leave() returned nothing")
    job_id: UUID = row["job_id"]
    return job_id


async def asked_for(conn: WorkerConnection, user_id: UUID) -> bool:
    """Whether the person asked to leave, and is still here."""
    return await (await conn.execute(_LEAVES, [user_id])).fetchone() is not None


async def profiles(conn: WorkerConnection, user_id: UUID) -> list[UUID]:
    """The profiles that are left, every one of them marked as one that goes."""
    await conn.execute(_MARK, [user_id])
    return [row["id"] for row in await (await conn.execute(_PROFILES, [user_id])).fetchall()]


async def files_of(conn: WorkerConnection, user_id: UUID) -> list[str]:
    """Where the account's own files lie; those of its profiles go with them."""
    return [row["path"] for row in await (await conn.execute(_FILES, [user_id])).fetchall()]


async def clear(conn: WorkerConnection, step: int, user_id: UUID, job_id: UUID, limit: int) -> int:
    """Deletes up to `limit` rows of step 0 .. STEPS - 1 and returns how many; fewer than that end the step."""
    given: Mapping[str, object] = {"user_id": user_id, "job_id": job_id, "limit": limit}
    return (await conn.execute(_STATEMENTS[step], given)).rowcount


async def enqueue_again(conn: WorkerConnection) -> int:
    """Gives a new job to whoever is leaving and has none, and returns to how many."""
    row = await (await conn.execute(_AGAIN)).fetchone()
    return 0 if row is None else int(row["made"])
