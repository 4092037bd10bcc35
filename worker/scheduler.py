"""What is due by schedule is enqueued once a minute. A missed tick heals by itself."""

import asyncio
from datetime import timedelta

import psycopg

from shared import logs
from shared.store import routes, schedule
from worker.services import Pool

_TICK = timedelta(minutes=1)
_log = logs.get("worker.scheduler")


async def run(pool: Pool, tick: timedelta = _TICK) -> None:
    """Ticks until it is cancelled; any number of workers may do so beside each other."""
    while True:
        try:
            async with pool.connection() as conn:
                made = await schedule.enqueue_due(conn) + await routes.enqueue_due(conn)
            if made:
                _log.info("schedule_ticked", enqueued=made)
        except psycopg.OperationalError as error:
            _log.warning("schedule_failed", error=type(error).__name__)
        await asyncio.sleep(tick.total_seconds())
