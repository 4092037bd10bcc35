"""ACCOUNT_EXPORT: all of a person's data as one ZIP. It appears whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from shared.errors import Permanent
from shared.files import PersonFiles
from shared.store import account_exports
from shared.store.account_exports import Written
from worker.exports import account_file
from worker.exports.expire import expire
from worker.exports.rows import writer
from worker.jobs.base import JobContext
from worker.jobs.export import DISK_FULL
from worker.services import Services
from worker.threads import in_thread


async def run(ctx: JobContext, services: Services) -> None:
    """Writes the file that `args.export_id` names; one whose wish is gone is no error. Permanent on a full disk."""
    user_id, export_id = ctx.job.user_id, UUID(str(ctx.job.args["export_id"]))
    async with ctx.reading() as conn:
        if not await account_exports.wished(conn, user_id, export_id):
            return
    # Two workers never write the same file, even if one has lost its lease without knowing.
    path = f"{user_id}/{export_id}-{ctx.job.fence}.zip"
    try:
        rows = await _write(ctx, services, path)
        await _publish(ctx, services, export_id, path, rows)
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        raise Permanent().as_variant("disk_files") from error
    await expire(ctx.transaction, services.files, services.settings.export_lifetime)


async def _write(ctx: JobContext, services: Services, path: str) -> int:
    def told(done: int) -> None:
        ctx.check()
        ctx.progress("write", done, None)

    async with writer(PersonFiles(services.files, ctx.job.user_id), path) as file, ctx.reading() as conn:
        return await account_file.write(conn, ctx.job.user_id, file, told)


async def _publish(ctx: JobContext, services: Services, export_id: UUID, path: str, rows: int) -> None:
    """The row learns of its file under the fence; a file that no row will know is removed."""
    files = PersonFiles(services.files, ctx.job.user_id)
    name = f"rollcall_all-my-data_{datetime.now(UTC).date().isoformat()}.zip"
    size = await in_thread(files.size, path)
    written, published = Written(path, name, rows, size or 0), False
    try:
        async with ctx.transaction() as conn:
            keep = services.settings.export_lifetime
            known = await account_exports.finish(conn, ctx.job.user_id, export_id, written, keep)
        published = known
    finally:
        if not published:
            await in_thread(files.delete, path)
    ctx.log.info("account_export_written", rows=rows, bytes=size, kept=published)
