"""Listens for the database's notifications on a connection of its own, which is made again when it breaks."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import psycopg
from psycopg import sql

from shared import logs
from shared.db.reach import reachable
from shared.store.queue.claims import CHANNEL
from worker.periodic.task import fault_of, tell
from worker.telemetry.measures import UNMEASURED, Measures

_FIRST, _LONGEST = timedelta(milliseconds=200), timedelta(seconds=10)
# The interval of checks of a silent connection.
_SILENCE = timedelta(seconds=30)
_NAME = "listening"
_log = logs.get("worker.runner.notifications")


async def listen(url: str, heard: Callable[[str], None], measures: Measures = UNMEASURED) -> None:
    """Calls `heard` with each payload, and with "" whenever a notification may be lost; runs until cancelled."""
    pause = _FIRST

    async def hear() -> None:
        nonlocal pause
        async with await psycopg.AsyncConnection.connect(reachable(url), autocommit=True) as conn:
            await conn.execute(sql.SQL("listen {}").format(sql.Identifier(CHANNEL)))
            pause = _FIRST
            while True:
                heard("")
                measures.record_turn(_NAME, failed=False)
                async for notice in conn.notifies(timeout=_SILENCE.total_seconds()):
                    heard(notice.payload)
                await conn.execute("select 1")

    measures.loop_began(_NAME)
    while True:
        fault = await fault_of(hear)
        measures.record_turn(_NAME, failed=True)
        if isinstance(fault, psycopg.OperationalError):
            _log.warning("listen_failed", error=type(fault).__name__, again_in=pause.total_seconds())
        elif fault is not None:
            tell(_NAME, fault)
        await asyncio.sleep(pause.total_seconds())
        pause = min(pause * 2, _LONGEST)
