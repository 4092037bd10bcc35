"""Whatever runs beside the jobs ends when the worker does."""

import asyncio
from contextlib import suppress

from worker.runner.cancellation import cancel_and_wait


async def test_who_loses_a_cancellation_is_told_again() -> None:
    heard = []

    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        heard.append("once")
        await asyncio.sleep(3600)

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await cancel_and_wait([task])
    assert heard == ["once"]
    assert task.cancelled()


async def test_how_somebody_ends_is_nobodys_concern_any_more() -> None:
    async def breaks() -> None:
        raise RuntimeError

    broken = asyncio.create_task(breaks())
    await cancel_and_wait([broken, asyncio.create_task(asyncio.sleep(0))])
    assert broken.done()
