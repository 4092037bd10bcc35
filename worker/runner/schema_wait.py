"""Lets a new worker wait for the migrations that it needs, so that it fails no job before."""

import asyncio

import psycopg

from shared import logs
from shared.db.version import is_current_async, newest
from worker.services import Pool

_PAUSE = 2.0
_log = logs.get("worker.runner.schema_wait")


async def wait_for_schema(control: Pool, stop: asyncio.Event, pause: float = _PAUSE) -> bool:
    """Returns True once the newest migration of this code is applied; False when stopped before."""
    version, logged = newest(), False
    while not stop.is_set():
        if await _applied(control, version):
            return True
        if not logged:
            _log.warning("schema_older", waits_for=version, next_step="rollcall migrate")
            logged = True
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            continue
    return False


async def _applied(control: Pool, version: str) -> bool:
    try:
        async with control.connection() as conn:
            return await is_current_async(conn, version)
    except psycopg.OperationalError as error:
        _log.warning("database_unreachable", error=type(error).__name__)
        return False
