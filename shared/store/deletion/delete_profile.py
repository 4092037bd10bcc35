"""Deletes a profile for its owner, some rows at a time, so that no lock lasts. For the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString
from uuid import UUID

from psycopg import sql

from shared.db.pools import WorkerConnection

_PAGES: LiteralString = """
    delete from public.list_pages where (run_id, page) in (
        select l.run_id, l.page from public.list_pages l join public.list_runs r on r.id = l.run_id
        where l.user_id = %(user_id)s and r.user_id = %(user_id)s and r.profile_id = %(profile_id)s limit %(limit)s
    )
"""
# Only ended jobs: a running one still finds its row, and notices that its profile is gone.
_JOBS: LiteralString = """
    delete from public.sync_jobs where id in (
        select id from public.sync_jobs where user_id = %(user_id)s and profile_id = %(profile_id)s and id <> %(job_id)s
            and state in ('COMPLETED', 'FAILED', 'CANCELLED') limit %(limit)s
    )
"""
_ROWS: LiteralString = """
    delete from public.{table} where ctid = any(array(
        select ctid from public.{table} where user_id = %(user_id)s and profile_id = %(profile_id)s limit %(limit)s
    ))
"""
# A row that points at another goes before it.
_TABLES = (
    "stays",
    "person_names",
    "people",
    "media_metrics",
    "media_insights",
    "official_media",
    "media_people",
    "media_engagers",
    "media_staged",
    "media_runs",
    "media",
    "profile_days",
    "profile_counts",
    "alerts",
    "login_screenshots",
    "exports",
    "imports",
    "insights",
    "insight_days",
    "insight_totals",
    "audience_shares",
    "imported_media",
    "connections",
)
_STATEMENTS: tuple[sql.Composed, ...] = (
    sql.SQL(_PAGES).format(),
    *(sql.SQL(_ROWS).format(table=sql.Identifier(name)) for name in (*_TABLES, "list_runs")),
    sql.SQL(_JOBS).format(),
)
STEPS = len(_STATEMENTS)
_STATE: LiteralString = "select state from public.profiles where id = %s and user_id = %s"
_CANCEL: LiteralString = """
    update public.sync_jobs set cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now(),
        state = case when state in ('PENDING', 'WAITING') then 'CANCELLED' else state end
    where user_id = %s and profile_id = %s and id <> %s and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')
"""
_PROFILE: LiteralString = "delete from public.profiles where id = %s and user_id = %s and state = 'DELETING'"


async def state(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> str | None:
    """The profile's state; None when it no longer exists."""
    row = await (await conn.execute(_STATE, [profile_id, user_id])).fetchone()
    return None if row is None else str(row["state"])


async def cancel_jobs(conn: WorkerConnection, user_id: UUID, profile_id: UUID, job_id: UUID) -> None:
    """Ends every other job of the profile, or asks a running one to stop."""
    await conn.execute(_CANCEL, [user_id, profile_id, job_id])


async def clear(conn: WorkerConnection, step: int, user_id: UUID, profile_id: UUID, job_id: UUID, limit: int) -> int:
    """Deletes up to `limit` rows of step 0 .. STEPS - 1 and returns their number; fewer than that end the step."""
    given: Mapping[str, object] = {"user_id": user_id, "profile_id": profile_id, "job_id": job_id, "limit": limit}
    return (await conn.execute(_STATEMENTS[step], given)).rowcount


async def remove_profile(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> None:
    """Deletes the profile's own row; its remaining jobs keep their rows without it."""
    await conn.execute(_PROFILE, [profile_id, user_id])
