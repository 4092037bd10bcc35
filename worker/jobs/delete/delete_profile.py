"""DELETE_PROFILE: deletes everything about a profile for its owner, and then the profile. Continues after a stop."""

from __future__ import annotations

from uuid import UUID

from shared.errors import Permanent
from shared.files.folder import delete_own
from shared.store.deletion import delete_profile
from shared.store.files import exports, imports
from worker.jobs.base import JobContext
from worker.services import Services
from worker.threads import in_thread

_BATCH = 10_000


async def run(ctx: JobContext, services: Services, batch: int = _BATCH) -> None:
    """Deletes a profile in state DELETING; a missing one is no error. Raises Permanent for any other state."""
    if ctx.job.profile_id is not None:
        await purge_profile(ctx, services, ctx.job.profile_id, batch)


async def purge_profile(ctx: JobContext, services: Services, profile_id: UUID, batch: int = _BATCH) -> None:
    """Deletes any profile of the job's user."""
    user_id = ctx.job.user_id
    async with ctx.transaction() as conn:
        state = await delete_profile.state(conn, user_id, profile_id)
        if state == "DELETING":
            await delete_profile.cancel_jobs(conn, user_id, profile_id, ctx.job.id)
    if state is None:
        return
    if state != "DELETING":
        raise Permanent().as_variant("profile")
    await _delete_files(ctx, services, profile_id)
    deleted = await _delete_rows(ctx, profile_id, batch)
    async with ctx.transaction() as conn:
        await delete_profile.remove_profile(conn, user_id, profile_id)
    ctx.log.info("profile_purged", rows=deleted)


async def _delete_files(ctx: JobContext, services: Services, profile_id: UUID) -> None:
    """Deletes the files before their rows, which alone know their paths."""
    async with ctx.reading() as conn:
        files = [file.path for file in await exports.files_of(conn, ctx.job.user_id, profile_id)]
        for handed_over in await imports.files_of(conn, ctx.job.user_id, profile_id):
            files += handed_over.paths
    for path in files:
        ctx.check()
        await in_thread(delete_own, services.files, ctx.job.user_id, path)


async def _delete_rows(ctx: JobContext, profile_id: UUID, batch: int) -> int:
    deleted = 0
    for step in range(delete_profile.STEPS):
        gone = batch
        while gone == batch:
            ctx.check()
            async with ctx.transaction() as conn:
                gone = await delete_profile.clear(conn, step, ctx.job.user_id, profile_id, ctx.job.id, batch)
                await ctx.save_cursor(conn, None, items=gone)
            deleted += gone
            ctx.progress("delete", deleted, None)
    return deleted
