"""The automatic intervals follow the plan and keep what a person chose; what is due moves with them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.plan import Limits, Size, plan
from shared.store.profiles import intervals
from shared.store.queue import schedule
from tests.conftest import Personas

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
Pool = AsyncConnectionPool[WorkerConnection]
Owner = psycopg.Connection[dict[str, Any]]
Make = Callable[..., UUID]
LARGE = plan(Size(120_000, 500, 100), Limits(timedelta(seconds=3), timedelta(seconds=2), 1000))
DUE = datetime.now(UTC) + timedelta(hours=5)


def row(owner: Owner) -> dict[str, Any]:
    found = owner.execute("select * from public.profiles").fetchone()
    assert found is not None
    return found


async def test_what_was_due_after_the_old_interval_is_due_after_the_new_one(
    worker_pool: Pool, people: Personas, make_profile: Make, owner: Owner
) -> None:
    profile = make_profile(people.alice, next_followers_at=DUE, next_profile_at=DUE)
    async with worker_pool.connection() as conn:
        await intervals.follow_plan(conn, people.alice, profile, LARGE)
    longer = row(owner)
    assert longer["followers_every"] == LARGE.followers == timedelta(days=7)
    assert (longer["next_followers_at"], longer["next_profile_at"]) == (DUE + timedelta(days=6), DUE)
    assert longer["next_stories_at"] is None, "what was never scheduled stays so"
    async with worker_pool.connection() as conn:
        await intervals.follow_plan(conn, people.alice, profile, replace(LARGE, followers=timedelta(days=1)))
    assert row(owner)["next_followers_at"] == DUE


async def test_what_a_person_chose_stays(worker_pool: Pool, people: Personas, make_profile: Make, owner: Owner) -> None:
    profile = make_profile(people.alice, followers_every=timedelta(days=1), automatic=["following"])
    async with worker_pool.connection() as conn:
        await intervals.follow_plan(conn, people.alice, profile, replace(LARGE, following=timedelta(days=4)))
    assert (row(owner)["followers_every"], row(owner)["following_every"]) == (timedelta(days=1), timedelta(days=4))


async def test_stories_likers_and_the_session_are_due_by_schedule_beside_what_runs(
    worker_pool: Pool, people: Personas, make_profile: Make, make_job: Make, owner: Owner
) -> None:
    now = datetime.now(UTC)
    profile = make_profile(people.alice, next_stories_at=now, next_likers_at=now, next_check_at=now)
    make_job(people.alice, profile, "SYNC", state="RUNNING", lease_until=now + timedelta(minutes=1))
    async with worker_pool.connection() as conn:
        assert await schedule.enqueue_due(conn) == 3
        assert await schedule.enqueue_due(conn) == 0
    kinds = owner.execute("select kind from public.sync_jobs where kind <> 'SYNC' order by kind").fetchall()
    assert [job["kind"] for job in kinds] == ["CHECK_SESSION", "SYNC_LIKERS", "SYNC_STORIES"]
    moved = row(owner)
    ahead = [round((moved[f"next_{kind}_at"] - now) / timedelta(hours=1)) for kind in ("stories", "likers", "check")]
    assert ahead == [2, 24, 24]


async def test_the_tick_reads_due_profiles_by_their_index(worker_pool: Pool, people: Personas, owner: Owner) -> None:
    owner.execute(
        "insert into public.profiles (user_id, platform, username, state, next_profile_at)"
        " select %s, 'instagram', 'p' || n, 'CONNECTED', now() + interval '1 day' from generate_series(1, 3000) n",
        (people.alice,),
    )
    owner.execute("analyze public.profiles")
    explained = owner.execute("explain " + schedule._ENQUEUE_DUE, {"limit": 500, "priority": 200}).fetchall()
    assert any("profiles_due_idx" in line["QUERY PLAN"] for line in explained)
