"""Runs work off the event loop, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs the work in a thread. A cancelled caller leaves only when the thread is done with its resources.

    Raises the work's errors; RuntimeError for a StopIteration, which no future can hold and which would make the caller
    wait for ever.
    """
    return await result_of(
        asyncio.create_task(asyncio.to_thread(_without_stop_iteration, partial(work, *args, **kwargs)))
    )


async def result_of(task: asyncio.Task[R]) -> R:
    """The result of the task, which is never left behind: cancelling waits for its end."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            # The result is read, so that asyncio does not report it as unread; the caller gets the cancellation.
            task.exception()
        raise


def _without_stop_iteration(work: Callable[[], R]) -> R:
    try:
        return work()
    except StopIteration as error:
        raise RuntimeError("work in a thread ended with StopIteration") from error
