"""Enqueues scheduled jobs and due renewals once a minute. A missed tick heals by itself."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from shared import logs
from shared.db.pools import WorkerConnection
from shared.store.followers import endpoints
from shared.store.queue import renewals, schedule
from worker.periodic.task import again_and_again, each
from worker.services import Pool
from worker.telemetry.measures import UNMEASURED, Measures

_TICK = timedelta(minutes=1)
_log = logs.get("worker.periodic.schedule")


async def run(pool: Pool, measures: Measures = UNMEASURED, tick: timedelta = _TICK) -> None:
    """Ticks until it is cancelled; any number of workers may do so at the same time."""
    await again_and_again("schedule", partial(_tick, pool), tick, measures)


async def _tick(pool: Pool) -> None:
    """Enqueues all due work, then raises the first error of the parts that failed."""

    async def enqueue(due: Callable[[WorkerConnection], Awaitable[int]]) -> None:
        async with pool.connection() as conn:
            made = await due(conn)
        if made:
            _log.info("schedule_ticked", enqueued=made)

    for fault in (await each((schedule.enqueue_due, endpoints.enqueue_due, renewals.enqueue_due), enqueue))[1]:
        raise fault
