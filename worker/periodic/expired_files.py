"""Removes expired files and pictures, and the leftovers of a lost worker or a deleted user."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from uuid import UUID

from shared import logs
from shared.db.pools import WorkerConnection
from shared.files.folder import Files, delete_own
from shared.store.files import exports, imports
from shared.store.queue import login_screenshots
from worker.periodic.task import each, repeating
from worker.services import Services
from worker.telemetry.measures import UNMEASURED, Measures
from worker.threads import in_thread

Transaction = Callable[[], AbstractAsyncContextManager[WorkerConnection]]
_BATCH = 100
_EVERY = timedelta(minutes=10)
_FORGOTTEN_AFTER = timedelta(days=30)
# A file without a row is removed a little after its expiry, so that rows always go first.
_SLACK = timedelta(hours=1)
_log = logs.get("worker.exports")


async def expire(transaction: Transaction, files: Files, lifetime: timedelta) -> int:
    """Removes expired files and pictures and returns their number; many workers may do so at once.

    A file that cannot be removed does not stop the rest. The first such error is raised at the end.
    """
    removed = 0

    async def counted(part: Callable[[], Awaitable[int]]) -> None:
        nonlocal removed
        removed += await part()

    parts = (
        partial(_remove_expired, transaction, files),
        partial(_remove_pictures, transaction),
        partial(_remove_handed_over, transaction, files),
        partial(in_thread, files.sweep, lifetime + _SLACK),
    )
    _raise_first((await each(parts, counted))[1])
    return removed


async def _remove_expired(transaction: Transaction, files: Files) -> int:
    async with transaction() as conn:
        over = await exports.expired_files(conn, _BATCH)
    gone, faults = await each(over, lambda export: in_thread(delete_own, files, export.user_id, export.path))
    async with transaction() as conn:
        await exports.forget(conn, [export.id for export in gone], _FORGOTTEN_AFTER)
    _raise_first(faults)
    return len(gone)


async def _remove_pictures(transaction: Transaction) -> int:
    async with transaction() as conn:
        return await login_screenshots.remove_expired(conn)


async def _remove_handed_over(transaction: Transaction, files: Files) -> int:
    """Removes data downloads whose job ended without removing them: cancelled before it began, or with its worker."""
    async with transaction() as conn:
        over = await imports.over(conn, _BATCH)
    gone, faults = await each(over, lambda left: _remove_all(files, left.user_id, left.paths))
    async with transaction() as conn:
        await imports.forget(conn, [left.id for left in gone])
    _raise_first(faults)
    return len(gone)


async def _remove_all(files: Files, user_id: UUID, paths: Sequence[str]) -> None:
    for path in paths:
        await in_thread(delete_own, files, user_id, path)


def _raise_first(faults: Sequence[Exception]) -> None:
    for fault in faults:
        raise fault


@asynccontextmanager
async def expiring(
    services: Services, measures: Measures = UNMEASURED, every: timedelta = _EVERY
) -> AsyncIterator[None]:
    """Removes expired files and pictures regularly during the block, where this worker keeps the schedule."""
    if not services.settings.scheduler:
        yield
        return
    async with repeating("expiring", partial(_turn, services), every, measures):
        yield


async def _turn(services: Services) -> None:
    removed = await expire(services.pool.connection, services.files, services.settings.export_lifetime)
    if removed:
        _log.info("exports_expired", removed=removed)
