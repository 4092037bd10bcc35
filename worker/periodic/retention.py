"""Deletes rows past their retention age, in batches. Runs only in workers that keep the schedule."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial

from shared import logs
from shared.db.pools import WorkerConnection
from shared.platforms import platform_of
from shared.settings import Settings
from shared.store.deletion import delete_account, lent_figures, retention
from shared.store.deletion.retention import Old
from worker.periodic.task import each, repeating
from worker.services import Services
from worker.telemetry.measures import UNMEASURED, Measures

Transaction = Callable[[], AbstractAsyncContextManager[WorkerConnection]]
_BATCH = 1000
# A long backlog is spread over several turns, so that no other work waits for it.
_MOST_BATCHES = 50
_EVERY = timedelta(minutes=10)
# So long the answer of a consent page that comes too late can be told from a foreign one.
_CONSENTS_KEPT = timedelta(days=1)
_log = logs.get("worker.periodic.retention")


def ages(settings: Settings) -> dict[Old, timedelta]:
    """The age limit of each kind of row; kinds kept for ever are left out."""
    days = {
        Old.ATTEMPTS: settings.keep_attempts,
        Old.JOBS: settings.keep_jobs,
        Old.ALERTS: settings.keep_alerts,
        Old.METRICS: settings.keep_metrics,
    }
    return {what: timedelta(days=kept) for what, kept in days.items() if kept > 0} | {Old.CONSENTS: _CONSENTS_KEPT}


async def clean(
    transaction: Transaction, kept: Mapping[Old, timedelta], batch: int = _BATCH, most: int = _MOST_BATCHES
) -> dict[Old, int]:
    """Removes old rows, at most `most` batches of each kind, one transaction per batch; returns the numbers of rows.

    A kind that cannot be removed does not stop the others; the first error is raised at the end.
    """
    removed: dict[Old, int] = {}

    async def remove(what: Old) -> None:
        for _ in range(most):
            async with transaction() as conn:
                gone = await retention.remove(conn, what, kept[what], batch)
            removed[what] = removed.get(what, 0) + gone
            if gone < batch:
                break

    for fault in (await each(kept, remove))[1]:
        raise fault
    return removed


@asynccontextmanager
async def cleaning(
    services: Services, measures: Measures = UNMEASURED, every: timedelta = _EVERY
) -> AsyncIterator[None]:
    """Removes old rows regularly for as long as the block lasts, where this worker keeps the schedule."""
    if not services.settings.scheduler:
        yield
        return
    async with repeating("cleaning", partial(_turn, services), every, measures):
        yield


async def _turn(services: Services) -> None:
    parts = (partial(_leave_again, services), partial(_clean, services), partial(_give_back, services))
    for fault in (await each(parts, lambda part: part()))[1]:
        raise fault


async def _leave_again(services: Services) -> None:
    async with services.pool.connection() as conn:
        leaving = await delete_account.enqueue_again(conn)
    if leaving:
        _log.info("erasure_enqueued_again", leaving=leaving)


async def _give_back(services: Services) -> None:
    """Removes what a platform lends, where it does not let this installation keep it."""
    lenders = lending(services)
    if not lenders:
        return
    lent = sorted({way for name in lenders for way in platform_of(name).providers})
    parts: dict[str, Callable[..., Awaitable[int]]] = {
        **{table: partial(lent_figures.remove, table=table, sources=lent) for table in lent_figures.TABLES},
        "profile_days": partial(lent_figures.remove_days, platforms=lenders),
        "media": partial(lent_figures.remove_media, platforms=lenders),
        "profiles": partial(lent_figures.forget_facts, platforms=lenders),
    }
    for table, remove in parts.items():
        removed = await _in_batches(services, remove)
        if removed:
            _log.info("lent_figures_removed", table=table, rows=removed)


async def _in_batches(services: Services, remove: Callable[..., Awaitable[int]]) -> int:
    """Removes at most a turn's rows, one transaction a batch; returns their number."""
    removed = 0
    for _ in range(_MOST_BATCHES):
        async with services.pool.connection() as conn:
            gone = await remove(conn, limit=_BATCH)
        removed += gone
        if gone < _BATCH:
            break
    return removed


def lending(services: Services) -> list[str]:
    """The platforms whose figures may not be kept for good."""
    return sorted(client.name for client in services.platforms.values() if not client.derives)


async def _clean(services: Services) -> None:
    removed = await clean(services.pool.connection, ages(services.settings))
    if any(removed.values()):
        _log.info("cleaned", **{what.value: rows for what, rows in removed.items()})
