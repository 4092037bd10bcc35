"""Each loop of a worker goes on after any fault of one item, and the next item is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.settings import load
from shared.store.followers import endpoints
from shared.store.queue import claims as queue
from shared.store.queue import schedule
from tests.conftest import Database, Personas
from tests.worker.handling import Pool
from worker import bootstrap
from worker.jobs.base import JobContext
from worker.periodic import schedule as scheduler
from worker.runner import notifications
from worker.runner.loop import Worker

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]


async def test_the_schedule_of_routes_goes_on_when_the_other_breaks(
    worker_pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()

    async def breaks(conn: WorkerConnection) -> int:
        raise LookupError

    async def due(conn: WorkerConnection) -> int:
        reached.set()
        return 0

    monkeypatch.setattr(schedule, "enqueue_due", breaks)
    monkeypatch.setattr(endpoints, "enqueue_due", due)
    task = asyncio.create_task(scheduler.run(worker_pool))
    async with asyncio.timeout(240):
        await reached.wait()
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_listens_goes_on_after_a_message_that_nobody_can_take(database: Database, owner: Owner) -> None:
    listening, again = asyncio.Event(), asyncio.Event()

    def heard(payload: str) -> None:
        if payload == "broken":
            raise AttributeError(payload)
        (again if listening.is_set() else listening).set()

    task = asyncio.create_task(notifications.listen(database.worker, heard))
    async with asyncio.timeout(240):
        await listening.wait()
        owner.execute("select pg_notify(%s, 'broken')", [queue.CHANNEL])
        await again.wait()
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_queue_goes_on_after_a_claim_and_after_a_settling_that_broke(
    database: Database,
    owner: Owner,
    worker_pool: Pool,
    people: Personas,
    make_profile: Make,
    make_job: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claim, settle, broken = queue.claim, queue.settle, ["claim", "settle"]
    ended, stop = asyncio.Event(), asyncio.Event()

    async def claims(*args: Any) -> list[queue.Job]:
        if "claim" in broken:
            broken.remove("claim")
            raise KeyError("a row that no one can read")
        return await claim(*args)

    async def settles(*args: Any) -> queue.Settled | None:
        if "settle" in broken:
            broken.remove("settle")
            raise KeyError("an end that no one can write")
        settled = await settle(*args)
        ended.set()
        return settled

    async def handler(ctx: JobContext) -> None: ...

    monkeypatch.setattr(queue, "claim", claims)
    monkeypatch.setattr(queue, "settle", settles)
    for name in ("first", "second"):
        make_job(people.alice, make_profile(people.alice, name), "SYNC")
    settings = load({"SCHEDULER": "false"})
    async with bootstrap.control_pool(database.worker) as control, asyncio.timeout(240):
        worker = Worker(settings, database.worker, worker_pool, control, {JobKind.SYNC: handler}, 1)
        running = asyncio.create_task(worker.run(stop))
        await ended.wait()
        stop.set()
        await running
    states = owner.execute("select state from public.sync_jobs order by state").fetchall()
    assert sorted(row["state"] for row in states) == ["COMPLETED", "RUNNING"]
    assert broken == []


async def test_an_error_whose_sentence_holds_what_no_database_takes_ends_its_job_with_its_code(
    database: Database, owner: Owner, worker_pool: Pool, people: Personas, make_profile: Make, make_job: Make
) -> None:
    from shared.errors import ArchiveRefused

    job, stop = make_job(people.alice, make_profile(people.alice), "SYNC", max_attempts=1), asyncio.Event()

    async def handler(ctx: JobContext) -> None:
        raise ArchiveRefused("The name caf\x00e is not known.")

    settings = load({"SCHEDULER": "false"})
    async with bootstrap.control_pool(database.worker) as control, asyncio.timeout(240):
        worker = Worker(settings, database.worker, worker_pool, control, {JobKind.SYNC: handler}, 1)
        running = asyncio.create_task(worker.run(stop))
        while owner.execute("select from sync_jobs where id = %s and state = 'FAILED'", [job]).fetchone() is None:
            await asyncio.sleep(0.02)
        stop.set()
        await running
    assert owner.execute("select error_code from sync_jobs").fetchone() == {"error_code": "archive_refused"}
