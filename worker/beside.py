"""What a worker does beside its jobs, again and again: one turn after another, and no fault ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg

from shared import logs
from shared.errors import RollcallError
from worker.stopping import stopped

_log = logs.get("worker.beside")


@asynccontextmanager
async def repeating(name: str, turn: Callable[[], Awaitable[None]], every: timedelta) -> AsyncIterator[None]:
    """Takes a turn at once and then every so often, for as long as the block lasts.

    A turn that fails (the database or the files are away, the schema is older than this worker) is logged by its
    `name` and tried again at its next time.
    """
    task = asyncio.create_task(_again_and_again(name, turn, every))
    try:
        yield
    finally:
        await stopped([task])


async def _again_and_again(name: str, turn: Callable[[], Awaitable[None]], every: timedelta) -> None:
    while True:
        try:
            await turn()
        except (psycopg.Error, OSError, RollcallError) as error:
            _log.warning("turn_failed", of=name, error=type(error).__name__)
        await asyncio.sleep(every.total_seconds())
