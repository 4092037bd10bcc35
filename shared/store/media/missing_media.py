"""Posts that a whole reading did not show: missing until a look-up, then deleted, archived, or back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import scalar_row

from shared.db.pools import WorkerConnection

# Only a whole reading counts, and only for media known when it began.
_MISS: LiteralString = """
    update public.media m set missing_since = r.observed_start
    from public.media_runs r
    where r.id = %(run)s and r.user_id = %(user_id)s and r.verdict = 'whole' and r.observed_start is not null
        and m.user_id = %(user_id)s and m.profile_id = %(profile_id)s and m.kind <> 'story'
        and m.gone_at is null and m.missing_since is null and m.last_seen_at < r.observed_start
"""
_MISSING: LiteralString = """
    select platform_id from public.media
    where user_id = %s and profile_id = %s and missing_since is not null and gone_at is null and kind <> 'story'
    order by posted_at desc nulls last limit %s
"""
_GONE: LiteralString = """
    update public.media set gone_at = missing_since, gone_as = %s
    where user_id = %s and profile_id = %s and platform_id = any(%s) and missing_since is not null and gone_at is null
    returning id
"""
_BACK: LiteralString = """
    update public.media set missing_since = null, last_seen_at = greatest(last_seen_at, %s)
    where user_id = %s and profile_id = %s and platform_id = %s
"""


async def mark_missing(conn: WorkerConnection, user_id: UUID, profile_id: UUID, run_id: UUID) -> int:
    """Marks media that a just published whole reading did not show; returns their number. Others mark nothing."""
    given = {"run": run_id, "user_id": user_id, "profile_id": profile_id}
    return (await conn.execute(_MISS, given)).rowcount


async def missing(conn: WorkerConnection, user_id: UUID, profile_id: UUID, limit: int) -> list[str]:
    """The ids of missing media without a look-up yet, newest first."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        return await (await cursor.execute(_MISSING, [user_id, profile_id, limit])).fetchall()


async def mark_archived(conn: WorkerConnection, user_id: UUID, profile_id: UUID, ids: Sequence[str]) -> int:
    """Marks those of these that are missing as archived; returns their number."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        return len(await (await cursor.execute(_GONE, ["archived", user_id, profile_id, list(ids)])).fetchall())


async def mark_deleted(conn: WorkerConnection, user_id: UUID, profile_id: UUID, platform_id: str) -> None:
    """Marks a missing medium that the platform no longer has."""
    await conn.execute(_GONE, ["deleted", user_id, profile_id, [platform_id]])


async def mark_back(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, platform_id: str, observed_at: datetime
) -> None:
    """Marks a medium as present again: the platform still shows it by its id."""
    await conn.execute(_BACK, [observed_at, user_id, profile_id, platform_id])
