"""Files and pictures do not stay: what is over is removed, and what a lost worker or a deleted user left behind."""

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
# A file that no row knows is as old as one that expired, and a little older, so that rows always go first.
_SLACK = timedelta(hours=1)
_log = logs.get("worker.exports")


async def expire(transaction: Transaction, files: Files, lifetime: timedelta) -> int:
    """Removes the files and pictures whose time is over and returns how many; many workers may do so at once.

    What cannot be removed hinders nothing else. Its fault is raised at the end, the first one of several.
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
        over = await exports.expired(conn, _BATCH)
    gone, faults = await each(over, lambda export: in_thread(delete_own, files, export.user_id, export.path))
    async with transaction() as conn:
        await exports.forget(conn, [export.id for export in gone], _FORGOTTEN_AFTER)
    _raise_first(faults)
    return len(gone)


async def _remove_pictures(transaction: Transaction) -> int:
    async with transaction() as conn:
        return await login_screenshots.remove_expired(conn)


async def _remove_handed_over(transaction: Transaction, files: Files) -> int:
    """Official exports whose job has ended without removing them: cancelled before it began, or with its worker."""
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
    """Expires files and pictures now and then for as long as the block lasts, where this worker keeps the schedule."""
    if not services.settings.scheduler:
        yield
        return
    async with repeating("expiring", partial(_turn, services), every, measures):
        yield


async def _turn(services: Services) -> None:
    removed = await expire(services.pool.connection, services.files, services.settings.export_lifetime)
    if removed:
        _log.info("exports_expired", removed=removed)
