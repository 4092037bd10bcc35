"""Stories and likers with the real queue and database: who is kept, where it goes on, what is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import (
    Likers,
    Media,
    MediaKind,
    MediaMetrics,
    Person,
    PlatformId,
    ProfileFacts,
    Viewer,
)
from shared.errors import (
    CheckpointRequired,
    JobError,
    NotConnected,
    RateLimited,
    SessionDead,
    SiteFailed,
    UnexpectedAnswer,
    UnknownUser,
)
from tests.conftest import Personas
from tests.said import alert_said
from tests.worker.handling import Script, claim, connect, services_for, taken_over
from worker.jobs.sync import everything, live_stories, media_tabs, post_likers
from worker.services import Services

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def story(number: int, hours_ago: float = 1) -> Media:
    posted = NOW - timedelta(hours=hours_ago)
    return Media(PlatformId(str(number)), MediaKind.STORY, posted_at=posted, expires_at=posted + timedelta(hours=24))


def post(number: int, likes: int | None = 3) -> Media:
    posted = NOW - timedelta(days=number)
    return Media(
        PlatformId(str(number)), MediaKind.IMAGE, posted_at=posted, metrics=MediaMetrics(likes=likes, comments=0)
    )


def person(number: int) -> Person:
    return Person(PlatformId(str(number)), f"person{number}")


def viewers(*numbers: int) -> list[Viewer]:
    return [Viewer(person(number), has_liked=number == 1) for number in numbers]


class Desk:
    """One connected profile, its script and its jobs."""

    def __init__(self, owner: Owner, pool: Pool, script: Script, user_id: UUID, profile_id: UUID, jobs: Any) -> None:
        self.owner, self.pool, self.script = owner, pool, script
        self.services: Services = services_for(pool, script)
        self.user_id, self.profile_id, self.make_job = user_id, profile_id, jobs

    async def do(self, kind: str, run: Any) -> list[str]:
        """Runs one whole job and returns what was asked of the platform."""
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, kind)
        self.script.asked.clear()
        await run(await claim(self.pool), self.services)
        return list(self.script.asked)

    async def stories(self) -> list[str]:
        return await self.do("SYNC_STORIES", live_stories.run)

    async def likers(self) -> list[str]:
        return await self.do("SYNC_LIKERS", post_likers.run)

    async def media(self) -> list[str]:
        return await self.do("SYNC_MEDIA", media_tabs.run)

    def rows(self, statement: str) -> list[dict[str, Any]]:
        return self.owner.execute(statement.encode()).fetchall()

    def people(self, role: str) -> set[tuple[str, str, bool | None]]:
        rows = self.rows(
            "select m.platform_id as medium, p.platform_id, has_liked from media_people p"
            f" join media m on m.id = p.media_id where role = '{role}'"
        )
        return {(row["medium"], row["platform_id"], row["has_liked"]) for row in rows}

    def engagers(self) -> dict[str, tuple[int, int | None]]:
        rows = self.rows("select platform_id, known, total from media_engagers a join media m on m.id = a.media_id")
        return {row["platform_id"]: (row["known"], row["total"]) for row in rows}

    def due_in(self) -> timedelta:
        """When stories are read next, from now on."""
        (row,) = self.rows("select next_at - now() as due from schedules where kind = 'SYNC_STORIES'")
        due: timedelta = row["due"]
        return due


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> Desk:
    script = Script(NOW, ProfileFacts(PlatformId("9"), "alice.test"))
    profile_id = make_profile(people.alice, external_id="9", media_count=3, observed_at=NOW)
    made = Desk(owner, worker_pool, script, people.alice, profile_id, make_job)
    await connect(worker_pool, made.services, people.alice, profile_id)
    return made


async def test_stories_are_stored_with_their_end_and_everybody_who_viewed_them(desk: Desk) -> None:
    desk.script.live = [story(1), story(2, hours_ago=3)]
    desk.script.viewers = {"1": viewers(1, 2, 3), "2": viewers(4)}
    assert await desk.stories() == ["stories", "viewers 2 0", "viewers 1 0", "viewers 1 2"]
    assert desk.people("viewer") == {("1", "1", True), ("1", "2", False), ("1", "3", False), ("2", "4", False)}
    assert desk.engagers() == {"1": (3, 3), "2": (1, 1)}
    kept = desk.rows("select kind, posted_at, expires_at, views from media order by platform_id")
    assert kept == [
        {"kind": "story", "posted_at": one.posted_at, "expires_at": one.expires_at, "views": views}
        for one, views in zip(desk.script.live, (3, 1), strict=True)
    ]
    assert len(desk.rows("select * from media_metrics")) == 2


async def test_viewers_only_become_more_and_the_last_reading_is_the_one_after_the_end(desk: Desk) -> None:
    desk.script.live = [story(1)]
    desk.script.viewers = {"1": viewers(1, 2)}
    await desk.stories()
    desk.script.viewers = {"1": viewers(2, 3)}
    desk.script.now = NOW + timedelta(hours=22)
    await desk.stories()
    assert {who for _, who, _ in desk.people("viewer")} == {"1", "2", "3"}
    desk.script.live, desk.script.now = [], NOW + timedelta(hours=25)
    assert await desk.stories() == ["stories", "viewers 1 0"]
    assert await desk.stories() == ["stories"]


async def test_viewers_that_the_platform_shows_no_longer_are_not_asked_for(desk: Desk) -> None:
    desk.script.live = [story(1)]
    await desk.stories()
    desk.script.live, desk.script.now = [], NOW + timedelta(hours=48)
    assert await desk.stories() == ["stories"]


@pytest.mark.parametrize(
    ("hours_ago", "due"), [((1,), timedelta(hours=2)), ((1, 23), timedelta(minutes=45)), ((23.9,), timedelta(hours=2))]
)
async def test_the_next_reading_comes_shortly_before_a_story_ends(
    hours_ago: tuple[float, ...], due: timedelta, desk: Desk
) -> None:
    desk.script.live = [story(number, hours) for number, hours in enumerate(hours_ago, 1)]
    await desk.stories()
    assert due - timedelta(minutes=2) < desk.due_in() <= due


async def test_another_worker_goes_on_at_the_page_of_the_viewers_where_the_first_one_stopped(desk: Desk) -> None:
    desk.script.live, desk.script.viewers = [story(1)], {"1": viewers(1, 2, 3, 4, 5)}

    def fail(what: str) -> None:
        if what == "viewers 1 4":
            raise SiteFailed

    desk.make_job(desk.user_id, desk.profile_id, "SYNC_STORIES")
    first = await claim(desk.pool)
    desk.script.before = fail
    with pytest.raises(SiteFailed):
        await live_stories.run(first, desk.services)
    assert desk.engagers() == {}
    desk.script.before = lambda _: None
    desk.script.asked.clear()
    await live_stories.run(await taken_over(desk.pool, first), desk.services)
    assert desk.script.asked == ["stories", "viewers 1 4"]
    assert desk.engagers() == {"1": (5, 5)}


async def test_viewers_that_are_shown_no_more_are_not_nobody(desk: Desk) -> None:
    desk.script.live, desk.script.viewers = [story(1)], {"1": viewers(1, 2)}
    await desk.stories()
    desk.script.viewers, desk.script.now = {}, NOW + timedelta(hours=2)
    await desk.stories()
    assert desk.engagers() == {"1": (2, 2)}
    assert desk.rows("select views from media") == [{"views": 2}]


@pytest.mark.parametrize("error", [UnknownUser, UnexpectedAnswer])
async def test_a_story_that_was_taken_down_does_not_keep_the_others_from_their_viewers(
    error: type[JobError], desk: Desk
) -> None:
    desk.script.live, desk.script.viewers = [story(1), story(2, hours_ago=2)], {"1": viewers(1)}

    def gone(what: str) -> None:
        if what.startswith("viewers 2"):
            raise error

    desk.script.before = gone
    await desk.stories()
    assert desk.engagers() == {"1": (1, 1)}


async def test_stories_of_an_unknown_form_fail_their_own_job_and_not_the_larger_one(desk: Desk) -> None:
    def changed(what: str) -> None:
        if what == "stories":
            raise UnexpectedAnswer

    desk.script.before = changed
    with pytest.raises(UnexpectedAnswer):
        await desk.stories()
    await desk.do("SYNC", everything.run)
    assert len(desk.rows("select * from profile_days")) == 1


async def test_no_story_changes_nothing_and_an_unread_profile_has_none(desk: Desk) -> None:
    assert await desk.stories() == ["stories"]
    assert desk.rows("select * from media") == []
    desk.owner.execute("update profiles set external_id = null")
    with pytest.raises(NotConnected):
        await desk.stories()


@pytest.mark.parametrize(("error", "told"), [(SessionDead, 1), (CheckpointRequired, 1), (RateLimited, 0)])
async def test_it_is_told_when_reading_stops_while_a_story_is_live(error: Any, told: int, desk: Desk) -> None:
    desk.script.live = [story(1), story(2, hours_ago=2)]
    await desk.stories()

    def end(_: str) -> None:
        raise error

    desk.script.before = end
    with pytest.raises(error):
        await desk.stories()
    alerts = desk.rows("select * from alerts where kind = 'stories_at_risk'")
    assert len(alerts) == told
    if told:
        assert "2 stories are live" in alert_said(alerts[0])
        assert "until about 12 Jun 2026, 10:00 UTC" in alert_said(alerts[0])


async def test_a_dead_session_without_a_live_story_puts_no_story_at_risk(desk: Desk) -> None:
    desk.script.live = [story(1, hours_ago=30)]
    await desk.stories()
    desk.script.before = _dead
    with pytest.raises(SessionDead):
        await desk.stories()
    assert desk.rows("select kind from alerts where kind = 'stories_at_risk'") == []


def _dead(_: str) -> None:
    raise SessionDead


async def test_likers_of_the_last_posts_are_added_up_with_how_many_they_are_of(desk: Desk) -> None:
    desk.script.shown_posts = [post(1), post(2), post(3, likes=None)]
    await desk.media()
    desk.script.liked_by = {
        "1": Likers((person(1), person(2)), 3),
        "2": Likers((person(1), person(2), person(3)), 3),
        "3": Likers((person(4),), None),
    }
    assert await desk.likers() == ["likers 1", "likers 2", "likers 3"]
    assert desk.engagers() == {"1": (2, 3), "2": (3, 3), "3": (1, None)}
    desk.script.liked_by["1"] = Likers((person(3),), 3)
    assert await desk.likers() == ["likers 1", "likers 3"]
    assert desk.engagers()["1"] == (3, 3)
    assert {(medium, who) for medium, who, _ in desk.people("liker") if medium == "1"} == {
        ("1", "1"),
        ("1", "2"),
        ("1", "3"),
    }


async def test_only_the_last_twelve_posts_are_asked_about_and_stories_are_none_of_them(desk: Desk) -> None:
    desk.script.shown_posts = [post(number) for number in range(1, 15)]
    desk.script.live = [story(90)]
    await desk.media()
    await desk.stories()
    assert await desk.likers() == [f"likers {number}" for number in range(1, 13)]


async def test_a_post_that_refuses_its_likers_does_not_keep_the_others_from_theirs(desk: Desk) -> None:
    desk.script.shown_posts = [post(1), post(2)]
    await desk.media()
    desk.script.liked_by = {"2": Likers((person(1),), 3)}

    def gone(what: str) -> None:
        if what == "likers 1":
            raise UnknownUser

    desk.script.before = gone
    assert await desk.likers() == ["likers 1", "likers 2"]
    assert desk.engagers() == {"2": (1, 3)}


@pytest.mark.parametrize(("spent", "asked"), [(97, []), (10, ["likers 1", "likers 2"])])
async def test_likers_wait_while_the_days_requests_are_kept_for_the_lists(
    spent: int, asked: list[str], desk: Desk
) -> None:
    desk.script.shown_posts = [post(1), post(2)]
    await desk.media()
    desk.owner.execute(
        "insert into request_budget (connection_id, user_id, profile_id, per_day, day_spent, day_ends)"
        " select id, user_id, profile_id, 100, %s, now() + interval '20 hours' from connections where profile_id = %s"
        " on conflict (connection_id) do update set per_day = 100, day_spent = excluded.day_spent,"
        " day_ends = excluded.day_ends",
        (spent, desk.profile_id),
    )
    desk.owner.execute("update profiles set followers = 400")
    desk.owner.execute("update schedules set next_at = now() + interval '1 hour' where kind = 'SYNC_FOLLOWERS'")
    desk.script.opened = 0
    assert await desk.likers() == asked
    assert desk.script.opened == bool(asked)
