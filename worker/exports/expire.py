"""Files and pictures do not stay: what is over is removed, and what a lost worker or a deleted user left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial

from shared import logs
from shared.db.pools import WorkerConnection
from shared.files import Files, delete_own
from shared.store import exports, imports, job_pictures
from worker.beside import repeating
from worker.exports.rows import in_thread
from worker.services import Services

Transaction = Callable[[], AbstractAsyncContextManager[WorkerConnection]]
_BATCH = 100
_EVERY = timedelta(minutes=10)
_FORGOTTEN_AFTER = timedelta(days=30)
# A file that no row knows is as old as one that expired, and a little older, so that rows always go first.
_SLACK = timedelta(hours=1)
_log = logs.get("worker.exports")


async def expire(transaction: Transaction, files: Files, lifetime: timedelta) -> int:
    """Removes the files and pictures whose time is over and returns how many; many workers may do so at once."""
    async with transaction() as conn:
        over = await exports.expired(conn, _BATCH)
    for export in over:
        await in_thread(delete_own, files, export.user_id, export.path)
    async with transaction() as conn:
        await exports.forget(conn, [export.id for export in over], _FORGOTTEN_AFTER)
        pictures = await job_pictures.remove_expired(conn)
    handed_over = await _remove_handed_over(transaction, files)
    return len(over) + pictures + handed_over + await in_thread(files.sweep, lifetime + _SLACK)


async def _remove_handed_over(transaction: Transaction, files: Files) -> int:
    """Official exports whose job has ended without removing them: cancelled before it began, or with its worker."""
    async with transaction() as conn:
        over = await imports.over(conn, _BATCH)
    for left in over:
        for path in left.paths:
            await in_thread(delete_own, files, left.user_id, path)
    async with transaction() as conn:
        await imports.forget(conn, [left.id for left in over])
    return len(over)


@asynccontextmanager
async def expiring(services: Services, every: timedelta = _EVERY) -> AsyncIterator[None]:
    """Expires files and pictures now and then for as long as the block lasts, where this worker keeps the schedule."""
    if not services.settings.scheduler:
        yield
        return
    async with repeating("expiring", partial(_turn, services), every):
        yield


async def _turn(services: Services) -> None:
    removed = await expire(services.pool.connection, services.files, services.settings.export_lifetime)
    if removed:
        _log.info("exports_expired", removed=removed)
