"""After the platform objected nothing of the profile is read for hours; a person may log in, and may end the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared import errors
from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobKind
from shared.store.profiles import connections, intervals
from shared.store.queue import claims, schedule
from tests.conftest import Personas
from tests.worker.handling import LEASE, claim
from worker.jobs.base import JobContext
from worker.runner.attempt import Rules, attempt

pytestmark = pytest.mark.slow
Pool = AsyncConnectionPool[WorkerConnection]
Owner = psycopg.Connection[dict[str, Any]]
Make = Callable[..., UUID]
HOUR = timedelta(hours=1)
RULES = Rules(RetryPolicy(timedelta(seconds=1), timedelta(seconds=2), 4 * HOUR), timedelta(seconds=1))


class Profile:
    """Alice's profile, whose jobs meet the errors that the test chooses."""

    def __init__(
        self, pool: Pool, owner: Owner, user_id: UUID, profile_id: UUID, connection_id: UUID, make_job: Make
    ) -> None:
        self.pool, self.owner, self.user_id, self.id, self._make_job = pool, owner, user_id, profile_id, make_job
        self.connection_id = connection_id

    def job(self, kind: str = "SYNC_PROFILE") -> UUID:
        return self._make_job(self.user_id, self.id, kind)

    async def meets(self, error: Exception, kind: JobKind = JobKind.SYNC_PROFILE) -> None:
        async def handler(ctx: JobContext) -> None:
            raise error

        self.job(kind)
        await attempt(await claim(self.pool, [kind]), handler, RULES, self.pool)

    async def claimed(self) -> list[JobKind]:
        async with self.pool.connection() as conn:
            return sorted(found.kind for found in await claims.claim(conn, "tests", LEASE, list(JobKind), 9))

    def row(self) -> dict[str, Any]:
        found = self.owner.execute("select * from public.profiles where id = %s", (self.id,)).fetchone()
        assert found is not None
        return found

    def hours(self) -> int:
        until = self.row()["cooldown_until"]
        return 0 if until is None else round((until - datetime.now(UTC)) / HOUR)

    def goes_by(self, ended: str) -> None:
        """The rest ended so long ago, and its jobs are gone."""
        self.owner.execute("delete from public.sync_jobs")
        self.owner.execute("update public.connections set cooldown_until = now() - %s::interval", (ended,))


@pytest.fixture
def profile(
    worker_pool: Pool,
    owner: Owner,
    people: Personas,
    make_profile: Make,
    make_connection: Make,
    make_job: Make,
) -> Profile:
    made = make_profile(people.alice)
    return Profile(worker_pool, owner, people.alice, made, make_connection(made), make_job)


async def test_a_rest_grows_when_it_comes_again_and_starts_anew_after_a_calm_day(profile: Profile) -> None:
    seen = []
    for calm in ("1 hour", "1 hour", "23 hours", "25 hours"):
        await profile.meets(errors.RateLimited())
        seen.append(profile.hours())
        profile.goes_by(calm)
    await profile.meets(errors.RateLimited())
    assert [*seen, profile.hours()] == [4, 12, 24, 24, 4]


async def test_a_longer_wait_that_the_platform_asks_for_is_kept_and_a_shorter_one_is_not(profile: Profile) -> None:
    await profile.meets(errors.RateLimited(until=datetime.now(UTC) + 9 * HOUR))
    assert profile.hours() == 9
    profile.goes_by("2 days")
    await profile.meets(errors.RateLimited(until=datetime.now(UTC) + HOUR))
    assert profile.hours() == 4


@pytest.mark.parametrize(
    ("error", "hours", "code"),
    [(errors.FeedbackRequired(), 24, "feedback_required"), (errors.CheckpointRequired(), 4, "checkpoint")],
)
async def test_an_objection_that_ends_the_job_rests_the_profile_too(
    profile: Profile, error: Exception, hours: int, code: str
) -> None:
    await profile.meets(error)
    assert (profile.hours(), profile.row()["cooldown_code"]) == (hours, code)


