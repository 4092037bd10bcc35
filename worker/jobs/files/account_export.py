"""ACCOUNT_EXPORT: all of a user's data as one ZIP, which appears whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from shared.files.folder import PersonFiles
from shared.store.files import account_exports
from worker.exports import account_file
from worker.exports.publish import publish, room_on_the_disk
from worker.exports.rows import writer
from worker.jobs.base import JobContext
from worker.periodic.expired_files import expire
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Writes the file that `args.export_id` names; a deleted request is no error. Raises Permanent on a full disk."""
    user_id, export_id = ctx.job.user_id, UUID(str(ctx.job.args["export_id"]))
    async with ctx.reading() as conn:
        if not await account_exports.is_requested(conn, user_id, export_id):
            return
    # Two workers never write the same file, even if one has lost its lease without knowing.
    path = f"{user_id}/{export_id}-{ctx.job.fence}.zip"
    with room_on_the_disk():
        rows = await _write(ctx, services, path)
        name = f"rollcall_all-my-data_{datetime.now(UTC).date().isoformat()}.zip"
        await publish(ctx, services, export_id, path=path, name=name, rows=rows)
    await expire(ctx.transaction, services.files, services.settings.export_lifetime)


async def _write(ctx: JobContext, services: Services, path: str) -> int:
    def on_progress(done: int) -> None:
        ctx.check()
        ctx.progress("write", done, None)

    async with writer(PersonFiles(services.files, ctx.job.user_id), path) as file, ctx.reading() as conn:
        return await account_file.write(conn, ctx.job.user_id, file, on_progress)
