"""The way in by which a job reads: every figure that it stores names it."""

from __future__ import annotations

from shared.db.pools import WorkerConnection
from shared.store.profiles import connections
from worker.jobs.base import JobContext


async def source_of(ctx: JobContext, conn: WorkerConnection) -> str:
    """The method of the job's connection; the browser for a job without one."""
    return await connections.method_of(conn, ctx.job.user_id, ctx.job.connection_id)
