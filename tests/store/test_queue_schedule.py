"""The schedule enqueues due jobs and sets their next times."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.jobs import SCHEDULED_PRIORITY
from shared.domain.schedules import KindSchedule
from shared.store.queue import schedule
from tests.conftest import Personas

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
NOW = datetime.now(UTC)
LONG_AGO, LATER = NOW - timedelta(days=9), NOW + timedelta(days=30)


@pytest.fixture
async def conn(worker_pool: AsyncConnectionPool[WorkerConnection]) -> AsyncIterator[WorkerConnection]:
    async with worker_pool.connection() as made:
        await made.set_autocommit(True)
        yield made
        await made.set_autocommit(False)


def enqueued(owner: Owner) -> list[dict[str, Any]]:
    return owner.execute("select profile_id, kind, priority, run_at from public.sync_jobs order by kind").fetchall()


async def test_what_is_due_is_enqueued_behind_what_people_wait_for(
    conn: WorkerConnection, people: Personas, make_profile: Make, owner: Owner
) -> None:
    profile = make_profile(people.alice, due={"SYNC_FOLLOWERS": NOW, "SYNC_MEDIA": NOW, "SYNC_PROFILE": LATER})
    assert await schedule.enqueue_due(conn) == 2
    made = enqueued(owner)
    assert [(job["profile_id"], job["kind"]) for job in made] == [(profile, "SYNC_FOLLOWERS"), (profile, "SYNC_MEDIA")]
    assert {job["priority"] for job in made} == {SCHEDULED_PRIORITY}
    assert all(job["run_at"] <= datetime.now(UTC) + timedelta(minutes=10) for job in made)


async def test_missed_ticks_heal_as_one_and_the_next_time_is_an_interval_from_now(
    conn: WorkerConnection, people: Personas, make_profile: Make, schedules: Callable[[UUID], dict[str, KindSchedule]]
) -> None:
    due, every = {"SYNC_FOLLOWERS": LONG_AGO, "SYNC_PROFILE": LATER}, {"SYNC_FOLLOWERS": timedelta(hours=6)}
    profile = make_profile(people.alice, due=due, every=every)
    assert await schedule.enqueue_due(conn) == 1
    assert await schedule.enqueue_due(conn) == 0
    moved = schedules(profile)["SYNC_FOLLOWERS"].next_at
    assert moved is not None
    assert NOW + timedelta(hours=6) < moved <= datetime.now(UTC) + timedelta(hours=6)
    assert schedules(profile)["SYNC_PROFILE"].next_at == LATER


async def test_a_job_that_is_still_live_is_not_doubled(
    conn: WorkerConnection, people: Personas, make_profile: Make, make_job: Make, owner: Owner
) -> None:
    profile = make_profile(people.alice, due={"SYNC_MEDIA": LONG_AGO})
    make_job(people.alice, profile, "SYNC_MEDIA")
    assert await schedule.enqueue_due(conn) == 0
    assert len(enqueued(owner)) == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"schedule_paused": True},
        {"state": "NEEDS_LOGIN"},
        {"state": "CONNECTING"},
        {"state": "DELETING"},
        {"cooldown_until": LATER},
        {"due": {}},
        {"due": {"SYNC_FOLLOWERS": LATER}},
    ],
)
async def test_a_profile_that_is_not_to_be_read_is_left_alone(
    conn: WorkerConnection, people: Personas, make_profile: Make, owner: Owner, columns: dict[str, Any]
) -> None:
    make_profile(people.alice, **{"due": {"SYNC_FOLLOWERS": LONG_AGO}} | columns)
    assert await schedule.enqueue_due(conn) == 0
    assert enqueued(owner) == []


async def test_who_has_been_due_longest_comes_first(
    conn: WorkerConnection, people: Personas, make_profile: Make, owner: Owner
) -> None:
    made = [make_profile(people.alice, f"p{n}", due={"SYNC_MEDIA": NOW, "SYNC_STORIES": LATER}) for n in range(9)]
    last = max(made)
    statement = "update public.schedules set next_at = %s where profile_id = %s and kind = 'SYNC_STORIES'"
    owner.execute(statement, (LONG_AGO, last))
    assert await schedule.enqueue_due(conn, limit=1) == 1
    assert {job["profile_id"] for job in enqueued(owner)} == {last}


async def test_two_workers_that_tick_at_once_share_the_profiles(
    worker_pool: AsyncConnectionPool[WorkerConnection], people: Personas, make_profile: Make, owner: Owner
) -> None:
    for n in range(4):
        make_profile(people.alice, f"p{n}", due={"SYNC_MEDIA": LONG_AGO})
    async with worker_pool.connection() as one, worker_pool.connection() as two:
        await two.execute("set lock_timeout = '1s'")
        assert await schedule.enqueue_due(one, limit=3) == 3
        assert await schedule.enqueue_due(two) == 1
    assert len({job["profile_id"] for job in enqueued(owner)}) == 4


@pytest.mark.parametrize("columns", [{"schedule_paused": True}, {"state": "CHALLENGED"}])
async def test_what_became_due_meanwhile_is_due_when_the_profile_is_back(
    conn: WorkerConnection, people: Personas, make_profile: Make, owner: Owner, columns: dict[str, Any]
) -> None:
    make_profile(people.alice, due={"SYNC_MEDIA": LONG_AGO}, **columns)
    assert await schedule.enqueue_due(conn) == 0
    owner.execute("update public.profiles set schedule_paused = false, state = 'CONNECTED'")
    assert await schedule.enqueue_due(conn) == 1
    owner.execute("update public.schedules set next_at = %s", (LONG_AGO,))
    owner.execute("update public.profiles set state = 'NEEDS_LOGIN'")
    assert await schedule.enqueue_due(conn) == 0
