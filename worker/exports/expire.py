"""Files and pictures do not stay: what is over is removed, and what a lost worker or a deleted user left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import psycopg

from shared import logs
from shared.db.pools import WorkerConnection
from shared.errors import RollcallError
from shared.files import Files
from shared.store import exports, imports, job_pictures
from worker.exports.rows import in_thread
from worker.services import Services
from worker.stopping import stopped

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
        await in_thread(files.delete, export.path)
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
            await in_thread(files.delete, path)
    async with transaction() as conn:
        await imports.forget(conn, [left.id for left in over])
    return len(over)


@asynccontextmanager
async def expiring(services: Services, every: timedelta = _EVERY) -> AsyncIterator[None]:
    """Expires files and pictures now and then for as long as the block lasts, where this worker keeps the schedule."""
    task = asyncio.create_task(_again_and_again(services, every)) if services.settings.scheduler else None
    try:
        yield
    finally:
        if task is not None:
            await stopped([task])


async def _again_and_again(services: Services, every: timedelta) -> None:
    while True:
        try:
            removed = await expire(services.pool.connection, services.files, services.settings.export_lifetime)
            if removed:
                _log.info("exports_expired", removed=removed)
        except (psycopg.OperationalError, OSError, RollcallError) as error:
            _log.warning("expiring_failed", error=type(error).__name__)
        await asyncio.sleep(every.total_seconds())
