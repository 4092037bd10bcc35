"""Profile, media and days through the real client, a real Chromium and the stand-in, against what is really so."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from sandbox.server import Running
from sandbox.world.truth import counts, truth
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from tests.conftest import Personas
from tests.worker.handling import claim, connect
from tests.worker.instagram import services_for, settings_for, signed_in, stand_in
from worker.browser.pool import BrowserPool
from worker.jobs import derive
from worker.jobs.sync import everything, media_tabs, profile_facts
from worker.services import Services

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
RUNS = {
    JobKind.SYNC_PROFILE: profile_facts.run,
    JobKind.SYNC_MEDIA: media_tabs.run,
    JobKind.DERIVE: derive.run,
}


@asynccontextmanager
async def at_the_stand_in(pool: Pool, site: Running) -> AsyncIterator[tuple[Services, BrowserPool]]:
    settings = settings_for(site.url)
    browser = BrowserPool(settings)
    try:
        yield services_for(pool, browser, settings), browser
    finally:
        await browser.close()
        site.stop()


async def work(pool: Pool, services: Services, make_job: Callable[..., UUID], who: UUID, profile_id: UUID) -> None:
    """Reads the profile and its media and derives the days, each by its own job; media asks for the days itself."""
    make_job(who, profile_id, "SYNC_PROFILE", priority=1)
    make_job(who, profile_id, "SYNC_MEDIA", priority=2)
    for kind, run in RUNS.items():
        ctx = await claim(pool, [kind])
        await run(ctx, services)
        async with ctx.transaction() as conn:
            await conn.execute(
                "update public.sync_jobs set state = 'COMPLETED', ended_at = now(), lease_until = null where id = %s",
                (ctx.job.id,),
            )


def really(site: Running) -> dict[str, tuple[Any, ...]]:
    names = ("code", "kind", "caption", "like_count", "comment_count", "play_count", "view_count", "pinned")
    rows: Any = truth(site.site.world, None)["media"]
    return {row["pk"]: tuple(row[name] for name in names) for row in rows}


def stored(owner: Owner) -> dict[str, tuple[Any, ...]]:
    rows = owner.execute(
        "select platform_id, code, kind, caption, likes, comments, plays, views, is_pinned from media"
    ).fetchall()
    return {row["platform_id"]: tuple(row.values())[1:] for row in rows}


async def test_what_is_stored_is_what_is_really_so_on_the_first_day_and_ten_days_later(
    worker_pool: Pool,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> None:
    site = stand_in(seed=11, followers=300, posts=70)
    account = site.credentials
    profile_id = make_profile(people.alice, username=account.username, external_id=account.user_id)
    async with at_the_stand_in(worker_pool, site) as (services, browser):
        await connect(worker_pool, services, people.alice, profile_id, await signed_in(browser, site))
        await work(worker_pool, services, make_job, people.alice, profile_id)
        first, seen = really(site), stored(owner)
        assert {pk: row[:7] for pk, row in seen.items()} == {pk: row[:7] for pk, row in first.items()}
        assert {pk for pk, row in first.items() if row[7]} <= {pk for pk, row in seen.items() if row[7]}
        site.site.world.advance(timedelta(days=10))
        await work(worker_pool, services, make_job, people.alice, profile_id)
        now = really(site)
        assert len(now) > len(first)
        assert {pk: row[:7] for pk, row in stored(owner).items()} == {pk: row[:7] for pk, row in now.items()}
    news = owner.execute("select * from media where not platform_id = any(%s)", (list(first),)).fetchall()
    assert {row["followers_at_post"] for row in news} == {300}
    assert {row["er_formula"] for row in news if row["likes"] is not None} <= {"er_views", "er_followers_at_post"}
    assert owner.execute("select verdict from media_runs").fetchall() == [{"verdict": "whole"}] * 2
    days = owner.execute("select sum(posts) as posts, count(followers) as read from profile_days").fetchone()
    assert days == {"posts": len(now), "read": 2}


async def test_a_whole_sync_a_week_apart_has_days_that_count_what_really_changed(
    worker_pool: Pool,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> None:
    site = stand_in(seed=5, followers=150, following=40, posts=15)
    account = site.credentials
    profile_id = make_profile(people.alice, username=account.username, external_id=account.user_id)
    async with at_the_stand_in(worker_pool, site) as (services, browser):
        await connect(worker_pool, services, people.alice, profile_id, await signed_in(browser, site))
        since = site.site.world.now
        for days in (0, 7):
            if days:
                site.site.world.advance(timedelta(days=days))
            owner.execute("delete from sync_jobs")
            make_job(people.alice, profile_id, "SYNC")
            await everything.run(await claim(worker_pool), services)
    really_changed = counts(site.site.world, since)
    days_shown = owner.execute(
        "select followers, following, gained, lost from profile_days where whole_runs > 0"
    ).fetchall()
    newest = max(days_shown, key=lambda day: day["gained"] is not None)
    assert [day["gained"] is None for day in days_shown].count(True) == 1
    assert newest == {name: really_changed[name] for name in ("followers", "following", "gained", "lost")}
    assert newest["gained"] > 0
