"""SYNC_MEDIA with the real queue, vault and database: what is read, when it stops, and how it goes on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import Media, MediaKind, MediaMetrics, PlatformId, ProfileFacts
from shared.errors import Cancelled, Draining, LeaseLost, NotConnected, SiteFailed
from tests.conftest import Personas
from tests.worker.handling import Script, ScriptedProfile, claim, connect, services_for, taken_over
from worker.jobs.sync import media_tabs

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


def post(number: int, *, kind: MediaKind = MediaKind.IMAGE, days: int | None = None, **changes: Any) -> Media:
    made = Media(
        PlatformId(str(number)),
        kind,
        posted_at=NOW - timedelta(days=number if days is None else days),
        metrics=MediaMetrics(likes=100 + number, comments=number),
    )
    return replace(made, **changes)


class Desk(ScriptedProfile):
    """One connected profile, its script and its jobs."""

    def job(self, **args: Any) -> UUID:
        self.owner.execute("delete from sync_jobs")
        return self.make_job(self.user_id, self.profile_id, "SYNC_MEDIA", args=psycopg.types.json.Jsonb(args))

    async def read(self, **args: Any) -> list[str]:
        """Runs one whole job and returns what was asked of the platform."""
        self.job(**args)
        self.script.asked.clear()
        await media_tabs.run(await claim(self.pool), self.services)
        return list(self.script.asked)

    def media(self) -> list[str]:
        rows = self.owner.execute("select platform_id from media order by platform_id::int").fetchall()
        return [row["platform_id"] for row in rows]

    def verdicts(self) -> list[str]:
        rows = self.owner.execute("select verdict from media_runs order by published_at").fetchall()
        return [row["verdict"] for row in rows]

    def later(self, days: float) -> None:
        self.script.now += timedelta(days=days)
        self.owner.execute("update profiles set observed_at = %s", (self.script.now,))


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> Desk:
    script = Script(NOW, ProfileFacts(PlatformId("9"), "alice.test"))
    services = services_for(worker_pool, script)
    profile_id = make_profile(people.alice, external_id="9", media_count=5, observed_at=NOW)
    await connect(worker_pool, services, people.alice, profile_id)
    return Desk(owner, worker_pool, script, services, people.alice, profile_id, make_job)


async def test_the_first_reading_walks_both_tabs_to_their_ends_and_asks_for_the_days(desk: Desk) -> None:
    reel = post(2, kind=MediaKind.REEL)
    desk.script.shown_posts = [post(1), reel, post(40), post(41), post(42)]
    desk.script.shown_reels = [replace(reel, metrics=MediaMetrics(plays=900)), post(3, kind=MediaKind.REEL)]
    assert await desk.read() == ["posts 0", "posts 2", "posts 4", "reels 0", "archived 0"]
    assert desk.media() == ["1", "2", "3", "40", "41", "42"]
    assert desk.verdicts() == ["whole"]
    row = desk.owner.execute("select likes, plays from media where platform_id = '2'").fetchone()
    assert row == {"likes": 102, "plays": 900}
    jobs = desk.owner.execute("select kind from sync_jobs where state = 'PENDING'").fetchall()
    assert [job["kind"] for job in jobs] == ["DERIVE"]


async def test_a_repeat_reading_stops_behind_the_posts_that_still_move_and_pins_do_not_stop_it(desk: Desk) -> None:
    pins = [post(50, is_pinned=True), post(51, is_pinned=True)]
    desk.script.shown_posts = [*pins, post(10), post(20), post(40), post(41), post(42), post(43)]
    await desk.read()
    desk.later(1)
    desk.script.shown_posts = [*pins, post(0), *desk.script.shown_posts[2:]]
    assert await desk.read() == ["posts 0", "posts 2", "posts 4", "posts 6", "reels 0"]
    desk.later(1)
    assert await desk.read() == ["posts 0", "posts 2", "posts 4", "posts 6", "reels 0"]
    assert desk.verdicts() == ["whole", "recent", "recent"]
    assert "0" in desk.media()


async def test_once_a_week_or_when_asked_everything_is_read_again(desk: Desk) -> None:
    desk.script.shown_posts = [post(number) for number in (40, 41, 42, 43)]
    await desk.read()
    desk.later(6)
    assert await desk.read() == ["posts 0", "reels 0"]
    assert await desk.read(all=True) == ["posts 0", "posts 2", "reels 0", "archived 0"]
    desk.later(6.9)
    assert await desk.read() == ["posts 0", "reels 0"]
    desk.later(0.1)
    assert await desk.read() == ["posts 0", "posts 2", "reels 0", "archived 0"]
    assert desk.verdicts() == ["whole", "recent", "whole", "recent", "whole"]


async def test_a_killed_reading_goes_on_at_its_page_and_stores_nothing_twice(desk: Desk) -> None:
    desk.script.shown_posts = [post(number) for number in range(1, 6)]
    desk.script.shown_reels = [post(7, kind=MediaKind.REEL)]

    def break_at_the_last_page(what: str) -> None:
        if what == "posts 4":
            raise SiteFailed

    desk.job()
    first = await claim(desk.pool)
    desk.script.before = break_at_the_last_page
    with pytest.raises(SiteFailed):
        await media_tabs.run(first, desk.services)
    assert desk.media() == []
    desk.script.before = lambda _: None
    desk.script.asked.clear()
    await media_tabs.run(await taken_over(desk.pool, first), desk.services)
    assert desk.script.asked == ["posts 4", "reels 0", "archived 0"]
    assert desk.media() == ["1", "2", "3", "4", "5", "7"]
    assert desk.verdicts() == ["whole"]
    left = desk.owner.execute("select count(*) as n from media_staged").fetchone()
    assert left == {"n": 0}


async def test_a_reading_past_its_best_before_begins_anew(desk: Desk) -> None:
    desk.script.shown_posts = [post(number) for number in range(1, 4)]
    desk.job()
    first = await claim(desk.pool)
    desk.script.before = lambda what: first.stop(Draining()) if what == "posts 0" else None
    with pytest.raises(Draining):
        await media_tabs.run(first, desk.services)
    desk.owner.execute('update sync_jobs set cursor = cursor || \'{"best_before": "2026-01-01T00:00:00+00:00"}\'')
    desk.script.before = lambda _: None
    desk.script.asked.clear()
    desk.script.shown_posts.pop(0)
    await media_tabs.run(await taken_over(desk.pool, first), desk.services)
    assert desk.script.asked == ["posts 0", "reels 0", "archived 0"]
    assert desk.media() == ["2", "3"]


async def test_a_worker_that_lost_its_lease_stores_nothing(desk: Desk) -> None:
    desk.script.shown_posts = [post(1)]
    desk.job()
    late = await claim(desk.pool)
    ours = await taken_over(desk.pool, late)
    with pytest.raises(LeaseLost):
        await media_tabs.run(late, desk.services)
    assert desk.media() == []
    await media_tabs.run(ours, desk.services)
    assert desk.media() == ["1"]


@pytest.mark.parametrize("reason", [Cancelled(), Draining()])
async def test_it_stops_between_pages_when_told_to(desk: Desk, reason: Cancelled | Draining) -> None:
    desk.script.shown_posts = [post(number) for number in range(1, 6)]
    desk.job()
    ctx = await claim(desk.pool)
    desk.script.before = lambda what: ctx.stop(reason) if what == "posts 2" else None
    with pytest.raises(type(reason)):
        await media_tabs.run(ctx, desk.services)
    assert desk.script.asked == ["posts 0", "posts 2"]
    staged = desk.owner.execute("select count(*) as n from media_staged").fetchone()
    assert staged == {"n": 4}


async def test_an_empty_account_is_whole_and_an_empty_answer_for_a_full_one_changes_nothing(desk: Desk) -> None:
    desk.owner.execute("update profiles set media_count = 0")
    await desk.read()
    desk.owner.execute("update profiles set media_count = 5")
    desk.script.shown_posts = [post(1, is_pinned=True)]
    await desk.read(all=True)
    desk.script.shown_posts = []
    await desk.read(all=True)
    assert desk.verdicts() == ["whole", "whole", "void"]
    assert desk.owner.execute("select is_pinned from media").fetchall() == [{"is_pinned": True}]


async def test_a_profile_that_was_never_read_has_no_tabs_to_walk(desk: Desk) -> None:
    desk.owner.execute("update profiles set external_id = null")
    with pytest.raises(NotConnected):
        await desk.read()


async def test_the_figures_of_an_export_that_was_imported_first_are_joined_by_the_reading(desk: Desk) -> None:
    desk.script.shown_posts = [post(1), post(2)]
    desk.owner.execute(
        "insert into insights (user_id, profile_id, source, metric, period, posted_at, value, captured_at)"
        " values (%s, %s, 'data_download', 'reach', 'lifetime', %s, 1200, %s)",
        (desk.user_id, desk.profile_id, desk.script.shown_posts[1].posted_at, NOW),
    )
    await desk.read()
    row = desk.owner.execute("select m.platform_id from insights i join media m on m.id = i.media_id").fetchone()
    assert row == {"platform_id": "2"}
