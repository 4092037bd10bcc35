"""SYNC does everything in one session, and a retry does only what is left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import Media, MediaKind, MediaMetrics, Person, PlatformId, ProfileFacts
from shared.errors import SiteFailed
from tests.conftest import Personas
from tests.worker.handling import Script, claim, connect, services_for, taken_over
from worker.jobs import sync
from worker.services import Services

pytestmark = pytest.mark.anyio
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def person(number: int) -> Person:
    return Person(PlatformId(str(number)), f"person{number}")


class Desk:
    """One connected profile with five followers, three people followed and three posts."""

    def __init__(
        self, owner: Owner, pool: Pool, user_id: UUID, profile_id: UUID, make_job: Callable[..., UUID]
    ) -> None:
        self.owner, self.pool, self.user_id, self.profile_id, self.make_job = owner, pool, user_id, profile_id, make_job
        self.script = Script(
            NOW,
            ProfileFacts(PlatformId("9"), "alice.test", followers=5, following=3, media_count=3),
            shown_posts=[
                Media(PlatformId(str(n)), MediaKind.IMAGE, posted_at=NOW, metrics=MediaMetrics(likes=n, comments=0))
                for n in (71, 72, 73)
            ],
            followers=[person(n) for n in range(1, 6)],
            following=[person(n) for n in range(4, 7)],
        )
        self.services: Services = services_for(pool, self.script)

    def start(self) -> None:
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, "SYNC")

    async def sync(self) -> None:
        self.start()
        await sync.run(await claim(self.pool), self.services)

    def one(self, statement: str) -> dict[str, Any]:
        row = self.owner.execute(statement.encode()).fetchone()
        assert row is not None
        return row


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> Desk:
    made = Desk(owner, worker_pool, people.alice, make_profile(people.alice), make_job)
    await connect(worker_pool, made.services, people.alice, made.profile_id)
    return made


def steps_asked(script: Script) -> list[str]:
    """The steps in the order in which they first asked for something."""
    return list(dict.fromkeys(what.split()[0] for what in script.asked))


async def test_one_session_reads_everything_and_the_days_are_derived_last(desk: Desk) -> None:
    await desk.sync()
    assert desk.script.opened == 1
    assert steps_asked(desk.script) == ["profile", "follower", "following", "posts", "reels", "stories"]
    assert desk.one("select mutual_count, fan_count, not_following_back_count from profiles") == {
        "mutual_count": 2,
        "fan_count": 3,
        "not_following_back_count": 1,
    }
    assert desk.one("select count(*) as n from media") == {"n": 3}
    day = desk.one("select followers, following, media, gained, lost, posts from profile_days")
    assert day == {"followers": 5, "following": 3, "media": 3, "gained": None, "lost": None, "posts": 3}
    assert desk.owner.execute("select kind from sync_jobs where kind <> 'SYNC'").fetchall() == []


async def test_a_second_sync_tells_who_came_and_who_left_and_its_day_says_the_same(desk: Desk) -> None:
    await desk.sync()
    desk.script.now = NOW + timedelta(days=1)
    desk.script.followers = [person(n) for n in (1, 2, 3, 7, 8, 9)]
    desk.script.facts = replace(desk.script.facts, followers=6)
    await desk.sync()
    day = desk.one("select followers, gained, lost from profile_days where day = '2026-06-11'")
    assert day == {"followers": 6, "gained": 3, "lost": 2}
    shown = desk.one("select count(*) as n from follow_spans where direction = 'follower' and since_known <> 'before'")
    assert shown == {"n": 3}


@pytest.mark.parametrize("where", ["follower 2", "following 2", "posts 2"])
async def test_another_worker_goes_on_in_the_step_and_at_the_page_where_the_first_one_stopped(
    desk: Desk, where: str
) -> None:
    def fail(what: str) -> None:
        if what == where:
            raise SiteFailed

    desk.script.before = fail
    desk.start()
    first = await claim(desk.pool)
    with pytest.raises(SiteFailed):
        await sync.run(first, desk.services)
    before = list(desk.script.asked)
    desk.script.before = lambda _: None
    desk.script.asked.clear()
    second = await taken_over(desk.pool, first)
    await sync.run(second, desk.services)
    walked = [what for what in desk.script.asked if not what.startswith("profile")]
    assert walked[0] == where
    assert not {what for what in before if not what.startswith("profile")} & set(walked[1:])
    assert desk.one("select count(*) as n from people where follows_me") == {"n": 5}
    assert desk.one("select count(*) as n from media") == {"n": 3}


async def test_when_only_the_days_are_left_no_session_is_opened(desk: Desk) -> None:
    await desk.sync()
    desk.owner.execute("delete from profile_days")
    desk.start()
    done = psycopg.types.json.Jsonb(
        {"done": ["profile", "followers", "following", "media", "stories"], "name": None, "step": None}
    )
    desk.owner.execute("update sync_jobs set cursor = %s", (done,))
    desk.script.opened = 0
    await sync.run(await claim(desk.pool), desk.services)
    assert desk.script.opened == 0
    assert desk.one("select count(*) as n from profile_days") == {"n": 1}
