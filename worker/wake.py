"""Hears the database say that something is to be done: LISTEN on a connection of its own, made again when it breaks."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import psycopg
from psycopg import sql

from shared import logs
from shared.db.reach import reachable
from shared.store.queue import CHANNEL

_FIRST, _LONGEST = timedelta(milliseconds=200), timedelta(seconds=10)
_log = logs.get("worker.wake")


async def listen(url: str, heard: Callable[[str], None]) -> None:
    """Calls `heard` with each payload, and with "" whenever something may have been missed; runs until cancelled."""
    pause = _FIRST
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(reachable(url), autocommit=True) as conn:
                await conn.execute(sql.SQL("listen {}").format(sql.Identifier(CHANNEL)))
                heard("")
                pause = _FIRST
                async for notice in conn.notifies():
                    heard(notice.payload)
        except psycopg.OperationalError as error:
            _log.warning("listen_failed", error=type(error).__name__, again_in=pause.total_seconds())
        await asyncio.sleep(pause.total_seconds())
        pause = min(pause * 2, _LONGEST)
