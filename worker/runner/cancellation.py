"""Ends the tasks that run next to the jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

_AGAIN_SECONDS = 1.0


async def cancel_and_wait(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels the tasks and waits for them; their results are ignored.

    A cancellation that comes just as something else ends may get lost (Python before 3.12, a connection in the middle
    of its hand-out), so a task that continues is cancelled again.
    """
    every = list(tasks)
    while going := [task for task in every if not task.done()]:
        for task in going:
            task.cancel()
        await asyncio.wait(going, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*every, return_exceptions=True)