async def test_while_it_rests_only_the_person_s_login_starts(profile: Profile, owner: Owner) -> None:
    await profile.meets(errors.FeedbackRequired())
    for kind in ("SYNC", "SYNC_STORIES", "CHECK_SESSION", "LOOK_UP", "LOGIN", "DERIVE"):
        profile.job(kind)
    owner.execute("update public.schedules set next_at = now() where kind in ('SYNC_STORIES', 'CHECK_SESSION')")
    async with profile.pool.connection() as conn:
        assert await schedule.enqueue_due(conn) == 0
    assert await profile.claimed() == [JobKind.DERIVE, JobKind.LOGIN]


async def test_our_own_limit_lets_the_other_kinds_go_on_until_the_day_is_spent(profile: Profile, owner: Owner) -> None:
    later = datetime.now(UTC) + 5 * HOUR
    await profile.meets(errors.BudgetSpent(until=later))
    assert profile.hours() == 0
    waiting = owner.execute("select state, run_at, attempt, error_code from public.sync_jobs").fetchone()
    assert waiting == {"state": "WAITING", "run_at": later, "attempt": 0, "error_code": "budget_spent"}
    owner.execute("delete from public.sync_jobs")
    await profile.meets(errors.BudgetSpent(until=later, day_over=True))
    row = profile.row()
    assert (row["cooldown_until"], row["cooldown_code"]) == (later, "budget_spent")
    assert owner.execute("select cooldowns from public.connections").fetchone() == {"cooldowns": 0}


async def test_its_person_ends_the_rest_and_what_waited_goes_on_and_nobody_else_does(
    profile: Profile, people: Personas, web_pool: ConnectionPool[WebConnection]
) -> None:
    await profile.meets(errors.RateLimited())
    assert await profile.claimed() == []
    with tenant(web_pool, people.charlie) as conn:
        assert not intervals.end_cooldown(conn, profile.id)
    with tenant(web_pool, people.alice) as conn:
        assert intervals.end_cooldown(conn, profile.id)
        assert not intervals.end_cooldown(conn, profile.id)
    assert await profile.claimed() == [JobKind.SYNC_PROFILE]


async def test_after_the_warning_only_its_person_lets_it_go_on(
    profile: Profile, owner: Owner, people: Personas, web_pool: ConnectionPool[WebConnection]
) -> None:
    owner.execute("update public.connections set state = 'COOLING_DOWN', state_after = state, state_code = 'why'")
    owner.execute("update public.schedules set next_at = now() where kind = 'SYNC_PROFILE'")
    async with profile.pool.connection() as conn:
        assert await schedule.enqueue_due(conn) == 0
    with tenant(web_pool, people.alice) as web:
        assert intervals.end_cooldown(web, profile.id)
    row = profile.row()
    assert (row["state"], row["state_code"], row["cooldown_until"]) == ("CONNECTED", None, None)


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [
        (errors.CheckpointRequired(), True),
        (errors.CaptchaRequired(), True),
        (errors.FeedbackRequired(), False),
        (errors.RateLimited(), False),
    ],
)
async def test_a_login_ends_the_rest_after_a_question_and_starts_what_was_missed(
    profile: Profile, owner: Owner, error: Exception, goes_on: bool
) -> None:
    await profile.meets(error)
    owner.execute("delete from public.sync_jobs")
    owner.execute("update public.connections set state = 'CHALLENGED'")
    owner.execute("update public.schedules set next_at = now() - interval '1 hour' where kind = 'SYNC_LIKERS'")
    async with profile.pool.connection() as conn:
        await connections.activate(conn, profile.user_id, profile.connection_id, b"session")
        assert (await schedule.enqueue_due(conn) == 1) is goes_on
    profile.job("SYNC")
    assert ("SYNC" in await profile.claimed()) is goes_on


async def test_a_profile_that_only_a_login_frees_is_not_counted_as_cooling_down(profile: Profile, owner: Owner) -> None:
    def cooling_down() -> int:
        rows = owner.execute("select profiles from rollcall.operator_cooldowns()").fetchall()
        return sum(row["profiles"] for row in rows)

    await profile.meets(errors.CheckpointRequired())
    assert cooling_down() == 1
    owner.execute("update public.profiles set state = 'CHALLENGED'")
    assert cooling_down() == 0
