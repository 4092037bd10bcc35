"""SYNC_FOLLOWERS and SYNC_FOLLOWING with the real queue, vault and database: what is read, resumed and published."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import Direction, EndpointId, Observation, PeoplePage, Person, PlatformId, ProfileFacts
from shared.errors import Cancelled, Draining, LeaseLost, ListNotVisible, SiteFailed, WrongAccount
from tests.conftest import Personas
from tests.said import alert_said
from tests.worker.handling import Script, ScriptedProfile, claim, connect, services_for, taken_over
from worker.jobs.sync import follow_list

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def persons(*numbers: int) -> list[Person]:
    return [Person(PlatformId(str(number)), f"user{number}") for number in numbers]


class Desk(ScriptedProfile):
    """One connected profile, its script and its jobs."""

    def job(self, kind: str = "SYNC_FOLLOWERS") -> UUID:
        self.owner.execute("delete from sync_jobs")
        return self.make_job(self.user_id, self.profile_id, kind)

    async def read(self, kind: str = "SYNC_FOLLOWERS") -> list[str]:
        """Runs one whole job and returns what was asked of the platform."""
        self.job(kind)
        self.script.asked.clear()
        await follow_list.run(await claim(self.pool), self.services)
        return list(self.script.asked)

    def show(self, *numbers: int, following: tuple[int, ...] = ()) -> None:
        """The platform's true lists, and a profile that counts them."""
        self.script.followers, self.script.following = persons(*numbers), persons(*following)
        self.script.facts = replace(self.script.facts, followers=len(numbers), following=len(following))

    def followers(self) -> list[str]:
        rows = self.owner.execute("select username from people where follows_me order by id desc").fetchall()
        return [row["username"] for row in rows]

    def runs(self) -> list[dict[str, Any]]:
        return self.owner.execute("select * from list_runs order by started_at").fetchall()

    def staged(self) -> int:
        row = self.owner.execute("select count(*) as pages from list_pages").fetchone()
        assert row is not None
        return int(row["pages"])

    def cursor(self) -> Any:
        row = self.owner.execute("select cursor from sync_jobs where kind like 'SYNC%'").fetchone()
        assert row is not None
        return row["cursor"]


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> Desk:
    script = Script(NOW, ProfileFacts(PlatformId("9"), "alice.test"))
    services = services_for(worker_pool, script)
    profile_id = make_profile(people.alice, external_id="9")
    await connect(worker_pool, services, people.alice, profile_id)
    return Desk(owner, worker_pool, script, services, people.alice, profile_id, make_job)


def stop_at(desk: Desk, what: str, error: Exception) -> None:
    """The platform, or whoever, ends the job when `what` is asked; only once."""

    def before(asked: str) -> None:
        if asked == what:
            desk.script.before = lambda _: None
            raise error

    desk.script.before = before


async def test_a_first_reading_publishes_the_list_in_the_platforms_order_and_asks_for_the_days(desk: Desk) -> None:
    desk.show(1, 2, 3, 4, 5)
    assert await desk.read() == ["profile alice.test", "follower 0", "follower 2", "follower 4"]
    assert desk.followers() == ["user1", "user2", "user3", "user4", "user5"]
    run = desk.runs()[0]
    assert (run["state"], run["verdict"], run["exact"], run["seen"], run["pages"]) == ("PUBLISHED", "whole", True, 5, 3)
    assert (run["observed_start"], run["observed_end"]) == (NOW, NOW)
    assert (desk.staged(), desk.cursor()) == (0, None)
    jobs = desk.owner.execute("select kind from sync_jobs where state = 'PENDING'").fetchall()
    assert [job["kind"] for job in jobs] == ["DERIVE"]


@pytest.mark.parametrize("at", ["follower 2", "follower 4", "profile alice.test"])
async def test_pages_that_the_database_lost_in_the_middle_of_a_walk_are_read_again(desk: Desk, at: str) -> None:
    desk.show(1, 2, 3, 4, 5)
    desk.script.facts = replace(desk.script.facts, followers=6)
    times = iter([False, False, True] if at.startswith("profile") else [True])

    def dies(asked: str) -> None:
        if asked == at and next(times, False):
            desk.owner.execute("truncate list_pages")

    desk.script.before = dies
    await desk.read()
    assert desk.followers() == ["user1", "user2", "user3", "user4", "user5"]
    runs = desk.runs()
    assert [run["state"] for run in runs] == ["ABANDONED", "PUBLISHED"]
    assert runs[-1]["seen"] == 5
    assert desk.staged() == 0


