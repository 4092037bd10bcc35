"""A connection for the length of a job: kept as it is afterwards, and marked when the platform ended it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared import errors
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobKind
from shared.domain.social import PlatformId, ProfileFacts
from shared.errors import JobError, NotConnected
from shared.messages import about
from shared.store.profiles import alerts
from shared.store.profiles.alerts import AlertKind
from shared.store.users import data_keys
from shared.vault import Place
from tests.conftest import Personas
from tests.said import error_said, state_said
from tests.worker.handling import SECRET, Live, Pool, Script, claim, connect, services_for, taken_over
from tests.worker.instagram import Owner
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret
from worker.platforms.client import PlatformClient
from worker.runner.attempt import Rules, attempt
from worker.services import Services

ROTATED = SessionSecret('{"storage_state": {"cookies": ["rotated"]}}')
SCRIPT = Script(datetime(2026, 3, 1, tzinfo=UTC), ProfileFacts(PlatformId("1"), "alice.test"))
Make = Callable[..., UUID]
RULES = Rules(RetryPolicy(timedelta(seconds=1), timedelta(seconds=2), timedelta(hours=4)), timedelta(seconds=1))


class Bench:
    """Alice's connected profile with one job on it."""

    def __init__(self, pool: Pool, owner: Owner, user_id: UUID, profile_id: UUID) -> None:
        self.pool, self.owner, self.user_id, self.profile_id = pool, owner, user_id, profile_id
        client = PlatformClient("instagram", {"browser": rotating})
        self.services: Services = replace(services_for(pool, SCRIPT), platforms={client.name: client})

    async def secret(self) -> str:
        row = self.row("select id, secret from public.connections where profile_id = %s")
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
        return key.decrypt(row["secret"], Place("connections", "secret", self.user_id, row["id"])).decode()

    def states(self) -> tuple[str, str]:
        connection = self.row("select state from public.connections where profile_id = %s")["state"]
        return connection, self.row("select state from public.profiles where id = %s")["state"]

    def alerts(self) -> list[str]:
        rows = self.owner.execute("select kind from public.alerts where profile_id = %s", (self.profile_id,))
        return [row["kind"] for row in rows]

    def row(self, statement: str) -> dict[str, Any]:
        found = self.owner.execute(statement.encode(), (self.profile_id,)).fetchone()
        assert found is not None
        return found


