"""Runs a periodic task next to the job loop; an error is logged and the task goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

import psycopg

from shared import logs
from shared.errors import RollcallError
from worker.runner.cancellation import cancel_and_wait
from worker.telemetry.measures import UNMEASURED, Measures

Turn = Callable[[], Awaitable[object]]
T = TypeVar("T")
# External causes (database or files unreachable, older schema); any other error is a fault of Rollcall.
_FROM_OUTSIDE = (psycopg.Error, OSError, RollcallError)
_log = logs.get("worker.periodic.task")


async def fault_of(item: Turn) -> Exception | None:
    """Waits for one item of a loop and returns the exception that ended it; None where it reached its end.

    Every loop of the worker passes its items through here, and no other code catches every exception.
    """
    try:
        await item()
    except Exception as fault:  # noqa: BLE001 (one item must never end the loop on which all others depend)
        return fault
    return None


async def each(items: Iterable[T], do: Callable[[T], Awaitable[object]]) -> tuple[list[T], list[Exception]]:
    """Does all items, even after errors; returns the finished ones, and the errors of the others."""
    done, faults = [], []
    for item in items:
        fault = await fault_of(lambda item=item: do(item))  # type: ignore[misc]
        if fault is None:
            done.append(item)
        else:
            faults.append(fault)
    return done, faults


@asynccontextmanager
async def repeating(name: str, turn: Turn, every: timedelta, measures: Measures = UNMEASURED) -> AsyncIterator[None]:
    """Takes a turn at once and then at each interval, for as long as the block lasts."""
    task = asyncio.create_task(again_and_again(name, turn, every, measures))
    try:
        yield
    finally:
        await cancel_and_wait([task])


async def again_and_again(name: str, turn: Turn, every: timedelta, measures: Measures = UNMEASURED) -> None:
    """Takes turns until it is cancelled. A failed turn is logged under `name` and repeated at its next time."""
    measures.loop_began(name)
    while True:
        fault = await fault_of(turn)
        if fault is not None:
            tell(name, fault)
        measures.record_turn(name, failed=fault is not None)
        await asyncio.sleep(every.total_seconds())


def tell(name: str, fault: Exception) -> None:
    """Logs a failed turn of the loop `name`; with the traceback, and as an error, where the fault is Rollcall's own."""
    if isinstance(fault, _FROM_OUTSIDE):
        _log.warning("turn_failed", of=name, error=type(fault).__name__)
    else:
        _log.error("turn_failed", of=name, error=type(fault).__name__, exc_info=fault)
