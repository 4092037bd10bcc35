"""`rollcall worker`: the process that works on jobs. The first signal drains it, the second ends it at once."""

import asyncio
from dataclasses import replace

import click

from shared import logs, settings
from shared.db.reach import with_password
from shared.environment import only_needed_variables
from shared.vault.configured import load_ring
from worker.main import serve


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 100), help="Jobs at the same time (default: WORKER_CONCURRENCY).")
def worker(concurrency: int | None) -> None:
    """Work on jobs until told to stop."""
    given = settings.load()
    logs.configure(given.log_level, given.log_format, process="worker")
    # Keys that cannot be used are told at once, also while the database is away.
    load_ring(given)
    if given.database_url is not None:
        given = replace(given, database_url=with_password(given.database_url))
    with only_needed_variables():
        asyncio.run(serve(given, concurrency or given.worker_concurrency))