@asynccontextmanager
async def rotating(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
    assert secret == SECRET
    yield Live(SCRIPT, ROTATED)


@pytest.fixture
async def bench(worker_pool: Pool, owner: Owner, people: Personas, make_profile: Make, make_job: Make) -> Bench:
    made = Bench(worker_pool, owner, people.alice, make_profile(people.alice))
    await connect(worker_pool, made.services, people.alice, made.profile_id)
    make_job(people.alice, made.profile_id, "SYNC_PROFILE")
    return made


async def test_the_session_after_use_takes_the_place_of_the_one_before(bench: Bench) -> None:
    ctx = await claim(bench.pool)
    async with open_session(ctx, bench.services) as (profile, source):
        assert profile.id == bench.profile_id
        assert (await source.profile("alice.test")).value.username == "alice.test"
        assert await bench.secret() == SECRET.text
        assert bench.row("select checked_at from public.connections where profile_id = %s")["checked_at"] is not None
    assert await bench.secret() == ROTATED.text
    assert bench.states() == ("ACTIVE", "CONNECTED")


@pytest.mark.parametrize(
    ("error", "states", "alert", "kept"),
    [
        (errors.SessionDead, ("EXPIRED", "NEEDS_LOGIN"), "session_dead", SECRET),
        (errors.UserAgentMismatch, ("EXPIRED", "NEEDS_LOGIN"), "session_dead", SECRET),
        (errors.CheckpointRequired, ("CHALLENGED", "CHALLENGED"), "challenge", ROTATED),
        (errors.FeedbackRequired, ("CHALLENGED", "CHALLENGED"), "challenge", ROTATED),
        (errors.SuspectedAutomation, ("COOLING_DOWN", "COOLING_DOWN"), "suspected", ROTATED),
        (errors.Suspended, ("CHALLENGED", "CHALLENGED"), "challenge", ROTATED),
        (errors.RateLimited, ("ACTIVE", "CONNECTED"), "rate_limited", ROTATED),
        (errors.SiteFailed, ("ACTIVE", "CONNECTED"), None, ROTATED),
    ],
)
async def test_what_ended_the_reading_is_marked_and_told(
    bench: Bench, error: type[JobError], states: tuple[str, str], alert: str | None, kept: SessionSecret
) -> None:
    ctx = await claim(bench.pool)
    with pytest.raises(error):
        async with open_session(ctx, bench.services):
            raise error
    assert bench.states() == states
    assert bench.alerts() == ([alert] if alert else [])
    assert await bench.secret() == kept.text


@pytest.mark.parametrize(
    "error",
    [
        errors.SessionDead,
        errors.UserAgentMismatch,
        errors.CheckpointRequired,
        errors.CaptchaRequired,
        errors.ConsentRequired,
        errors.FeedbackRequired,
        errors.SuspectedAutomation,
        errors.Suspended,
    ],
)
async def test_nothing_waits_for_a_profile_that_only_its_person_can_free(
    bench: Bench, make_job: Make, error: type[JobError]
) -> None:
    ctx = await claim(bench.pool)
    waiting = [make_job(bench.user_id, bench.profile_id, kind) for kind in ("SYNC", "LOOK_UP", "CHECK_SESSION")]
    others = [make_job(bench.user_id, bench.profile_id, kind) for kind in ("LOGIN", "DERIVE")]

    async def meets(ctx: JobContext) -> None:
        async with open_session(ctx, bench.services):
            raise error

    await attempt(ctx, meets, RULES, bench.pool)
    rows = bench.owner.execute("select id, state, error_code, error_params from public.sync_jobs").fetchall()
    ended = {row["id"]: row for row in rows}
    reason = state_said(bench.row("select state_code, state_params from public.profiles where id = %s"))
    assert [(ended[job]["state"], ended[job]["error_code"]) for job in waiting] == [("FAILED", error.code)] * 3
    assert {error_said(ended[job]) for job in waiting} == {reason}
    assert [ended[job]["state"] for job in others] == ["PENDING", "PENDING"]


async def test_a_job_that_comes_too_late_ends_with_the_reason_instead_of_waiting(bench: Bench, make_job: Make) -> None:
    async def meets(ctx: JobContext) -> None:
        async with open_session(ctx, bench.services):
            raise errors.CheckpointRequired

    await attempt(await claim(bench.pool), meets, RULES, bench.pool)
    late = make_job(bench.user_id, bench.profile_id, "SYNC")
    await attempt(await claim(bench.pool, [JobKind.SYNC]), meets, RULES, bench.pool)
    row = bench.owner.execute("select * from public.sync_jobs where id = %s", [late]).fetchone()
    assert row is not None
    assert (row["state"], error_said(row)) == ("FAILED", about(errors.CheckpointRequired().message, "Instagram"))


async def test_after_the_warning_a_profile_rests_for_days_and_is_not_opened(bench: Bench, make_job: Make) -> None:
    async def meets(ctx: JobContext) -> None:
        async with open_session(ctx, bench.services):
            raise errors.SuspectedAutomation

    await attempt(await claim(bench.pool), meets, RULES, bench.pool)
    row = bench.row(
        "select cooldown_until - now() > interval '2 days' as long, state_code, state_params,"
        " state_since > now() - interval '1 hour' as fresh from public.profiles where id = %s"
    )
    assert (row["long"], row["fresh"]) == (True, True)
    assert "suspects that a machine" in state_said(row)
    make_job(bench.user_id, bench.profile_id, "SYNC_PROFILE")
    ctx = await claim(bench.pool)
    with pytest.raises(NotConnected, match="cool-down"):
        async with open_session(ctx, bench.services):
            raise AssertionError("opened")


@pytest.mark.parametrize(
    ("kind", "subject", "open_then", "open_after"),
    [
        (AlertKind.SESSION_DEAD, "", False, False),
        (AlertKind.CHALLENGE, "", False, False),
        (AlertKind.SUSPECTED, "", False, False),
        (AlertKind.STORIES_AT_RISK, "", False, False),
        (AlertKind.LOGIN_FAILED, "", False, False),
        (AlertKind.LOGIN_FAILED, "not_kept", True, True),
        (AlertKind.RATE_LIMITED, "", True, False),
        (AlertKind.LIST_PARTIAL, "follower", True, True),
    ],
)
async def test_a_session_that_answers_closes_its_alerts_and_a_whole_reading_closes_the_rate_limit(
    bench: Bench, kind: AlertKind, subject: str, open_then: bool, open_after: bool
) -> None:
    owned: Any = {"user_id": bench.user_id, "profile_id": bench.profile_id}
    async with bench.pool.connection() as conn:
        await alerts.raise_alert(conn, kind, {}, **owned, subject=subject)

    def is_open() -> bool:
        statement = "select count(*) filter (where closed_at is null) > 0 as yes from alerts where profile_id = %s"
        return bool(bench.row(statement)["yes"])

    ctx = await claim(bench.pool)
    async with open_session(ctx, bench.services):
        assert is_open() is open_then
    assert is_open() is open_after


async def test_a_reading_that_fails_leaves_the_rate_limit_open(bench: Bench) -> None:
    owned: Any = {"user_id": bench.user_id, "profile_id": bench.profile_id}
    async with bench.pool.connection() as conn:
        await alerts.raise_alert(conn, AlertKind.RATE_LIMITED, {}, **owned)
    ctx = await claim(bench.pool)
    with pytest.raises(errors.SiteFailed):
        async with open_session(ctx, bench.services):
            raise errors.SiteFailed
    assert bench.row("select closed_at from alerts where profile_id = %s")["closed_at"] is None


async def test_rollcalls_own_budget_is_no_reason_for_an_alert(bench: Bench) -> None:
    ctx = await claim(bench.pool)
    with pytest.raises(errors.BudgetSpent):
        async with open_session(ctx, bench.services):
            raise errors.BudgetSpent(until=datetime(2026, 3, 2, tzinfo=UTC))
    assert bench.alerts() == []
    assert bench.states() == ("ACTIVE", "CONNECTED")


async def test_a_worker_that_lost_its_lease_keeps_and_marks_nothing(bench: Bench) -> None:
    ctx = await claim(bench.pool)
    with pytest.raises(errors.LeaseLost):
        async with open_session(ctx, bench.services):
            await taken_over(bench.pool, ctx)
    assert await bench.secret() == SECRET.text
    assert bench.states() == ("ACTIVE", "CONNECTED")


@pytest.mark.parametrize(
    "change",
    [
        "update public.connections set state = 'EXPIRED'",
        "update public.connections set secret = null",
        "delete from public.connections",
        "update public.profiles set state = 'DISCONNECTED'",
    ],
)
async def test_without_a_working_connection_nothing_is_opened(bench: Bench, change: str) -> None:
    bench.owner.execute(change.encode())
    ctx = await claim(bench.pool)
    with pytest.raises(NotConnected):
        async with open_session(ctx, bench.services):
            raise AssertionError("opened")
