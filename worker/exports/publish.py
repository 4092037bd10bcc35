"""Ends any export: records the file in its row, and names a full disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from uuid import UUID

from shared.errors import Permanent
from shared.files.folder import PersonFiles
from shared.store.files import exports
from shared.store.files.exports import Written
from worker.jobs.base import JobContext
from worker.services import Services
from worker.threads import in_thread

_DISK_FULL = frozenset({ENOSPC, EDQUOT, EFBIG})


@contextmanager
def room_on_the_disk() -> Iterator[None]:
    """Raises Permanent, with the next step, where the disk for exports is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        raise Permanent(
            "The disk on which exports are kept is full.",
            next_step="Delete exports that you do not need, or make room on the disk, then create this one again.",
        ) from error


async def publish(ctx: JobContext, services: Services, export_id: UUID, *, path: str, name: str, rows: int) -> None:
    """Records the file in its row under the fence; removes a file that no row will know."""
    files = PersonFiles(services.files, ctx.job.user_id)
    size = await in_thread(files.size, path)
    written = Written(path, name, rows, size or 0)
    published = False
    try:
        async with ctx.transaction() as conn:
            keep = services.settings.export_lifetime
            known = await exports.finish(conn, ctx.job.user_id, export_id, written, keep)
        published = known
    finally:
        if not published:
            await in_thread(files.delete, path)
    ctx.log.info("export_written", rows=rows, bytes=written.size, kept=published)
