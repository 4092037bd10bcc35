"""Every way in which the stand-in's lists lie, read by the real job: no one who is there is ever shown as lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from sandbox.instagram.faults import Fault, FaultKind, Where
from sandbox.server import Running
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.errors import JobError, ListUnreadable, SessionDead
from tests.conftest import Personas
from tests.said import alert_said
from tests.worker.handling import claim, connect, taken_over
from tests.worker.instagram import services_for, settings_for, signed_in, stand_in
from worker.browser.pool import BrowserPool
from worker.jobs.sync import endpoint_probe, follow_list
from worker.platforms.instagram_web.reading import dialog
from worker.runner.context import Context
from worker.services import Services

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
FOLLOWERS = 130
ALWAYS = 1_000_000


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture
def site() -> Iterator[Running]:
    running = stand_in(followers=FOLLOWERS, following=30, posts=2)
    yield running
    running.stop()


@dataclass
class Desk:
    """One connected profile, read by real jobs, and the world that it should be like."""

    owner: Owner
    pool: Pool
    services: Services
    site: Running
    user_id: UUID
    profile_id: UUID
    make_job: Callable[..., UUID]

    async def claimed(self, kind: JobKind = JobKind.SYNC_FOLLOWERS) -> Context:
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, kind)
        return await claim(self.pool, [kind])

    async def read(self) -> dict[str, Any]:
        """Runs one job and returns the run that it published."""
        await follow_list.run(await self.claimed(), self.services)
        return self.runs()[-1]

    def next_day(self) -> None:
        self.site.site.world.now += timedelta(days=1)

    def lie(self, kind: FaultKind, times: int = ALWAYS, variant: str = "followers", after: int = 0) -> None:
        self.site.site.faults.add(Fault(kind, Where.JSON, times, 429, 0, variant, after))

    def change(self) -> None:
        """Three leave and two come."""
        self.site.site.world.steer(follow=2, leave=3)

    def true(self) -> set[str]:
        return {str(pk) for pk in self.site.site.world.population.followers.members}

    def held(self) -> set[str]:
        rows = self.owner.execute("select platform_id from people where follows_me").fetchall()
        return {row["platform_id"] for row in rows}

    def runs(self) -> list[dict[str, Any]]:
        return self.owner.execute(
            "select * from list_runs where state = 'PUBLISHED' order by started_at, ended_at"
        ).fetchall()

    def alerts(self) -> list[tuple[str, str]]:
        rows = self.owner.execute("select kind, subject, params from alerts order by id").fetchall()
        return [(row["kind"], alert_said(row)) for row in rows]

    def rests(self) -> set[str]:
        return {row["endpoint"] for row in self.owner.execute("select endpoint from disabled_endpoints").fetchall()}


@pytest.fixture
async def desk(
    owner: Owner,
    worker_pool: Pool,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
    browser: BrowserPool,
    site: Running,
) -> Desk:
    services = services_for(worker_pool, browser, settings_for(site.url))
    profile_id = make_profile(people.alice, site.credentials.username, external_id=site.credentials.user_id)
    await connect(worker_pool, services, people.alice, profile_id, await signed_in(browser, site))
    return Desk(owner, worker_pool, services, site, people.alice, profile_id, make_job)


@pytest.mark.parametrize(
    ("kind", "variant", "after", "verdict"),
    [
        (FaultKind.EMPTY_LIST, "followers", 0, "void"),
        (FaultKind.EMPTY_LIST, "followers", 3, "partial"),
        (FaultKind.LIMITED_LIST, "followers", 0, "partial"),
        (FaultKind.SHORT_LIST, "followers", 1, "partial"),
        (FaultKind.SHORT_LIST, "followers", 4, "whole"),
        (FaultKind.REPEATED_CURSOR, "followers", 2, "partial"),
        (FaultKind.BARREN_PAGES, "followers", 2, "partial"),
        (FaultKind.SAME_PEOPLE, "followers", 1, "partial"),
        (FaultKind.COUNT_MOVES, "followers:-40", 1, "partial"),
        (FaultKind.COUNT_MOVES, "followers:2", 0, "whole"),
    ],
)
async def test_a_lie_makes_nobody_lost_neither_once_nor_twice_in_a_row(
    kind: FaultKind, variant: str, after: int, verdict: str, desk: Desk
) -> None:
    await desk.read()
    before = desk.held()
    desk.change()
    for _ in range(2):
        desk.site.site.faults.clear()
        desk.lie(kind, variant=variant, after=after)
        run = await desk.read()
        assert (run["verdict"], run["exact"], run["lost"]) == (verdict, False, 0)
        assert run["reason"] is not None
        assert desk.held() >= before
    if verdict != "whole":
        assert [told for told, _ in desk.alerts()] == [f"list_{verdict}"]
    desk.site.site.faults.clear()
    await desk.read()
    assert desk.held() == desk.true()


async def test_odd_spellings_of_ids_and_ends_and_people_shown_twice_do_no_harm(desk: Desk) -> None:
    for kind in (FaultKind.DUPLICATES, FaultKind.WRONG_IDS, FaultKind.HAS_MORE_LIES):
        desk.lie(kind)
    for _ in range(2):
        run = await desk.read()
        assert (run["verdict"], run["exact"], run["passes"]) == ("whole", True, 1)
        assert desk.held() == desk.true()
        desk.change()


async def test_people_ranked_out_of_one_pass_are_found_by_the_next_and_lost_only_if_they_left(desk: Desk) -> None:
    await desk.read()
    desk.change()
    desk.lie(FaultKind.RERANKED)
    run = await desk.read()
    assert (run["verdict"], run["exact"], run["lost"], run["gained"], run["passes"]) == ("whole", True, 3, 2, 2)
    assert desk.held() == desk.true()


async def test_a_walk_stopped_in_its_second_pass_goes_on_there(desk: Desk) -> None:
    desk.lie(FaultKind.RERANKED)
    desk.lie(FaultKind.HTTP_500, times=1, variant="", after=11)
    ctx = await desk.claimed()
    with pytest.raises(JobError):
        await follow_list.run(ctx, desk.services)
    row = desk.owner.execute("select cursor from sync_jobs").fetchone()
    assert row is not None
    assert (row["cursor"]["passes"], row["cursor"]["endpoint"]) == (2, "rest")
    asked = desk.site.site.passes["followers"]
    await follow_list.run(await taken_over(desk.pool, ctx), desk.services)
    assert desk.site.site.passes["followers"] == asked
    assert (desk.runs()[-1]["exact"], desk.runs()[-1]["passes"]) == (True, 2)
    assert desk.held() == desk.true()


async def test_where_the_counts_differ_only_a_second_list_on_another_day_takes_somebody_away(desk: Desk) -> None:
    await desk.read()
    world = desk.site.site.world
    hidden = str(next(iter(world.population.followers.members)))
    world.population.leave(world.now, int(hidden))
    desk.lie(FaultKind.COUNT_MOVES, variant="followers:1")
    first = await desk.read()
    assert (first["exact"], first["missing"], first["lost"]) == (False, 1, 0)
    assert hidden in desk.held()
    assert (await desk.read())["lost"] == 0
    desk.next_day()
    second = await desk.read()
    assert (second["exact"], second["missing"], second["lost"]) == (False, 0, 1)
    assert hidden not in desk.held()


async def test_half_of_a_list_gone_at_once_waits_for_a_second_list(desk: Desk) -> None:
    await desk.read()
    desk.site.site.world.steer(leave=FOLLOWERS // 2)
    first = await desk.read()
    assert (first["verdict"], first["exact"], first["lost"], len(desk.held())) == ("whole", False, 0, FOLLOWERS)
    assert "65 people of 130 are missing at once" in first["reason"]
    desk.next_day()
    second = await desk.read()
    assert (second["lost"], desk.held()) == (FOLLOWERS // 2, desk.true())


async def test_an_empty_list_is_believed_once_the_profile_counts_nobody(desk: Desk) -> None:
    desk.site.site.world.steer(leave=FOLLOWERS)
    run = await desk.read()
    assert (run["verdict"], run["exact"], run["seen"]) == ("whole", True, 0)


async def test_a_page_instead_of_the_list_is_asked_for_again_and_is_no_empty_list(desk: Desk) -> None:
    desk.lie(FaultKind.HTML_LIST, times=2, after=2)
    run = await desk.read()
    assert (run["verdict"], run["exact"], run["endpoint"]) == ("whole", True, "rest")
    assert desk.rests() == set()


async def test_a_session_that_ends_in_the_middle_publishes_nothing_and_goes_on_after_the_login(desk: Desk) -> None:
    await desk.read()
    before = desk.held()
    desk.lie(FaultKind.CUT_OFF, times=1, after=3)
    with pytest.raises(SessionDead):
        await desk.read()
    assert (len(desk.runs()), desk.held()) == (1, before)
    assert desk.alerts()[-1][0] == "session_dead"


async def test_names_that_read_like_refusals_do_no_harm(desk: Desk) -> None:
    names = ["fail", "spam", "please.wait", "login_required", "feedback_required"]
    came = desk.site.site.world.steer(follow_usernames=names)
    for person in came:
        person.full_name = "Please wait a few minutes before you try again. spam: true"
    run = await desk.read()
    assert (run["verdict"], run["exact"]) == ("whole", True)
    known = {row["username"] for row in desk.owner.execute("select username from people").fetchall()}
    assert known >= set(names)


async def test_a_route_that_stops_is_set_aside_said_once_and_tried_until_it_is_back(desk: Desk) -> None:
    desk.lie(FaultKind.ROUTE_GONE, variant="rest")
    for _ in range(2):
        run = await desk.read()
        assert (run["endpoint"], run["verdict"], run["exact"]) == ("graphql", "whole", True)
    assert desk.held() == desk.true()
    assert desk.rests() == {"rest"}
    ((kind, message),) = desk.alerts()
    assert kind == "endpoint_changed"
    assert message.startswith("Instagram changed this: the plain list no longer shows the followers")

    desk.owner.execute("update disabled_endpoints set next_probe_at = now()")
    await endpoint_probe.run(await desk.claimed(JobKind.PROBE_ENDPOINTS), desk.services)
    assert desk.rests() == {"rest"}
    desk.site.site.faults.clear()
    desk.owner.execute("update disabled_endpoints set next_probe_at = now()")
    await endpoint_probe.run(await desk.claimed(JobKind.PROBE_ENDPOINTS), desk.services)
    assert desk.rests() == set()
    assert [told for told, _ in desk.alerts()] == ["endpoint_changed"]
    assert desk.owner.execute("select from alerts where closed_at is null").fetchone() is None
    assert (await desk.read())["endpoint"] == "rest"


async def test_a_route_that_stops_in_the_middle_is_left_within_the_job_and_nothing_of_it_is_mixed_in(
    desk: Desk,
) -> None:
    desk.lie(FaultKind.ROUTE_GONE, variant="rest", after=3)
    run = await desk.read()
    assert (run["endpoint"], run["exact"], run["seen"]) == ("graphql", True, FOLLOWERS)
    states = desk.owner.execute("select endpoint, state from list_runs order by started_at").fetchall()
    assert [(row["endpoint"], row["state"]) for row in states] == [("rest", "ABANDONED"), ("graphql", "PUBLISHED")]
    assert desk.rests() == {"rest"}


async def test_the_dialog_of_the_page_is_read_when_both_other_ways_are_gone(desk: Desk) -> None:
    for endpoint in ("rest", "graphql"):
        desk.lie(FaultKind.ROUTE_GONE, variant=endpoint)
    run = await desk.read()
    assert (run["endpoint"], run["verdict"], run["exact"], run["seen"]) == ("dialog", "whole", True, FOLLOWERS)
    assert desk.held() == desk.true()
    assert desk.rests() == {"rest", "graphql"}


async def test_a_walk_through_the_dialog_goes_on_where_it_stopped(desk: Desk) -> None:
    for endpoint in ("rest", "graphql"):
        desk.lie(FaultKind.ROUTE_GONE, variant=endpoint)
        desk.owner.execute(
            "insert into disabled_endpoints (user_id, profile_id, direction, endpoint, reason, next_probe_at)"
            " values (%s, %s, 'follower', %s, 'gone', now() + interval '1 day')",
            (desk.user_id, desk.profile_id, endpoint),
        )
    ctx = await desk.claimed()
    desk.lie(FaultKind.HTTP_500, times=1, variant="", after=6)
    with pytest.raises(JobError):
        await follow_list.run(ctx, desk.services)
    row = desk.owner.execute("select cursor from sync_jobs").fetchone()
    assert row is not None
    assert row["cursor"]["endpoint"] == "dialog"
    await follow_list.run(await taken_over(desk.pool, ctx), desk.services)
    (run,) = desk.runs()
    assert (run["endpoint"], run["exact"]) == ("dialog", True)
    assert desk.held() == desk.true()


async def test_with_every_way_gone_the_job_ends_with_a_sentence_and_nothing_changes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialog, "_PATIENCE_MS", 300)
    await desk.read()
    before = desk.held()
    desk.change()
    for endpoint in ("rest", "graphql", "dialog"):
        desk.lie(FaultKind.ROUTE_GONE, variant=endpoint)
    for _ in range(2):
        with pytest.raises(ListUnreadable):
            await desk.read()
    assert (len(desk.runs()), desk.held()) == (1, before)
    assert [told for told, _ in desk.alerts()] == ["endpoint_changed"]
    assert desk.rests() == {"rest", "graphql", "dialog"}
