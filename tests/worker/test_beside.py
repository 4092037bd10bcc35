"""What a worker does beside its jobs goes on after any fault, and ends with its block."""

import asyncio
from datetime import timedelta

import psycopg
import pytest

from shared.errors import DatabaseError
from worker.beside import repeating

pytestmark = pytest.mark.anyio
SOON = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "fault", [psycopg.OperationalError(), psycopg.errors.UndefinedTable(), OSError(), DatabaseError("away")]
)
async def test_a_turn_that_failed_is_told_and_taken_again(fault: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    turns = 0
    enough = asyncio.Event()

    async def turn() -> None:
        nonlocal turns
        turns += 1
        if turns == 3:
            enough.set()
        raise fault

    async with repeating("cleaning", turn, SOON), asyncio.timeout(30):
        await enough.wait()
    told = capsys.readouterr().out
    assert "turn_failed" in told
    assert "of=cleaning" in told
    assert type(fault).__name__ in told


async def test_nothing_goes_on_after_the_block() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def turn() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    async with repeating("cleaning", turn, SOON):
        await begun.wait()
    assert ended.is_set()
