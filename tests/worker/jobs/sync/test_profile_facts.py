"""SYNC_PROFILE with the real queue, vault and database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import PlatformId, ProfileFacts
from shared.errors import LeaseLost, WrongAccount
from tests.conftest import Personas
from tests.worker.handling import Script, claim, connect, services_for, taken_over
from worker.jobs.sync import profile_facts

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
FACTS = ProfileFacts(
    PlatformId("9"), "alice.test", display_name="Alice", followers=10, following=3, media_count=None, is_private=True
)


class Desk:
    def __init__(
        self, owner: Owner, pool: Pool, user_id: UUID, profile_id: UUID, make_job: Callable[..., UUID]
    ) -> None:
        self.owner, self.pool, self.user_id, self.profile_id, self.make_job = owner, pool, user_id, profile_id, make_job
        self.script = Script(NOW, FACTS)
        self.services = services_for(pool, self.script)

    async def read(self) -> None:
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, "SYNC_PROFILE")
        await profile_facts.run(await claim(self.pool), self.services)

    def profile(self) -> dict[str, Any]:
        row = self.owner.execute("select * from profiles where id = %s", (self.profile_id,)).fetchone()
        assert row is not None
        return row

    def counts(self) -> list[tuple[Any, ...]]:
        rows = self.owner.execute("select captured_at, followers, following, media from profile_counts order by 1")
        return [tuple(row.values()) for row in rows.fetchall()]


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> Desk:
    made = Desk(owner, worker_pool, people.alice, make_profile(people.alice, external_id="9"), make_job)
    await connect(worker_pool, made.services, people.alice, made.profile_id)
    return made


async def test_facts_and_counters_are_kept_with_the_platforms_time(desk: Desk) -> None:
    await desk.read()
    row = desk.profile()
    assert (row["display_name"], row["is_private"], row["followers"], row["following"]) == ("Alice", True, 10, 3)
    assert (row["media_count"], row["observed_at"]) == (None, NOW)
    assert desk.counts() == [(NOW, 10, 3, None)]


async def test_counters_that_did_not_move_are_not_written_again_on_the_same_day(desk: Desk) -> None:
    await desk.read()
    desk.script.now = NOW + timedelta(hours=6)
    await desk.read()
    assert len(desk.counts()) == 1
    assert desk.profile()["observed_at"] == NOW + timedelta(hours=6)
    desk.script.now = NOW + timedelta(hours=24)
    await desk.read()
    assert len(desk.counts()) == 2


async def test_the_account_may_be_renamed(desk: Desk) -> None:
    desk.script.facts = replace(FACTS, username="alice.new")
    await desk.read()
    assert desk.profile()["username"] == "alice.new"
    await desk.read()
    assert desk.script.asked == ["profile alice.test", "profile alice.new"]


async def test_a_session_that_sees_another_account_changes_nothing(desk: Desk) -> None:
    desk.script.facts = replace(FACTS, platform_id=PlatformId("10"), display_name="Mallory")
    with pytest.raises(WrongAccount):
        await desk.read()
    assert (desk.profile()["external_id"], desk.profile()["display_name"]) == ("9", None)
    assert desk.counts() == []


async def test_an_account_that_another_profile_already_is_is_refused(
    desk: Desk, make_profile: Callable[..., UUID]
) -> None:
    make_profile(desk.user_id, username="alice.old", external_id="77")
    desk.owner.execute("update profiles set external_id = null where id = %s", (desk.profile_id,))
    desk.script.facts = replace(FACTS, platform_id=PlatformId("77"))
    with pytest.raises(WrongAccount, match="already connected"):
        await desk.read()
    assert desk.profile()["external_id"] is None


async def test_an_older_answer_does_not_replace_a_newer_one(desk: Desk) -> None:
    await desk.read()
    desk.script.now, desk.script.facts = NOW - timedelta(hours=1), replace(FACTS, followers=8)
    await desk.read()
    assert (desk.profile()["followers"], desk.profile()["observed_at"]) == (10, NOW)
    assert len(desk.counts()) == 1


async def test_a_worker_that_lost_its_lease_writes_nothing(desk: Desk) -> None:
    desk.make_job(desk.user_id, desk.profile_id, "SYNC_PROFILE")
    late = await claim(desk.pool)
    await taken_over(desk.pool, late)
    with pytest.raises(LeaseLost):
        await profile_facts.run(late, desk.services)
    assert desk.profile()["followers"] is None
