"""SYNC does everything in one session, and a retry does only what is left."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobKind
from shared.domain.social import Media, MediaKind, MediaMetrics, Person, PlatformId, ProfileFacts
from shared.errors import (
    BudgetSpent,
    Cancelled,
    CheckpointRequired,
    FeedbackRequired,
    LeaseLost,
    ListNotVisible,
    ListUnreadable,
    RateLimited,
    RollcallError,
    SessionDead,
    SiteFailed,
    SuspectedAutomation,
    UnexpectedAnswer,
)
from shared.messages import about
from tests.conftest import Personas
from tests.said import error_said
from tests.worker.handling import Script, claim, connect, services_for, taken_over
from worker.jobs.sync import everything as sync
from worker.runner.attempt import Rules, attempt
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
RULES = Rules(RetryPolicy(timedelta(seconds=30), timedelta(hours=1), timedelta(hours=1)), timedelta(seconds=5))


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
    assert steps_asked(desk.script) == ["profile", "follower", "following", "posts", "reels", "archived", "stories"]
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
    shown = desk.one("select count(*) as n from stays where direction = 'follower' and since_known <> 'before'")
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
        {
            "done": ["profile", "followers", "following", "media", "stories", "insights", "audience"],
            "name": None,
            "step": None,
        }
    )
    desk.owner.execute("update sync_jobs set cursor = %s", (done,))
    desk.script.opened = 0
    await sync.run(await claim(desk.pool), desk.services)
    assert desk.script.opened == 0
    assert desk.one("select count(*) as n from profile_days") == {"n": 1}


def fail_at(script: Script, failing: Mapping[str, RollcallError]) -> None:
    """Questions that begin so are answered by these errors, as often as they are asked."""

    def before(what: str) -> None:
        for beginning, error in failing.items():
            if what.startswith(beginning):
                raise error

    script.before = before


def read_of_it(desk: Desk) -> tuple[int, int, int]:
    """How many followers, people followed and posts are known."""
    row = desk.one(
        "select count(*) filter (where follows_me) as a, count(*) filter (where i_follow) as b,"
        " (select count(*) from media) as c from people"
    )
    return row["a"], row["b"], row["c"]


@pytest.mark.parametrize("error", [UnexpectedAnswer(), ListNotVisible()], ids=["no route", "hidden"])
async def test_a_list_that_cannot_be_read_keeps_nothing_else_from_being_read_and_ends_the_job_all_the_same(
    desk: Desk, error: RollcallError
) -> None:
    fail_at(desk.script, {"follower ": error})
    desk.start()
    settled = await attempt(await claim(desk.pool), partial(sync.run, services=desk.services), RULES, desk.pool)
    assert settled is not None
    assert steps_asked(desk.script)[2:] == ["following", "posts", "reels", "archived", "stories"]
    assert read_of_it(desk) == (0, 3, 3)
    assert desk.one("select following, posts from profile_days") == {"following": 3, "posts": 3}
    told = ListUnreadable if isinstance(error, UnexpectedAnswer) else ListNotVisible
    job = desk.one("select * from sync_jobs where kind = 'SYNC'")
    assert (job["state"], job["error_code"], error_said(job)) == (
        "FAILED",
        told.code,
        about(told().message, "Instagram"),
    )


async def test_a_tab_that_cannot_be_read_is_tried_again_from_its_page_and_nothing_else_is(desk: Desk) -> None:
    fail_at(desk.script, {"posts 2": UnexpectedAnswer()})
    desk.start()
    first = await claim(desk.pool)
    settled = await attempt(first, partial(sync.run, services=desk.services), RULES, desk.pool)
    assert settled is not None
    assert desk.script.asked[-1] == "stories"
    job = desk.one("select state, error_code, attempt from sync_jobs where kind = 'SYNC'")
    assert job == {"state": "WAITING", "error_code": "unexpected_answer", "attempt": 1}
    desk.script.before = lambda _: None
    desk.script.asked.clear()
    desk.owner.execute("update sync_jobs set run_at = now()")
    await sync.run(await claim(desk.pool, [JobKind.SYNC]), desk.services)
    assert desk.script.asked == ["posts 2", "reels 0", "archived 0"]
    assert read_of_it(desk) == (5, 3, 3)


async def test_what_may_pass_is_tried_again_before_the_job_ends_by_what_does_not(desk: Desk) -> None:
    fail_at(desk.script, {"follower ": UnexpectedAnswer(), "posts": UnexpectedAnswer()})
    desk.start()
    first = await claim(desk.pool)
    with pytest.raises(UnexpectedAnswer):
        await sync.run(first, desk.services)
    fail_at(desk.script, {"follower ": UnexpectedAnswer()})
    desk.script.asked.clear()
    with pytest.raises(ListUnreadable):
        await sync.run(await taken_over(desk.pool, first), desk.services)
    assert steps_asked(desk.script) == ["profile", "posts", "reels", "archived"]
    assert read_of_it(desk) == (0, 3, 3)


async def test_a_list_that_broke_off_goes_on_at_its_page_although_others_were_read_meanwhile(desk: Desk) -> None:
    fail_at(desk.script, {"following 2": ListNotVisible(), "posts 2": UnexpectedAnswer()})
    desk.start()
    first = await claim(desk.pool)
    with pytest.raises(UnexpectedAnswer):
        await sync.run(first, desk.services)
    desk.script.before = lambda _: None
    desk.script.asked.clear()
    await sync.run(await taken_over(desk.pool, first), desk.services)
    assert desk.script.asked == ["profile alice.test", "following 2", "posts 2", "reels 0", "archived 0"]
    assert read_of_it(desk) == (5, 3, 3)


@pytest.mark.parametrize(
    "error",
    [
        SessionDead(),
        CheckpointRequired(),
        FeedbackRequired(),
        SuspectedAutomation(),
        RateLimited(),
        BudgetSpent(until=NOW),
        SiteFailed(),
        Cancelled(),
        LeaseLost(),
    ],
    ids=lambda error: error.code,
)
async def test_what_concerns_more_than_one_list_stops_the_reading_at_once(desk: Desk, error: RollcallError) -> None:
    fail_at(desk.script, {"follower ": error})
    desk.start()
    with pytest.raises(type(error)):
        await sync.run(await claim(desk.pool), desk.services)
    assert desk.script.asked[-1] == "follower 0"
