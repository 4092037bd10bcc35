"""The way in by which a job reads: every figure that it stores names it."""

from __future__ import annotations

from shared.db.pools import WorkerConnection
from shared.store.insights.figures import Owner
from shared.store.profiles import connections
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext


async def source_of(ctx: JobContext, conn: WorkerConnection) -> str:
    """The method of the job's connection; the browser for a job without one."""
    return await connections.method_of(conn, ctx.job.user_id, ctx.job.connection_id)


async def owner_of(ctx: JobContext, conn: WorkerConnection, profile: ProfileRow) -> Owner:
    """Whose figures the job reads, and by which way in."""
    return Owner(profile.user_id, profile.id, await source_of(ctx, conn))
