"""The handler's context over the real table: its transactions, its reading, its stop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.jobs import CodeMethod, InputRequest, JobKind
from shared.errors import Cancelled, Draining, LeaseLost, NobodyAnswered
from shared.store.queue import claims
from tests.conftest import Personas
from worker.runner.context import Context

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
Claim = Callable[[], Awaitable[Context]]
LEASE = timedelta(minutes=1)


@pytest.fixture
def job(people: Personas, make_profile: Make, make_job: Make) -> UUID:
    return make_job(people.alice, make_profile(people.alice), "SYNC")


@pytest.fixture
def claimed(worker_pool: Pool, job: UUID) -> Claim:
    async def claim() -> Context:
        async with worker_pool.connection() as conn:
            (row,) = await claims.claim(conn, "w", LEASE, [JobKind.SYNC], 1)
        assert row.id == job
        return Context(row, worker_pool, lease=LEASE, poll=timedelta(milliseconds=50))

    return claim


def take_away(owner: Owner) -> None:
    """The lease ran out and another worker has the job."""
    owner.execute("update public.sync_jobs set lease_until = now() - interval '1 second'")
    owner.execute("select rollcall.claim_jobs('another', '1 minute', '{SYNC}', 1)")


def cursor_of(owner: Owner) -> Any:
    row = owner.execute("select cursor from public.sync_jobs").fetchone()
    assert row is not None
    return row["cursor"]


async def test_a_page_and_its_cursor_are_kept_together_or_not_at_all(claimed: Claim, owner: Owner) -> None:
    ctx = await claimed()
    async with ctx.transaction() as conn:
        await ctx.save_cursor(conn, {"page": 1}, items=25)
    with suppress(ZeroDivisionError):
        async with ctx.transaction() as conn:
            await ctx.save_cursor(conn, {"page": 2}, items=25)
            raise ZeroDivisionError
    assert cursor_of(owner) == {"page": 1}


async def test_a_job_that_was_taken_away_cannot_begin_a_transaction(claimed: Claim, owner: Owner) -> None:
    ctx = await claimed()
    take_away(owner)
    for _ in range(2):
        with pytest.raises(LeaseLost):
            async with ctx.transaction() as conn:
                await conn.execute("update public.profiles set biography = 'too late'")
    with pytest.raises(LeaseLost):
        ctx.check()
    assert owner.execute("select biography from public.profiles").fetchone() == {"biography": None}


async def test_a_job_cannot_be_taken_away_in_the_middle_of_a_transaction(claimed: Claim, owner: Owner) -> None:
    ctx = await claimed()
    owner.execute("set lock_timeout = '50ms'")
    async with ctx.transaction() as conn:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            take_away(owner)
        await ctx.save_cursor(conn, {"page": 3})
    assert cursor_of(owner) == {"page": 3}


async def test_reading_cannot_write(claimed: Claim, worker_pool: Pool) -> None:
    ctx = await claimed()
    async with ctx.reading() as conn:
        assert await (await conn.execute("select id from public.profiles")).fetchone() is not None
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await conn.execute("update public.profiles set biography = 'x'")
        await conn.rollback()
    async with ctx.transaction() as conn:
        await conn.execute("update public.profiles set biography = 'x'")


async def test_a_stop_is_raised_between_pages_and_the_lost_lease_overrides_it(claimed: Claim) -> None:
    ctx = await claimed()
    ctx.check()
    ctx.stop(Draining())
    ctx.stop(Cancelled())
    with pytest.raises(Draining):
        ctx.check()
    ctx.stop(LeaseLost())
    with pytest.raises(LeaseLost):
        ctx.check()


async def test_nobody_answering_ends_the_asking_and_the_job_runs_again(claimed: Claim, owner: Owner) -> None:
    ctx = await claimed()
    with pytest.raises(NobodyAnswered):
        await ctx.ask(InputRequest(CodeMethod.SMS), timedelta(milliseconds=10))
    row = owner.execute("select state, input_request from public.sync_jobs").fetchone()
    assert row == {"state": "RUNNING", "input_request": None}


async def test_a_stop_ends_the_asking(claimed: Claim) -> None:
    ctx = await claimed()
    ctx.stop(Draining())
    with pytest.raises(Draining):
        await ctx.ask(InputRequest(CodeMethod.SMS), timedelta(minutes=10))


async def test_follow_up_work_is_enqueued_once_for_the_same_user(
    claimed: Claim, owner: Owner, people: Personas
) -> None:
    ctx = await claimed()
    assert ctx.job.profile_id is not None
    first = await ctx.enqueue(JobKind.DERIVE, profile_id=ctx.job.profile_id)
    assert await ctx.enqueue(JobKind.DERIVE, profile_id=ctx.job.profile_id) == first
    rows = owner.execute("select user_id, state from public.sync_jobs where kind = 'DERIVE'").fetchall()
    assert rows == [{"user_id": people.alice, "state": "PENDING"}]


def job_row(owner: Owner) -> Any:
    return owner.execute("select state, input_request, sealed_input from public.sync_jobs").fetchone()


async def when_asking(owner: Owner) -> None:
    while job_row(owner)["state"] != "NEEDS_INPUT":
        await asyncio.sleep(0.01)


RUNS_AGAIN = {"state": "RUNNING", "input_request": None, "sealed_input": None}


async def test_a_page_that_moves_on_by_itself_ends_the_asking_and_the_job_runs_again(
    claimed: Claim, owner: Owner
) -> None:
    ctx = await claimed()
    moved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asking = asyncio.create_task(ctx.ask_unless(InputRequest(CodeMethod.APPROVAL), timedelta(minutes=10), moved))
    await when_asking(owner)
    moved.set_result(None)
    assert await asking is None
    assert job_row(owner) == RUNS_AGAIN


async def test_an_answer_that_comes_first_leaves_the_page_watched(claimed: Claim, owner: Owner) -> None:
    ctx = await claimed()
    moved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asking = asyncio.create_task(ctx.ask_unless(InputRequest(CodeMethod.APPROVAL), timedelta(minutes=10), moved))
    await when_asking(owner)
    await asyncio.to_thread(owner.execute, "update public.sync_jobs set sealed_input = 'done'")
    assert await asking == b"done"
    assert job_row(owner) == RUNS_AGAIN
    assert not moved.done()


async def test_a_page_that_moves_on_after_the_job_was_taken_away_changes_nothing(claimed: Claim, owner: Owner) -> None:
    ctx = await claimed()
    moved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asking = asyncio.create_task(ctx.ask_unless(InputRequest(CodeMethod.APPROVAL), timedelta(minutes=10), moved))
    await when_asking(owner)
    await asyncio.to_thread(take_away, owner)
    await asyncio.to_thread(
        owner.execute,
        "update public.sync_jobs set state = 'NEEDS_INPUT', input_request = '{\"method\": \"sms\"}' where fence > 1",
    )
    moved.set_result(None)
    with pytest.raises(LeaseLost):
        await asking
    assert job_row(owner)["input_request"] == {"method": "sms"}


async def test_a_cancelled_asking_leaves_the_watched_page_to_its_owner(claimed: Claim, owner: Owner) -> None:
    ctx = await claimed()
    moved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asking = asyncio.create_task(ctx.ask_unless(InputRequest(CodeMethod.APPROVAL), timedelta(minutes=10), moved))
    await when_asking(owner)
    ctx.stop(Cancelled())
    with pytest.raises(Cancelled):
        await asking
    assert not moved.cancelled()


async def test_progress_that_no_database_takes_costs_its_own_line_and_not_the_lease(
    claimed: Claim, owner: Owner
) -> None:
    ctx = await claimed()
    owner.execute("update public.sync_jobs set lease_until = now() + interval '1 second'")
    ctx.progress("half \ud83d pair", 1, None)
    beats = asyncio.create_task(ctx.beats())
    try:
        async with asyncio.timeout(240):
            while ctx.last_progress() is not None:
                await asyncio.sleep(0.01)
            ctx.progress("people", 2, None)
            ctx.tell()
            while ctx.last_progress() is not None:
                await asyncio.sleep(0.01)
    finally:
        beats.cancel()
    row = owner.execute(
        "select progress->>'step' as step, lease_until > now() + interval '5 seconds' as kept from public.sync_jobs"
    ).fetchone()
    assert row == {"step": "people", "kept": True}
