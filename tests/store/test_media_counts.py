"""The profile's counters: a row when one moved, one a day at least, and never a zero for what was not shown."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import PlatformId, ProfileFacts
from shared.store.profiles import counters
from tests.conftest import Personas

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def facts(followers: int | None, following: int | None = 3) -> ProfileFacts:
    return ProfileFacts(PlatformId("9"), "alice.test", followers=followers, following=following, media_count=None)


async def test_rows_are_written_on_change_and_once_a_day_of_the_profiles_zone(
    worker_pool: AsyncConnectionPool[WorkerConnection],
    owner: psycopg.Connection[dict[str, Any]],
    people: Personas,
    make_profile: Callable[..., UUID],
) -> None:
    profile_id = make_profile(people.alice, timezone="Asia/Tokyo")

    async def record(what: ProfileFacts, hours: float) -> bool:
        async with worker_pool.connection() as conn:
            return await counters.record(conn, people.alice, profile_id, what, NOON + timedelta(hours=hours))

    assert await record(facts(10), 0)
    assert not await record(facts(10), 2.9)
    # Midnight in Tokyo is 15:00 UTC.
    assert await record(facts(10), 3)
    assert await record(facts(11), 4)
    assert await record(facts(None), 5)
    assert not await record(facts(None), 6)
    assert not await record(facts(12), 4.5)
    assert await record(facts(12), 5)
    rows = owner.execute("select followers, following, media from profile_counts order by captured_at").fetchall()
    assert [row["followers"] for row in rows] == [10, 10, 11, 12]
    assert {(row["following"], row["media"]) for row in rows} == {(3, None)}


async def test_counters_are_written_for_their_owner_only(
    worker_pool: AsyncConnectionPool[WorkerConnection], people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice)
    async with worker_pool.connection() as conn:
        assert not await counters.record(conn, people.bob, profile_id, facts(1), NOON)
