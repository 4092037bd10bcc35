"""`rollcall worker`: the process that works on jobs. The first signal drains it, the second ends it at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

import click

from shared import logs, settings
from shared.domain.jobs import JobKind
from shared.settings import Settings
from worker import bootstrap
from worker.cleaner import cleaning
from worker.exports.expire import expiring
from worker.jobs.base import Handler
from worker.loop import Worker
from worker.services import Services

ServicesOf = Callable[[Settings, int], AbstractAsyncContextManager[Services]]
HandlersOf = Callable[[Services], Mapping[JobKind, Handler]]


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 100), help="Jobs at the same time (default: WORKER_CONCURRENCY).")
def worker(concurrency: int | None) -> None:
    """Work on jobs until told to stop."""
    given = settings.load()
    logs.configure(given.log_level, given.log_format, process="worker")
    asyncio.run(serve(given, concurrency or given.worker_concurrency))


async def serve(
    given: Settings,
    concurrency: int,
    services_of: ServicesOf = bootstrap.services,
    handlers_of: HandlersOf = bootstrap.handlers,
) -> None:
    """Runs one worker until SIGTERM or SIGINT; other parts may be passed in here and nowhere else."""
    stop = asyncio.Event()
    _on_signals(stop)
    url = bootstrap.database_url(given)
    async with (
        services_of(given, concurrency) as services,
        expiring(services),
        cleaning(services),
        bootstrap.control_pool(url) as control,
    ):
        await Worker(given, url, services.pool, control, handlers_of(services), concurrency).run(stop)


def _on_signals(stop: asyncio.Event) -> None:
    def told(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told, number)


if __name__ == "__main__":
    worker()
