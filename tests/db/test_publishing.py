"""Each transaction that publishes locks its profile and raises the version that pages ask for."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.engagers import Engagers, Role
from shared.domain.social import PlatformId, ProfileFacts
from shared.store import publishing
from shared.store.media import engagers, stories
from shared.store.media.engagers import Whose
from shared.store.profiles import days, profiles
from tests.conftest import Personas
from tests.store.lists import Lists

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice)


def version(owner: Owner, profile: UUID) -> int:
    row = owner.execute("select version from public.profiles where id = %s", (profile,)).fetchone()
    assert row is not None
    return int(row["version"])


async def test_it_raises_the_version_and_says_when_the_profile_is_gone(
    owner: Owner, worker_pool: Pool, people: Personas, profile: UUID
) -> None:
    async with worker_pool.connection() as conn:
        assert await publishing.begin(conn, people.alice, profile)
        assert not await publishing.begin(conn, people.bob, profile)
        assert not await publishing.begin(conn, people.alice, uuid4())
    assert version(owner, profile) == 1


async def test_two_do_not_publish_at_once(worker_pool: Pool, people: Personas, profile: UUID) -> None:
    async with worker_pool.connection() as one, worker_pool.connection() as two:
        await publishing.begin(one, people.alice, profile)
        await two.execute("set local lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await publishing.begin(two, people.alice, profile)
        await two.rollback()


async def test_lists_facts_stories_days_and_viewers_raise_it(
    owner: Owner, worker_pool: Pool, people: Personas, profile: UUID
) -> None:
    seen = [version(owner, profile)]
    await Lists(owner, worker_pool, people.alice, profile).publish([1, 2])
    seen.append(version(owner, profile))
    media = owner.execute(
        "insert into public.media (user_id, profile_id, platform_id, kind, first_seen_at, last_seen_at)"
        " values (%s, %s, '1', 'story', now(), now()) returning id",
        (people.alice, profile),
    ).fetchone()
    assert media is not None
    facts = ProfileFacts(platform_id=PlatformId("41"), username="alice.test")
    viewers = Whose(people.alice, profile, media["id"], Role.VIEWER)

    async def saves_facts(conn: WorkerConnection) -> None:
        await profiles.save_facts(conn, people.alice, profile, facts, NOW)

    async def saves_stories(conn: WorkerConnection) -> None:
        await stories.save(conn, people.alice, profile, [], NOW)

    async def holds_days(conn: WorkerConnection) -> None:
        await days.hold(conn, people.alice, profile)

    async def records_viewers(conn: WorkerConnection) -> None:
        await engagers.record(conn, viewers, Engagers(3, 3), NOW)

    for publishes in (saves_facts, saves_stories, holds_days, records_viewers):
        async with worker_pool.connection() as conn:
            await publishes(conn)
        seen.append(version(owner, profile))
    assert seen == sorted(set(seen)), "each of them is a new version"
