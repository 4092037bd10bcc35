"""The limiter keeps pace and budget over workers and restarts, and notices while it waits that the job is to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from sandbox.server import Running
from shared.db import pools
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.domain.plan import Size, plan
from shared.domain.social import Direction, PlatformId
from shared.errors import BudgetSpent, Cancelled
from shared.errors.effect import CooldownEffect
from shared.platforms.instagram import INSTAGRAM, REST
from shared.settings import Settings
from shared.store.profiles import budget
from tests.conftest import Database, Personas
from tests.rig.limits import PAGES
from tests.rig.limits import limits as limits_of
from tests.worker.handling import claim, connect
from tests.worker.instagram import RULES, services_for, settings_for, signed_in, stand_in
from worker.browser.pool import BrowserPool
from worker.jobs.sync import follow_list
from worker.platforms.base import RateLimiter, ReadsPeople, SessionSecret
from worker.rate_limiter import BudgetLimiter, limiter_of
from worker.runner.attempt import attempt
from worker.runner.context import Context

pytestmark = pytest.mark.slow
Pool = AsyncConnectionPool[WorkerConnection]
Owner = psycopg.Connection[dict[str, Any]]
Start = Callable[..., Any]
Make = Callable[..., UUID]
NONE = timedelta(0)


class Clock:
    """Remembers how long was slept, without sleeping."""

    def __init__(self, stop_after: float = float("inf"), ctx: Context | None = None) -> None:
        self.slept, self._stop_after, self._ctx = 0.0, stop_after, ctx

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        if self.slept >= self._stop_after and self._ctx is not None:
            self._ctx.stop(Cancelled())


@pytest.fixture
def start(worker_pool: Pool, people: Personas, make_profile: Make, make_connection: Make, make_job: Make) -> Start:
    """start(kind) -> the context of a job of one and the same profile, claimed."""
    profile = make_profile(people.alice, followers=1000, following=100)
    make_connection(profile)

    async def started(kind: JobKind = JobKind.SYNC_PROFILE) -> Context:
        make_job(people.alice, profile, kind)
        return await claim(worker_pool, [kind])

    return started


def counted(
    ctx: Context, pool: Pool, per_day: int, clock: Clock | None = None, pace: timedelta = NONE
) -> BudgetLimiter:
    assert ctx.job.connection_id is not None
    within = limits_of(pace, NONE, per_day)
    return BudgetLimiter(ctx, pool, ctx.job.connection_id, within, sleep=(clock or Clock()).sleep)


async def turns(passed: RateLimiter, most: int = 500) -> int:
    """How many turns there are until the budget is spent."""
    for n in range(most):
        try:
            await passed.acquire()
        except BudgetSpent:
            return n
    return most


async def test_without_pace_and_budget_nothing_is_asked_of_the_database(worker_pool: Pool, start: Start) -> None:
    services = services_for(worker_pool, BrowserPool(Settings()), settings_for("http://127.0.0.1:9"))
    assert limiter_of(await start(), services, INSTAGRAM, uuid4()).is_off
    with_budget = services_for(worker_pool, services.browser, settings_for("http://127.0.0.1:9", requests_per_day=9))
    assert not limiter_of(await start(JobKind.DERIVE), with_budget, INSTAGRAM, uuid4()).is_off


async def test_a_pause_is_waited_for_in_slices_and_a_stop_is_noticed(worker_pool: Pool, start: Start) -> None:
    ctx = await start()
    clock = Clock(stop_after=10, ctx=ctx)
    passed = counted(ctx, worker_pool, 0, clock, pace=timedelta(minutes=30))
    await passed.acquire()
    assert clock.slept == 0
    with pytest.raises(Cancelled):
        await passed.acquire()
    assert clock.slept == 10


async def test_what_is_read_last_leaves_lists_and_counters_what_they_need_today(
    worker_pool: Pool, start: Start, owner: Owner
) -> None:
    likers = await start(JobKind.SYNC_LIKERS)
    owner.execute("update public.schedules set next_at = now() where kind in ('SYNC_FOLLOWERS', 'SYNC_FOLLOWING')")
    owner.execute("update public.sync_jobs set state = 'WAITING'")
    counters = await start(JobKind.SYNC_PROFILE)
    needed = plan(Size(1000, 100, None), limits_of(NONE, NONE, 150)).steady
    needed += PAGES.follower_requests(1000) + PAGES.following_requests(100)
    assert await turns(counted(counters, worker_pool, 150), most=1) == 1
    assert 1 + await turns(counted(likers, worker_pool, 150)) == 150 - needed
    async with worker_pool.connection() as conn:
        assert await budget.remaining(conn, likers.job.user_id, likers.job.connection_id) == needed


async def test_the_day_s_end_rests_the_profile_and_a_part_of_it_only_the_job(worker_pool: Pool, start: Start) -> None:
    ctx = await start(JobKind.SYNC_FOLLOWERS)
    passed = counted(ctx, worker_pool, 30)
    steady = plan(Size(None, None, None), limits_of(NONE, NONE, 30)).steady
    assert await turns(passed) == 30 - steady
    with pytest.raises(BudgetSpent) as kept:
        await passed.acquire()
    assert kept.value.effect.cooldown is CooldownEffect.NONE


@pytest.fixture
def site() -> Any:
    running = stand_in(followers=400)
    yield running
    running.stop()


async def test_two_workers_and_a_restart_ask_no_more_than_the_day_allows(
    site: Running, worker_pool: Pool, database: Database, start: Start, owner: Owner
) -> None:
    """Counted by the site itself; pages are opened through the limiter too."""
    settings = settings_for(site.url, requests_per_day=29)
    browser = BrowserPool(settings)
    services = services_for(worker_pool, browser, settings)
    owner_id, name = PlatformId(site.credentials.user_id), site.credentials.username

    (row,) = owner.execute("select id from public.connections").fetchall()
    connection: UUID = row["id"]

    async def walk(source: ReadsPeople) -> None:
        cursor = None
        while True:
            page = await source.people(Direction.FOLLOWER, owner_id, name, cursor, REST)
            cursor = page.value.next_cursor

    async def worker(ctx: Context, pool: Pool) -> None:
        secret: SessionSecret = await signed_in(browser, site)
        passed = BudgetLimiter(ctx, pool, connection, limits_of(NONE, NONE, 29), sleep=Clock().sleep)
        async with services.client("instagram").opener("browser")(secret, passed) as live:
            assert isinstance(live.source, ReadsPeople)
            with pytest.raises(BudgetSpent):
                await walk(live.source)

    def asked() -> int:
        return site.site.requests["followers"] + site.site.requests["profile"]

    try:
        jobs = [await start(JobKind.SYNC_FOLLOWERS), await start(JobKind.DERIVE)]
        await asyncio.gather(*(worker(job, worker_pool) for job in jobs))
        assert asked() == 29 - plan(Size(None, None, None), limits_of(NONE, NONE, 29)).steady
        async with pools.worker_pool(database.worker, 2) as restarted:
            await worker(jobs[0], restarted)
        assert asked() == 29 - plan(Size(None, None, None), limits_of(NONE, NONE, 29)).steady
    finally:
        await browser.close()


async def test_a_walk_that_meets_its_limit_waits_and_goes_on_with_its_cursor_and_tells_nobody(
    site: Running, worker_pool: Pool, people: Personas, make_profile: Make, make_job: Make, owner: Owner
) -> None:
    settings = settings_for(site.url, requests_per_day=33)
    browser = BrowserPool(settings)
    services = services_for(worker_pool, browser, settings)
    profile = make_profile(people.alice, site.credentials.username, external_id=str(site.credentials.user_id))
    job = make_job(people.alice, profile, "SYNC_FOLLOWERS")
    run = partial(follow_list.run, services=services)
    seen = []
    try:
        await connect(worker_pool, services, people.alice, profile, await signed_in(browser, site))
        for _ in range(4):
            await attempt(await claim(worker_pool, [JobKind.SYNC_FOLLOWERS]), run, RULES, worker_pool)
            row = owner.execute(
                "select state, error_code, cursor from public.sync_jobs where id = %s", (job,)
            ).fetchone()
            assert row is not None
            if row["state"] == "COMPLETED":
                break
            seen.append((row["state"], row["error_code"], row["cursor"] is not None))
            owner.execute("update public.request_budget set day_ends = '-infinity'")
            owner.execute("update public.sync_jobs set run_at = now() where id = %s", (job,))
    finally:
        await browser.close()
    assert seen
    assert seen == [("WAITING", "budget_spent", True)] * len(seen)
    published = owner.execute("select verdict, seen from public.list_runs").fetchall()
    assert published == [{"verdict": "whole", "seen": 400}]
    assert site.site.requests["followers"] == 400 / 25, "no page was read twice"
    assert owner.execute("select 1 from public.alerts").fetchone() is None