async def test_both_lists_together_tell_the_classes(desk: Desk) -> None:
    desk.show(1, 2, 3, following=(3, 4))
    await desk.read()
    assert await desk.read("SYNC_FOLLOWING") == ["profile alice.test", "following 0"]
    row = desk.owner.execute("select mutual_count, fan_count, not_following_back_count from profiles").fetchone()
    assert row == {"mutual_count": 1, "fan_count": 2, "not_following_back_count": 1}


async def test_an_empty_account_is_read_whole(desk: Desk) -> None:
    desk.show()
    await desk.read()
    run = desk.runs()[0]
    assert (run["verdict"], run["exact"], run["seen"]) == ("whole", True, 0)


async def test_who_left_and_came_is_told_after_the_second_reading(desk: Desk) -> None:
    desk.show(1, 2, 3)
    await desk.read()
    desk.script.now += timedelta(days=1)
    desk.show(4, 1, 3)
    await desk.read()
    run = desk.runs()[1]
    assert (run["gained"], run["lost"], run["returned"]) == (1, 1, 0)
    assert desk.followers() == ["user4", "user1", "user3"]


async def test_the_count_is_read_again_when_it_does_not_match_and_a_count_that_moved_is_not_exact(desk: Desk) -> None:
    desk.show(1, 2, 3)
    desk.script.facts = replace(desk.script.facts, followers=2)

    def before(asked: str) -> None:
        if asked == "follower 2":
            desk.script.facts = replace(desk.script.facts, followers=3)

    desk.script.before = before
    assert (await desk.read())[-1] == "profile alice.test"
    run = desk.runs()[0]
    assert (run["reported_before"], run["reported_after"], run["verdict"]) == (2, 3, "whole")
    assert run["exact"] is False


@pytest.mark.parametrize("stopped", [Draining(), SiteFailed()])
async def test_a_walk_that_was_stopped_goes_on_at_its_page_with_nothing_twice(desk: Desk, stopped: Exception) -> None:
    desk.show(*range(1, 10))
    stop_at(desk, "follower 4", stopped)
    desk.job()
    ctx = await claim(desk.pool)
    with pytest.raises(type(stopped)):
        await follow_list.run(ctx, desk.services)
    assert (desk.staged(), desk.cursor()["cursor"]) == (2, "4")
    desk.script.asked.clear()
    await follow_list.run(await taken_over(desk.pool, ctx), desk.services)
    assert desk.script.asked == ["profile alice.test", "follower 4", "follower 6", "follower 8"]
    assert [run["state"] for run in desk.runs()] == ["PUBLISHED"]
    assert (desk.runs()[0]["pages"], len(desk.followers()), desk.staged()) == (5, 9, 0)


async def test_a_walk_that_ended_but_was_not_published_is_published_without_reading_again(desk: Desk) -> None:
    desk.show(1, 2, 3)
    desk.job()
    ctx = await claim(desk.pool)
    # The counts differ, so the profile is asked once more after the walk, and that fails.
    desk.script.facts = replace(desk.script.facts, followers=2)
    asked: list[str] = []

    def before(what: str) -> None:
        asked.append(what)
        if asked.count("profile alice.test") == 2:
            raise SiteFailed

    desk.script.before = before
    with pytest.raises(SiteFailed):
        await follow_list.run(ctx, desk.services)
    desk.script.before = lambda _: None
    desk.script.asked.clear()
    await follow_list.run(await taken_over(desk.pool, ctx), desk.services)
    assert desk.script.asked == ["profile alice.test", "profile alice.test"]
    assert len(desk.followers()) == 3


async def test_a_worker_that_lost_its_lease_keeps_no_page_and_publishes_nothing(desk: Desk) -> None:
    desk.show(*range(1, 6))
    desk.job()
    late = await claim(desk.pool)
    await taken_over(desk.pool, late)
    with pytest.raises(LeaseLost):
        await follow_list.run(late, desk.services)
    assert (desk.followers(), desk.staged(), desk.runs()) == ([], 0, [])


