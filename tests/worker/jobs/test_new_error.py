"""A new error kind is one class: its `effect` says what job, cool-down, session, login, sync and page make of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import BrowserContext

from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobKind
from shared.domain.social import Person, PlatformId, ProfileFacts
from shared.errors import JobError
from shared.errors.effect import CooldownEffect, Effect, JobEffect, SessionEffect
from shared.settings import Settings
from shared.store.profiles import connections, profiles
from shared.store.profiles.profiles import ProfileRow
from tests.conftest import Personas
from tests.worker.handling import Pool, Script, claim, connect, services_for
from tests.worker.instagram import Owner
from web.profile import forecast
from worker.browser.pool import BrowserPool
from worker.jobs.base import Handler, JobContext
from worker.jobs.connect.flow import begin, establish
from worker.jobs.connect.method import LoginMethod
from worker.jobs.connect.session import open_session
from worker.jobs.sync import everything
from worker.runner.attempt import Rules, attempt
from worker.services import Services

RULES = Rules(RetryPolicy(timedelta(seconds=1), timedelta(seconds=2), timedelta(hours=4)), timedelta(seconds=1))
Make = Callable[..., UUID]


class SiteIsFull(JobError):
    code = "site_is_full"
    sentence = "The site is full."
    effect = Effect(JobEffect.WAIT, CooldownEffect.GROWING, SessionEffect.LIMITED)
    cooldown_reason = "The site was full."


class AgeAsked(JobError):
    code = "age_asked"
    sentence = "The site asks how old you are."
    effect = Effect(cooldown=CooldownEffect.UNTIL_ANSWERED, session=SessionEffect.QUESTIONED)


class ListBeingMoved(JobError):
    code = "list_being_moved"
    sentence = "The site moves this list."
    effect = Effect(JobEffect.RETRY, of_one_list=True)


class Refused(LoginMethod):
    """A way in that ends with the error."""

    username, keeps_device = "alice.test", False

    def __init__(self, error: type[JobError]) -> None:
        self._error = error

    async def sign_in(self, context: BrowserContext) -> None:
        raise self._error


class Desk:
    """Alice's connected profile with two followers and one job."""

    def __init__(self, pool: Pool, owner: Owner, user_id: UUID, profile_id: UUID, make_job: Make) -> None:
        self.pool, self.owner, self.user_id, self.id, self.make_job = pool, owner, user_id, profile_id, make_job
        people = [Person(PlatformId(str(n)), f"person{n}") for n in (1, 2)]
        facts = ProfileFacts(PlatformId("9"), "alice.test", followers=2, following=2)
        self.script = Script(datetime(2026, 6, 10, tzinfo=UTC), facts, followers=people, following=people)
        self.services: Services = services_for(pool, self.script)

    async def run(self, kind: JobKind, handler: Handler) -> dict[str, Any]:
        """The job's row after one attempt."""
        job = self.make_job(self.user_id, self.id, kind)
        await attempt(await claim(self.pool, [kind]), handler, RULES, self.pool)
        return self.row("select * from public.sync_jobs where id = %s", job)

    async def meets(self, error: type[JobError]) -> dict[str, Any]:
        """The job's row after the error ended what it read."""

        async def reads(ctx: JobContext) -> None:
            async with open_session(ctx, self.services):
                raise error

        return await self.run(JobKind.SYNC_PROFILE, reads)

    async def logs_in(self, error: type[JobError], browser: BrowserPool) -> dict[str, Any]:
        """The job's row after the error ended a login."""

        async def logs_in(ctx: JobContext) -> None:
            connection = await begin(ctx, replace(self.services, browser=browser))
            await establish(connection, Refused(error))

        return await self.run(JobKind.LOGIN, logs_in)

    async def profile(self) -> ProfileRow:
        async with self.pool.connection() as conn:
            found = await profiles.load(conn, self.user_id, self.id)
        assert found is not None
        return found

    def row(self, statement: str, given: UUID) -> dict[str, Any]:
        found = self.owner.execute(statement.encode(), (given,)).fetchone()
        assert found is not None
        return found

    def alerts(self) -> list[str]:
        return [row["kind"] for row in self.owner.execute("select kind from public.alerts").fetchall()]


@pytest.fixture
async def desk(worker_pool: Pool, owner: Owner, people: Personas, make_profile: Make, make_job: Make) -> Desk:
    made = Desk(worker_pool, owner, people.alice, make_profile(people.alice), make_job)
    await connect(worker_pool, made.services, people.alice, made.id)
    return made


@pytest.fixture
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(Settings())
    yield pool
    await pool.close()


async def test_a_new_limit_waits_cools_the_profile_down_and_is_told_with_its_own_reason(desk: Desk) -> None:
    job = await desk.meets(SiteIsFull)
    profile = await desk.profile()
    tried = desk.row("select rate_limited, error_code from public.sync_attempts where job_id = %s", job["id"])
    assert (job["state"], job["attempt"], profile.state, profile.cooldown_code) == (
        "WAITING",
        0,
        "CONNECTED",
        "site_is_full",
    )
    assert tried == {"rate_limited": True, "error_code": "site_is_full"}
    assert desk.alerts() == ["rate_limited"]
    shown = forecast.cooldown_of(profile)
    assert shown is not None
    assert (shown.why, shown.until) == ("The site was full.", profile.cooldown_until)


async def test_a_new_question_stops_the_profile_until_a_login_answers_it(desk: Desk) -> None:
    job = await desk.meets(AgeAsked)
    profile = await desk.profile()
    assert (job["state"], job["error_code"], profile.state) == ("FAILED", "age_asked", "CHALLENGED")
    assert desk.alerts() == ["challenge"]
    assert profile.cooldown_until is not None
    async with desk.pool.connection() as conn:
        connection = await connections.load(conn, desk.user_id, desk.id)
        assert connection is not None
        await connections.activate(conn, desk.user_id, connection.id, b"session")
    assert (await desk.profile()).cooldown_until is None


async def test_a_new_error_of_one_list_keeps_no_other_list_from_being_read(desk: Desk) -> None:
    def refuse(what: str) -> None:
        if what.startswith("follower"):
            raise ListBeingMoved

    desk.script.before = refuse
    job = await desk.run(JobKind.SYNC, partial(everything.run, services=desk.services))
    assert (job["state"], job["error_code"], job["attempt"]) == ("WAITING", "list_being_moved", 1)
    assert "following 0" in desk.script.asked
    assert "stories" in desk.script.asked


@pytest.mark.slow
async def test_a_login_knows_what_a_new_error_means(desk: Desk, browser: BrowserPool) -> None:
    desk.owner.execute("update public.profiles set state = 'NEEDS_LOGIN'")
    limited = await desk.logs_in(SiteIsFull, browser)
    assert (limited["state"], limited["error_code"]) == ("FAILED", "login_throttled")
    asked = await desk.logs_in(AgeAsked, browser)
    profile = await desk.profile()
    assert (asked["state"], asked["error_code"], profile.state) == ("FAILED", "age_asked", "CHALLENGED")
    assert profile.cooldown_until is None
