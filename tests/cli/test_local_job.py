"""A job that a command works on in its own process: whose it is, and how its end is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from cli.local_job import find_account, work_through, worker_name
from shared.errors import InputError, NotConnected
from shared.store.queue import local_jobs
from shared.store.queue.claims import Job
from tests.conftest import Personas
from tests.worker.handling import LEASE, Pool, services_for
from tests.worker.instagram import Owner
from worker.jobs.base import JobContext

FAILED = "It did not work."


@pytest.fixture
async def claimed(worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID]) -> Job:
    profile_id = make_profile(people.alice)
    async with worker_pool.connection() as conn:
        begun = await local_jobs.begin(conn, profile_id, worker_name("tests"), LEASE)
    assert begun is not None
    return begun


def state(owner: Owner) -> str:
    (job,) = owner.execute("select state from public.sync_jobs").fetchall()
    return str(job["state"])


async def test_a_job_that_completes_says_nothing(worker_pool: Pool, claimed: Job, owner: Owner) -> None:
    async def work(ctx: JobContext) -> None:
        ctx.check()

    await work_through(services_for(worker_pool), claimed, work, FAILED)
    assert state(owner) == "COMPLETED"


async def test_a_job_that_fails_says_its_own_reason(worker_pool: Pool, claimed: Job, owner: Owner) -> None:
    async def work(ctx: JobContext) -> None:
        raise NotConnected("The profile is gone.", next_step="")

    with pytest.raises(InputError, match="The profile is gone"):
        await work_through(services_for(worker_pool), claimed, work, FAILED)
    assert state(owner) == "FAILED"


async def test_a_person_who_stops_the_command_cancels_its_job(worker_pool: Pool, claimed: Job, owner: Owner) -> None:
    stop = asyncio.Event()

    async def work(ctx: JobContext) -> None:
        stop.set()
        while True:
            ctx.check()
            await asyncio.sleep(0.01)

    with pytest.raises(InputError, match="Cancelled"):
        await work_through(services_for(worker_pool), claimed, work, FAILED, stop)
    assert state(owner) == "CANCELLED"


async def test_a_job_whose_row_is_gone_ends_with_the_commands_sentence(
    worker_pool: Pool, claimed: Job, owner: Owner
) -> None:
    async def work(ctx: JobContext) -> None:
        await asyncio.to_thread(owner.execute, "delete from public.sync_jobs")

    with pytest.raises(InputError, match=FAILED):
        await work_through(services_for(worker_pool), claimed, work, FAILED)


async def test_the_account_has_to_be_named_where_there_are_several(worker_pool: Pool, people: Personas) -> None:
    async with worker_pool.connection() as conn:
        assert await find_account(conn, "bob@example.org") == people.bob
        with pytest.raises(InputError, match="Whose account"):
            await find_account(conn, None)
        with pytest.raises(InputError, match="No Rollcall account has this e-mail"):
            await find_account(conn, "nobody@example.org")
