"""Runs the worker process. The first signal drains it, the second ends it at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress

import psycopg

from shared import logs
from shared.db.poolers import require_sessions
from shared.domain.jobs import JobKind
from shared.settings import Settings
from shared.telemetry import sentry
from worker import bootstrap
from worker.jobs.base import Handler
from worker.notify.deliver import notifying
from worker.periodic.callbacks import answering
from worker.periodic.expired_files import expiring
from worker.periodic.operator_watch import watching
from worker.periodic.retention import cleaning
from worker.runner.loop import Worker
from worker.services import Services
from worker.telemetry.measures import measuring
from worker.threads import in_thread

ServicesOf = Callable[[Settings, int], AbstractAsyncContextManager[Services]]
HandlersOf = Callable[[Services], Mapping[JobKind, Handler]]
_LONGEST_PAUSE = 10.0
_log = logs.get("worker")


async def serve(
    given: Settings,
    concurrency: int,
    services_of: ServicesOf = bootstrap.services,
    handlers_of: HandlersOf = bootstrap.handlers,
) -> None:
    """Runs one worker until SIGTERM or SIGINT; other parts may be passed in here and nowhere else."""
    sentry.begin(given, "worker")
    stop = asyncio.Event()
    _on_signals(stop)
    url = bootstrap.database_url(given)
    await _sessions(url, stop)
    with measuring(given, concurrency) as measures:
        async with (
            services_of(given, concurrency) as services,
            expiring(services, measures),
            notifying(services, measures),
            watching(services, measures),
            cleaning(services, measures),
            answering(services, measures),
            bootstrap.control_pool(url) as control,
        ):
            await Worker(given, url, services.pool, control, handlers_of(services), concurrency, measures).run(stop)


async def _sessions(url: str, stop: asyncio.Event) -> None:
    """Returns once sessions are known to last; waits for a lost database. Raises ConfigError if they do not."""
    pause = 0.5
    while not stop.is_set():
        try:
            await in_thread(require_sessions, url, "the worker")
        except psycopg.OperationalError as error:
            _log.warning("database_unreachable", error=type(error).__name__, again_in=pause)
        else:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _on_signals(stop: asyncio.Event) -> None:
    def on_signal(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
