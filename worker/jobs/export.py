"""EXPORT: writes the file that a person wished for. It appears whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from errno import EDQUOT, EFBIG, ENOSPC
from uuid import UUID

from shared.domain.exports import filename
from shared.errors import Permanent
from shared.files import PersonFiles
from shared.store import exports
from shared.store.exports import Export
from worker.exports.about import Facts
from worker.exports.expire import expire
from worker.exports.rows import writer
from worker.exports.write import write
from worker.jobs.base import JobContext
from worker.services import Services
from worker.threads import in_thread

DISK_FULL = frozenset({ENOSPC, EDQUOT, EFBIG})


async def run(ctx: JobContext, services: Services) -> None:
    """Writes the export that `args.export_id` names; one that its owner has deleted is no error.

    Raises NotConnected when the profile is gone, Permanent when the disk is full.
    """
    async with ctx.reading() as conn:
        export = await exports.load(conn, ctx.job.user_id, UUID(str(ctx.job.args["export_id"])))
    if export is None:
        return
    # Two workers never write the same file, even if one has lost its lease without knowing.
    path = f"{export.user_id}/{export.id}-{ctx.job.fence}.{export.format}"
    try:
        facts, rows = await _write(ctx, services, export, path)
        await _publish(ctx, services, export, path, facts, rows)
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        raise Permanent().as_variant("disk_exports") from error
    await expire(ctx.transaction, services.files, services.settings.export_lifetime)


async def _write(ctx: JobContext, services: Services, export: Export, path: str) -> tuple[Facts, int]:
    def told(done: int, total: int) -> None:
        ctx.check()
        ctx.progress("write", done, total)

    async with writer(PersonFiles(services.files, export.user_id), path) as file, ctx.reading() as conn:
        return await write(conn, export, file, told)


async def _publish(ctx: JobContext, services: Services, export: Export, path: str, facts: Facts, rows: int) -> None:
    """The row learns of its file under the fence; a file that no row will know is removed."""
    files = PersonFiles(services.files, export.user_id)
    keep: timedelta = services.settings.export_lifetime
    name = filename(facts.profile.username, export.what, export.format, facts.made_at.astimezone(facts.zone).date())
    size = await in_thread(files.size, path)
    published = False
    try:
        async with ctx.transaction() as conn:
            known = await exports.finish(conn, export, path=path, filename=name, rows=rows, size=size or 0, keep=keep)
        published = known
    finally:
        if not published:
            await in_thread(files.delete, path)
    ctx.log.info("export_written", what=export.what, format=export.format, rows=rows, bytes=size, kept=published)
