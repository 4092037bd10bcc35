"""PURGE: everything about a profile that its owner deletes, and then the profile. Goes on where it was stopped."""

from __future__ import annotations

from uuid import UUID

from shared.errors import Permanent
from shared.files import delete_own
from shared.store import exports, imports, purge
from worker.jobs.base import JobContext
from worker.services import Services
from worker.threads import in_thread

_BATCH = 10_000


async def run(ctx: JobContext, services: Services, batch: int = _BATCH) -> None:
    """Clears a profile in state DELETING; one that is gone is no error. Raises Permanent for any other state."""
    if ctx.job.profile_id is not None:
        await purge_profile(ctx, services, ctx.job.profile_id, batch)


async def purge_profile(ctx: JobContext, services: Services, profile_id: UUID, batch: int = _BATCH) -> None:
    """The same for any profile of the job's user."""
    user_id = ctx.job.user_id
    async with ctx.transaction() as conn:
        state = await purge.state(conn, user_id, profile_id)
        if state == "DELETING":
            await purge.cancel_jobs(conn, user_id, profile_id, ctx.job.id)
    if state is None:
        return
    if state != "DELETING":
        raise Permanent().as_variant("profile")
    await _delete_files(ctx, services, profile_id)
    deleted = await _delete_rows(ctx, profile_id, batch)
    async with ctx.transaction() as conn:
        await purge.remove_profile(conn, user_id, profile_id)
    ctx.log.info("profile_purged", rows=deleted)


async def _delete_files(ctx: JobContext, services: Services, profile_id: UUID) -> None:
    """Before their rows, which alone know where they lie."""
    async with ctx.reading() as conn:
        files = [file.path for file in await exports.files_of(conn, ctx.job.user_id, profile_id)]
        for handed_over in await imports.files_of(conn, ctx.job.user_id, profile_id):
            files += handed_over.paths
    for path in files:
        ctx.check()
        await in_thread(delete_own, services.files, ctx.job.user_id, path)


async def _delete_rows(ctx: JobContext, profile_id: UUID, batch: int) -> int:
    deleted = 0
    for step in range(purge.STEPS):
        gone = batch
        while gone == batch:
            ctx.check()
            async with ctx.transaction() as conn:
                gone = await purge.clear(conn, step, ctx.job.user_id, profile_id, ctx.job.id, batch)
                await ctx.save_cursor(conn, None, items=gone)
            deleted += gone
            ctx.progress("delete", deleted, None)
    return deleted
