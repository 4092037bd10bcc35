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
from shared.domain.plan import Size, plan
from shared.domain.schedules import KindSchedule
from shared.store.queue import schedule
from tests.conftest import Personas
from tests.rig.limits import limits as limits_of

pytestmark = pytest.mark.slow
Pool = AsyncConnectionPool[WorkerConnection]
Owner = psycopg.Connection[dict[str, Any]]
Make = Callable[..., UUID]
Schedules = Callable[[UUID], dict[str, KindSchedule]]
LARGE = plan(Size(120_000, 500, 100), limits_of(timedelta(seconds=3), timedelta(seconds=2), 1000))
DUE = datetime.now(UTC) + timedelta(hours=5)


async def test_what_was_due_after_the_old_interval_is_due_after_the_new_one(
    worker_pool: Pool, people: Personas, make_profile: Make, schedules: Schedules
) -> None:
    profile = make_profile(people.alice, due={"SYNC_FOLLOWERS": DUE, "SYNC_PROFILE": DUE})
    async with worker_pool.connection() as conn:
        await schedule.follow(conn, people.alice, profile, LARGE.intervals())
    longer = schedules(profile)
    assert longer["SYNC_FOLLOWERS"] == KindSchedule(timedelta(days=7), DUE + timedelta(days=6), is_automatic=True)
    assert LARGE.followers == timedelta(days=7)
    assert longer["SYNC_PROFILE"].next_at == DUE
    assert longer["SYNC_STORIES"].next_at is None, "what was never scheduled stays so"
    async with worker_pool.connection() as conn:
        await schedule.follow(conn, people.alice, profile, replace(LARGE, followers=timedelta(days=1)).intervals())
    assert schedules(profile)["SYNC_FOLLOWERS"].next_at == DUE


async def test_what_a_person_chose_stays(
    worker_pool: Pool, people: Personas, make_profile: Make, schedules: Schedules
) -> None:
    profile = make_profile(people.alice, every={"SYNC_FOLLOWERS": timedelta(days=1)})
    async with worker_pool.connection() as conn:
        await schedule.follow(conn, people.alice, profile, replace(LARGE, following=timedelta(days=4)).intervals())
    assert schedules(profile)["SYNC_FOLLOWERS"].every == timedelta(days=1)
    assert schedules(profile)["SYNC_FOLLOWING"].every == timedelta(days=4)


async def test_stories_likers_and_the_session_are_due_by_schedule_beside_what_runs(
    worker_pool: Pool, people: Personas, make_profile: Make, make_job: Make, owner: Owner, schedules: Schedules
) -> None:
    now = datetime.now(UTC)
    kinds = ("SYNC_STORIES", "SYNC_LIKERS", "CHECK_SESSION")
    profile = make_profile(people.alice, due=dict.fromkeys(kinds, now))
    make_job(people.alice, profile, "SYNC", state="RUNNING", lease_until=now + timedelta(minutes=1))
    async with worker_pool.connection() as conn:
        assert await schedule.enqueue_due(conn) == 3
        assert await schedule.enqueue_due(conn) == 0
    made = owner.execute("select kind from public.sync_jobs where kind <> 'SYNC' order by kind").fetchall()
    assert [job["kind"] for job in made] == sorted(kinds)
    moved = [schedules(profile)[kind].next_at for kind in kinds]
    assert [round((at - now) / timedelta(hours=1)) for at in moved if at] == [2, 24, 24]


async def test_the_tick_reads_what_is_due_by_its_index(
    worker_pool: Pool, people: Personas, make_profile: Make, owner: Owner
) -> None:
    owner.execute(
        "insert into public.profiles (user_id, platform, username, state)"
        " select %s, 'instagram', 'p' || n, 'CONNECTED' from generate_series(1, 1000) n",
        (people.alice,),
    )
    owner.execute("update public.schedules set next_at = now() + interval '1 day'")
    owner.execute("vacuum analyze public.schedules, public.profiles")
    explained = owner.execute("explain " + schedule._ENQUEUE_DUE, {"limit": 500, "priority": 200}).fetchall()
    assert any("schedules_due_idx" in line["QUERY PLAN"] for line in explained)
