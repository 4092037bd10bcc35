"""Ending what runs beside the jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

_AGAIN_SECONDS = 1.0


async def stopped(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Returns when all of them have ended; how they ended is nobody's concern any more.

    A cancellation that comes just as something else ends may be lost on its way (Python before 3.12, a connection that
    is being handed out), so whoever goes on is told again.
    """
    every = list(tasks)
    while going := [task for task in every if not task.done()]:
        for task in going:
            task.cancel()
        await asyncio.wait(going, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*every, return_exceptions=True)
