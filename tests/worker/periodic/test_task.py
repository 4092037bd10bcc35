"""A periodic task goes on after any fault, and ends with its block."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from shared.errors import DatabaseError
from tests.conftest import REPO
from worker.periodic.task import each, repeating
from worker.telemetry.metrics import Measured
from worker.threads import in_thread

SOON = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "fault",
    [
        psycopg.OperationalError(),
        psycopg.errors.UndefinedTable(),
        OSError(),
        DatabaseError("away"),
        AttributeError("of a library"),
        ValueError("a line end"),
        RuntimeError(),
        ExceptionGroup("two", [KeyError(), LookupError()]),
    ],
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

    async with repeating("cleaning", turn, SOON), asyncio.timeout(240):
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


async def test_work_that_ends_with_stop_iteration_in_a_thread_is_heard_of() -> None:
    async with asyncio.timeout(240):
        with pytest.raises(RuntimeError, match="StopIteration"):
            await in_thread(next, iter(()))


async def test_a_turn_whose_thread_ends_with_stop_iteration_is_taken_again() -> None:
    turns, enough = 0, asyncio.Event()

    async def turn() -> None:
        nonlocal turns
        turns += 1
        if turns == 2:
            enough.set()
        await in_thread(next, iter(()))

    async with repeating("mail", turn, SOON), asyncio.timeout(240):
        await enough.wait()


async def test_each_item_is_done_whatever_becomes_of_the_others() -> None:
    async def halved(number: int) -> None:
        if number % 2:
            raise ValueError(number)

    done, faults = await each([1, 2, 3, 4], halved)
    assert done == [2, 4]
    assert [fault.args for fault in faults] == [(1,), (3,)]


async def test_the_age_of_the_last_turn_and_the_failed_turns_are_measured() -> None:
    now, registry = 100.0, CollectorRegistry()
    measured = Measured(registry, clock=lambda: now)
    turned, go_on = asyncio.Event(), asyncio.Event()

    async def turn() -> None:
        turned.set()
        await go_on.wait()
        raise ValueError

    async with repeating("mail", turn, timedelta(hours=1), measured), asyncio.timeout(240):
        await turned.wait()
        now = 107.0
        assert registry.get_sample_value("rollcall_worker_loop_age_seconds", {"loop": "mail"}) == 7
        assert registry.get_sample_value("rollcall_worker_loop_faults_total", {"loop": "mail"}) == 0
        go_on.set()
        while registry.get_sample_value("rollcall_worker_loop_faults_total", {"loop": "mail"}) == 0:
            await asyncio.sleep(0)
        assert registry.get_sample_value("rollcall_worker_loop_age_seconds", {"loop": "mail"}) == 0


def test_one_place_catches_everything_and_one_place_makes_threads() -> None:
    sources = {path.relative_to(REPO).as_posix(): path.read_text() for path in (REPO / "worker").rglob("*.py")}
    assert [path for path, text in sources.items() if "noqa: BLE001" in text] == ["worker/periodic/task.py"]
    threads = [path for path, text in sources.items() if "to_thread(" in text or "run_in_executor(" in text]
    assert threads == ["worker/threads.py"]
