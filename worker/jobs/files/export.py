"""EXPORT: writes a requested file, which appears whole or not at all."""

from __future__ import annotations

from uuid import UUID

from shared.domain.exports import filename
from shared.files.folder import PersonFiles
from shared.store.files import exports
from shared.store.files.exports import Export
from worker.exports.about import Facts
from worker.exports.publish import publish, room_on_the_disk
from worker.exports.rows import writer
from worker.exports.write import write
from worker.jobs.base import JobContext
from worker.periodic.expired_files import expire
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Writes the export that `args.export_id` names; a deleted one is no error.

    Raises NotConnected when the profile is gone, Permanent when the disk is full.
    """
    async with ctx.reading() as conn:
        export = await exports.load(conn, ctx.job.user_id, UUID(str(ctx.job.args["export_id"])))
    if export is None:
        return
    # Two workers never write the same file, even if one has lost its lease without knowing.
    path = f"{export.user_id}/{export.id}-{ctx.job.fence}.{export.format}"
    with room_on_the_disk():
        facts, rows = await _write(ctx, services, export, path)
        day = facts.made_at.astimezone(facts.zone).date()
        name = filename(facts.profile.username, export.what, export.format, day)
        await publish(ctx, services, export.id, path=path, name=name, rows=rows)
    await expire(ctx.transaction, services.files, services.settings.export_lifetime)


async def _write(ctx: JobContext, services: Services, export: Export, path: str) -> tuple[Facts, int]:
    def on_progress(done: int, total: int) -> None:
        ctx.check()
        ctx.progress("write", done, total)

    async with writer(PersonFiles(services.files, export.user_id), path) as file, ctx.reading() as conn:
        return await write(conn, export, file, on_progress)