@pytest.mark.parametrize(
    "spoil",
    [
        "update sync_jobs set cursor = jsonb_set(cursor, '{best_before}', '\"2026-01-01T00:00:00+00:00\"')",
        "update sync_jobs set cursor = jsonb_set(cursor, '{query}', '\"another\"')",
        "delete from list_pages where page = 1",
        "truncate list_pages",
    ],
    ids=["past its best-before", "of another query", "a staged page is lost", "staging is lost"],
)
async def test_a_walk_that_cannot_go_on_begins_again(desk: Desk, spoil: Any) -> None:
    desk.show(*range(1, 10))
    stop_at(desk, "follower 4", SiteFailed())
    desk.job()
    ctx = await claim(desk.pool)
    with pytest.raises(SiteFailed):
        await follow_list.run(ctx, desk.services)
    desk.owner.execute(spoil)
    desk.script.asked.clear()
    await follow_list.run(await taken_over(desk.pool, ctx), desk.services)
    assert desk.script.asked[1] == "follower 0"
    assert sorted(run["state"] for run in desk.runs()) == ["ABANDONED", "PUBLISHED"]
    assert (len(desk.followers()), desk.staged()) == (9, 0)


async def test_a_cancelled_walk_stops_between_two_pages_and_changes_no_fact(desk: Desk) -> None:
    desk.show(*range(1, 10))
    desk.job()
    ctx = await claim(desk.pool)

    def before(asked: str) -> None:
        if asked == "follower 4":
            ctx.stop(Cancelled())

    desk.script.before = before
    with pytest.raises(Cancelled):
        await follow_list.run(ctx, desk.services)
    assert desk.followers() == []
    assert "follower 6" not in desk.script.asked


async def test_a_list_that_the_platform_hides_ends_the_job_with_its_reason(desk: Desk) -> None:
    desk.show(1, 2)
    stop_at(desk, "follower 0", ListNotVisible())
    with pytest.raises(ListNotVisible):
        await desk.read()
    assert desk.followers() == []


async def test_a_list_of_another_account_that_took_the_name_is_not_read(desk: Desk) -> None:
    desk.show(1, 2)
    desk.script.facts = replace(desk.script.facts, platform_id=PlatformId("666"))
    with pytest.raises(WrongAccount):
        await desk.read()
    assert desk.script.asked == ["profile alice.test"]


async def test_a_list_that_never_ends_is_cut_off_and_takes_nobody_away(desk: Desk) -> None:
    desk.show(1, 2, 3, 4, 5, 6, 7, 8)
    await desk.read()

    async def people(
        direction: Direction,
        owner: PlatformId,
        username: str,
        cursor: str | None,
        endpoint: EndpointId,
    ) -> Observation[PeoplePage]:
        return Observation(PeoplePage(tuple(persons(1, 2)), f"c{int((cursor or 'c0')[1:]) + 1}"), NOW)

    desk.script.people = people  # type: ignore[method-assign]
    await desk.read()
    assert (desk.runs()[1]["verdict"], desk.runs()[1]["lost"]) == ("partial", 0)
    assert len(desk.followers()) == 8
    alerts = desk.owner.execute("select kind, subject, params from alerts").fetchall()
    assert [alert["kind"] for alert in alerts] == ["list_partial"]
    assert "The list went on showing the same people" in alert_said(alerts[0])


async def test_a_page_is_kept_while_the_next_one_is_read(desk: Desk) -> None:
    desk.show(*range(1, 6))
    kept = asyncio.Event()
    real = desk.script.people

    async def people(
        direction: Direction,
        owner: PlatformId,
        username: str,
        cursor: str | None,
        endpoint: EndpointId,
    ) -> Observation[PeoplePage]:
        if cursor == "2":
            while desk.staged() == 0:
                await asyncio.sleep(0)
            kept.set()
        return await real(direction, owner, username, cursor, endpoint)

    desk.script.people = people  # type: ignore[method-assign]
    await desk.read()
    assert kept.is_set()
    assert len(desk.followers()) == 5
