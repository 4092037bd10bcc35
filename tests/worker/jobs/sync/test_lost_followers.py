"""LOOK_UP with the real queue, vault and database: why someone left, and that someone never did."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.domain.social import LookedUp, Person, PlatformId, ProfileFacts, Standing
from shared.errors import Cancelled, UnknownUser
from tests.conftest import Personas
from tests.worker.handling import Script, claim, connect, services_for
from worker.jobs import derive
from worker.jobs.sync import follow_list
from worker.jobs.sync import lost_followers as look_up

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
FACTS = ProfileFacts(PlatformId("9"), "alice.test", followers=0, following=0)


class Desk:
    """A profile whose followers 1 to 4 were read; 1 is followed back."""

    def __init__(
        self, owner: Owner, pool: Pool, user_id: UUID, profile_id: UUID, make_job: Callable[..., UUID]
    ) -> None:
        self.owner, self.pool, self.user_id, self.profile_id, self.make_job = owner, pool, user_id, profile_id, make_job
        self.script = Script(NOW, FACTS)
        self.services = services_for(pool, self.script)

    async def read(self, kind: JobKind, *people: int) -> None:
        self.owner.execute("delete from sync_jobs")
        shown = [Person(PlatformId(str(number)), f"user{number}") for number in people]
        if kind is JobKind.SYNC_FOLLOWERS:
            self.script.followers = shown
        else:
            self.script.following = shown
        self.script.facts = replace(FACTS, followers=len(self.script.followers), following=len(self.script.following))
        self.make_job(self.user_id, self.profile_id, kind)
        await follow_list.run(await claim(self.pool, [kind]), self.services)
        self.owner.execute("delete from sync_jobs where kind = %s", (kind,))
        self.owner.execute("update profiles set observed_at = %s", (self.script.now,))
        self.script.now += timedelta(days=1)

    async def look_up(self, **found: LookedUp) -> list[str]:
        """Runs the job that the last reading enqueued; returns what was asked of the platform."""
        self.script.standings = {name.removeprefix("user"): told for name, told in found.items()}
        self.script.asked.clear()
        await look_up.run(await claim(self.pool, [JobKind.LOOK_UP]), self.services)
        return list(self.script.asked)

    async def derived(self) -> None:
        """Derives the days that new rows reach."""
        self.owner.execute("delete from sync_jobs where kind in ('DERIVE', 'LOOK_UP')")
        self.make_job(self.user_id, self.profile_id, "DERIVE")
        await derive.run(await claim(self.pool, [JobKind.DERIVE]), self.services)
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, "LOOK_UP")

    def lost_by_day(self) -> dict[Any, int]:
        rows = self.owner.execute("select day, lost from profile_days where lost > 0").fetchall()
        return {row["day"]: row["lost"] for row in rows}

    def waiting(self) -> list[str]:
        return [row["kind"] for row in self.owner.execute("select kind from sync_jobs order by seq").fetchall()]

    def stay(self, number: int) -> dict[str, Any]:
        row = self.owner.execute(
            "select s.*, p.username, p.follows_me, p.follows_me_since from stays s"
            " join people p on p.id = s.person_id where p.platform_id = %s and direction = 'follower'",
            (str(number),),
        ).fetchone()
        assert row is not None
        return row

    def one(self, query: Any) -> dict[str, Any]:
        row = self.owner.execute(query).fetchone()
        assert row is not None
        return row


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> Desk:
    profile_id = make_profile(people.alice, external_id="9", observed_at=NOW)
    made = Desk(owner, worker_pool, people.alice, profile_id, make_job)
    await connect(worker_pool, made.services, people.alice, profile_id)
    await made.read(JobKind.SYNC_FOLLOWING, 1)
    await made.read(JobKind.SYNC_FOLLOWERS, 1, 2, 3, 4)
    return made


async def test_a_list_without_losses_has_nobody_looked_up(desk: Desk) -> None:
    assert "LOOK_UP" not in desk.waiting()


async def test_who_left_is_told_apart(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_FOLLOWERS, 1)
    assert "LOOK_UP" in desk.waiting()
    asked = await desk.look_up(user2=LookedUp(Standing.UNFOLLOWED, "user2"), user3=LookedUp(Standing.GONE))
    assert asked == ["profile alice.test", "look up 2", "look up 3", "look up 4"]
    assert {number: desk.stay(number)["why"] for number in (2, 3, 4)} == {2: "unfollowed", 3: "gone", 4: "unknown"}
    assert desk.stay(2)["looked_up_at"] == desk.script.now
    desk.owner.execute("delete from sync_jobs")
    desk.make_job(desk.user_id, desk.profile_id, "LOOK_UP")
    assert await desk.look_up() == []


async def test_who_still_follows_was_never_lost(desk: Desk) -> None:
    before = desk.stay(1)
    await desk.read(JobKind.SYNC_FOLLOWERS, 2, 3)
    assert desk.one("select lost from list_runs order by started_at desc limit 1")["lost"] == 2
    assert desk.one("select mutual_count as n from profiles")["n"] == 0
    await desk.look_up(user1=LookedUp(Standing.FOLLOWS, "user1"), user4=LookedUp(Standing.UNFOLLOWED, "user4"))
    stay = desk.stay(1)
    assert (stay["until"], stay["until_known"], stay["end_run"], stay["why"]) == (None, None, None, None)
    assert (stay["follows_me"], stay["follows_me_since"]) == (True, before["since"])
    assert desk.one("select lost from list_runs order by started_at desc limit 1")["lost"] == 1
    counts = desk.one("select mutual_count, fan_count, not_following_back_count from profiles")
    assert tuple(counts.values()) == (1, 2, 0)
    assert "DERIVE" in desk.waiting()


async def test_days_derived_from_a_loss_that_was_none_are_derived_again(desk: Desk) -> None:
    await desk.derived()
    await desk.read(JobKind.SYNC_FOLLOWERS, 1, 2, 3)
    lost_on = desk.stay(4)["until"].date()
    await desk.derived()
    for _ in range(2):
        desk.script.now += timedelta(days=6)
        await desk.read(JobKind.SYNC_FOLLOWERS, 1, 2, 3)
        await desk.derived()
    assert desk.lost_by_day() == {lost_on: 1}
    await desk.look_up(user4=LookedUp(Standing.FOLLOWS, "user4"))
    await desk.derived()
    assert desk.lost_by_day() == {}


async def test_a_loss_is_not_withdrawn_over_a_later_stay(desk: Desk) -> None:
    """They left and came back between the reading and the look."""
    await desk.read(JobKind.SYNC_FOLLOWERS, 1, 2, 3)
    desk.owner.execute("update people set follows_me = false where platform_id = '4'")
    desk.owner.execute(
        "insert into stays (user_id, profile_id, person_id, direction, since, since_known, returned)"
        " select user_id, profile_id, id, 'follower', %s, 'between', true from people where platform_id = '4'",
        (desk.script.now,),
    )
    await desk.look_up(user4=LookedUp(Standing.FOLLOWS, "user4"))
    ended = desk.owner.execute(
        "select until is null as still from stays s join people p on p.id = s.person_id"
        " where p.platform_id = '4' and direction = 'follower' order by s.id"
    ).fetchall()
    assert [row["still"] for row in ended] == [False, True]


async def test_a_new_name_of_somebody_who_left_is_kept(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_FOLLOWERS, 1, 2, 3)
    await desk.look_up(user4=LookedUp(Standing.UNFOLLOWED, "user4.new"))
    assert desk.stay(4)["username"] == "user4.new"
    named = desk.one("select username, renamed_to, renamed_at from person_names")
    assert tuple(named.values()) == ("user4", "user4.new", desk.script.now)


async def test_old_losses_are_left_alone(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_FOLLOWERS, 1, 2, 3)
    desk.owner.execute("update profiles set observed_at = %s", (NOW + timedelta(days=60),))
    assert await desk.look_up() == []


async def test_nobody_is_called_gone_when_not_even_the_profile_itself_is_found(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_FOLLOWERS, 1, 2, 3)

    def refuse(asked: str) -> None:
        if asked.startswith("profile"):
            raise UnknownUser

    desk.script.before = refuse
    with pytest.raises(UnknownUser):
        await desk.look_up(user4=LookedUp(Standing.GONE))
    assert desk.stay(4)["why"] is None


async def test_what_was_found_is_kept_when_the_job_is_stopped(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_FOLLOWERS, 1)
    ctx = await claim(desk.pool, [JobKind.LOOK_UP])
    desk.script.standings = {"2": LookedUp(Standing.GONE)}
    desk.script.before = lambda asked: ctx.stop(Cancelled()) if asked == "look up 2" else None
    with pytest.raises(Cancelled):
        await look_up.run(ctx, desk.services)
    assert (desk.stay(2)["why"], desk.stay(3)["why"]) == ("gone", None)


@pytest.mark.parametrize(("spent", "asked"), [(1000, []), (10, ["profile alice.test", "look up 4"])])
async def test_what_lists_need_today_is_not_spent_on_look_ups(desk: Desk, spent: int, asked: list[str]) -> None:
    await desk.read(JobKind.SYNC_FOLLOWERS, 1, 2, 3)
    desk.owner.execute(
        "insert into request_budget (connection_id, user_id, profile_id, per_day, day_spent, day_ends)"
        " select id, user_id, profile_id, 1000, %s, now() + interval '5 hours' from connections where profile_id = %s",
        (spent, desk.profile_id),
    )
    assert await desk.look_up() == asked
