"""A job of several steps goes on after those that are done, and in the middle of the one that was not."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.errors import LeaseLost, NotConnected
from tests.conftest import Personas
from tests.worker.handling import claim, taken_over
from worker.jobs.sync.steps import StepContext, Steps, profile_of

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]


@pytest.fixture
def profile_id(people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]) -> UUID:
    made = make_profile(people.alice)
    make_job(people.alice, made, "SYNC")
    return made


async def test_another_worker_finds_the_finished_steps_and_the_cursor_of_the_one_under_way(
    worker_pool: Pool, profile_id: UUID
) -> None:
    ctx = await claim(worker_pool)
    steps = Steps(ctx)
    await steps.finish("profile")
    step = steps.context("media")
    assert step.job.cursor is None
    async with step.transaction() as conn:
        await step.save_cursor(conn, {"page": 3}, 5)
    again = Steps(await taken_over(worker_pool, ctx))
    assert again.done == {"profile"}
    assert again.context("media").job.cursor == {"page": 3}
    assert again.context("followers").job.cursor is None
    await again.finish("media")
    last = Steps(await taken_over(worker_pool, ctx))
    assert last.done == {"profile", "media"}
    assert last.context("media").job.cursor is None


async def test_a_step_that_was_left_for_later_keeps_its_cursor_beside_those_that_come_after_it(
    worker_pool: Pool, profile_id: UUID
) -> None:
    ctx = await claim(worker_pool)
    steps = Steps(ctx)
    await _save(left := steps.context("followers"), {"page": 7})
    steps.leave(left)
    await _save(steps.context("media"), {"page": 2})
    again = Steps(await taken_over(worker_pool, ctx))
    assert again.context("followers").job.cursor == {"page": 7}
    assert again.context("media").job.cursor == {"page": 2}
    await again.finish("media")
    third = Steps(await taken_over(worker_pool, ctx))
    assert third.context("followers").job.cursor == {"page": 7}
    await _save(done := third.context("followers"), None)
    third.leave(done)
    await third.finish("stories")
    assert Steps(await taken_over(worker_pool, ctx)).context("followers").job.cursor is None


async def _save(step: StepContext, cursor: dict[str, int] | None) -> None:
    async with step.transaction() as conn:
        await step.save_cursor(conn, cursor)


async def test_a_step_of_a_lost_job_writes_nothing(worker_pool: Pool, owner: Owner, profile_id: UUID) -> None:
    ctx = await claim(worker_pool)
    await taken_over(worker_pool, ctx)
    with pytest.raises(LeaseLost):
        await Steps(ctx).finish("profile")
    assert owner.execute("select cursor from sync_jobs").fetchall() == [{"cursor": None}]


async def test_a_step_is_stopped_and_seen_as_the_job_is(worker_pool: Pool, owner: Owner, profile_id: UUID) -> None:
    ctx = await claim(worker_pool)
    step = Steps(ctx).context("profile")
    step.progress("profile", 1, 2)
    assert ctx.last_progress() == {"step": "profile", "done": 1, "total": 2}
    assert (await profile_of(step)).id == profile_id
    owner.execute("delete from profiles")
    with pytest.raises(NotConnected):
        await profile_of(step)
    ctx.stop(LeaseLost())
    with pytest.raises(LeaseLost):
        step.check()
