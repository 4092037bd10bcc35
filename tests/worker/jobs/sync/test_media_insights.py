"""Official figures of posts and stories through the real steps of their syncs, from a tiny Meta over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from sandbox.world.posts import shortcode
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.errors import Throttled
from shared.store.profiles import profiles
from tests.conftest import Personas
from tests.rig.tiny_meta import ACCOUNT, BASIC, INSIGHTS, Medium, TinyMeta, refusal, tiny_meta
from tests.rig.tiny_server import Reply
from tests.worker.handling import claim
from tests.worker.jobs.sync.test_youtube import services_for
from worker.jobs.sync import live_stories, media_tabs
from worker.platforms.base import NoLimit
from worker.platforms.http_api import open_api
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.instagram_graph.source import InstagramAccount
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
PK = 3_456_789_012_345_678_900
FIGURES = "select metric, part, value from media_insights i join media m on m.id = i.media_id"


@pytest.fixture
def meta() -> Iterator[TinyMeta]:
    posts = [Medium(f"1800{n}", shortcode(PK + n), "REELS" if n == 1 else "FEED") for n in range(3)]
    with tiny_meta(media=posts, now=datetime.now(UTC).replace(microsecond=0)) as made:
        yield made


@dataclass
class Desk:
    """Ada's account, the Meta behind it, and the steps that read it."""

    owner: Owner
    pool: Pool
    meta: TinyMeta
    services: Services
    user_id: UUID
    profile_id: UUID
    make_job: Callable[..., UUID]

    @asynccontextmanager
    async def _open(self, scopes: list[str]) -> AsyncIterator[InstagramAccount]:
        async with open_api(NoLimit()) as api:
            graph = GraphApi(api, f"{self.meta.address}/v27.0", "long-1", NoLimit())
            yield InstagramAccount(graph, may_read_insights=INSIGHTS in scopes)

    async def read(self, kind: JobKind, scopes: list[str] | None = None) -> None:
        """One reading of posts or stories; raises what its step raises."""
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, kind)
        ctx = await claim(self.pool)
        async with ctx.reading() as conn:
            profile = await profiles.load(conn, self.user_id, self.profile_id)
        assert profile is not None
        step = media_tabs.step if kind is JobKind.SYNC_MEDIA else live_stories.step
        async with self._open(scopes or [BASIC, INSIGHTS]) as source:
            await step(ctx, self.services, profile, source)

    def asked(self) -> list[str]:
        """The media whose figures were asked for, each once, in order."""
        paths = [one.path.split("/")[-2] for one in self.meta.requests if one.path.endswith("/insights")]
        return list(dict.fromkeys(paths))

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        return self.owner.execute(statement.encode(), values).fetchall()


@pytest.fixture
async def desk(
    owner: Owner,
    worker_pool: Pool,
    meta: TinyMeta,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> Desk:
    profile = make_profile(people.alice, "ada")
    owner.execute("update profiles set external_id = %s where id = %s", (ACCOUNT, profile))
    services = services_for(worker_pool, meta.address)
    return Desk(owner, worker_pool, meta, services, people.alice, profile, make_job)


def ago(hours: int) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def age(desk: Desk, platform_id: int, days: int) -> None:
    posted = datetime.now(UTC) - timedelta(days=days)
    desk.owner.execute("update media set posted_at = %s where platform_id = %s", (posted, str(platform_id)))


async def test_a_sync_of_posts_reads_the_figures_of_each_and_works_out_its_rate(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_MEDIA)
    media = desk.rows(
        "select platform_id, kind, reach, saves, shares, likes, comments, er_formula, er_numerator, er_denominator"
        " from media order by platform_id"
    )
    assert [row["platform_id"] for row in media] == [str(PK + n) for n in range(3)]
    assert [row["kind"] for row in media] == ["image", "reel", "image"]
    assert {(row["reach"], row["saves"], row["shares"]) for row in media} == {(3000, 3000, 3000)}
    assert {(row["er_formula"], row["er_numerator"], row["er_denominator"]) for row in media} == {
        ("er_reach", 5 + 2 + 3000 + 3000, 3000)
    }
    found = desk.rows(f"{FIGURES} where platform_id = %s", str(PK + 1))
    figures = {(row["metric"], row["part"]): row["value"] for row in found}
    assert figures["reel_average_watch_seconds", ""] == Decimal(3)
    assert figures["media_views", ""] == 3000
    history = desk.rows("select reach from media_metrics where reach is not null")
    assert len(history) == 3
    known = desk.rows("select official_id, product, source, read_at is not null as was_read from official_media")
    assert {(row["official_id"], row["product"]) for row in known} == {
        ("18000", "FEED"),
        ("18001", "REELS"),
        ("18002", "FEED"),
    }
    assert all(row["was_read"] for row in known)


async def test_a_post_that_was_read_today_is_not_due_again_and_an_old_one_a_month_later(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_MEDIA)
    desk.meta.requests.clear()
    age(desk, PK, 40)
    await desk.read(JobKind.SYNC_MEDIA)
    assert desk.asked() == []
    desk.owner.execute("update official_media set read_at = now() - interval '13 hours'")
    age(desk, PK, 40)
    age(desk, PK + 2, 800)
    desk.meta.media = desk.meta.media[1:2]
    await desk.read(JobKind.SYNC_MEDIA)
    assert desk.asked() == ["18001"]
    desk.owner.execute("update official_media set read_at = now() - interval '31 days'")
    desk.meta.requests.clear()
    await desk.read(JobKind.SYNC_MEDIA)
    assert set(desk.asked()) == {"18000", "18001"}, "of a post from two years ago there are no figures any more"


async def test_a_newer_reading_takes_the_place_of_an_older_one(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_MEDIA)
    desk.owner.execute("update official_media set read_at = now() - interval '13 hours'")
    desk.meta.now += timedelta(hours=13)
    desk.meta.empty = {"saved"}
    await desk.read(JobKind.SYNC_MEDIA)
    values = desk.rows(f"{FIGURES} where metric = 'media_reach'")
    assert [row["value"] for row in values] == [3000] * 3
    assert {row["saves"] for row in desk.rows("select saves from media")} == {3000}, "empty is not zero"


async def test_a_medium_from_before_the_professional_account_is_asked_for_once(desk: Desk) -> None:
    desk.meta.fail("/18002/insights", refusal(100, 2108006, "Media posted before business account conversion"))
    await desk.read(JobKind.SYNC_MEDIA)
    desk.owner.execute("update official_media set read_at = now() - interval '31 days'")
    desk.meta.requests.clear()
    await desk.read(JobKind.SYNC_MEDIA)
    assert set(desk.asked()) == {"18000", "18001"}


async def test_a_metric_that_is_never_given_is_noted_with_its_date_until_it_comes_again(desk: Desk) -> None:
    desk.meta.unsupported = {"reels_skip_rate"}
    await desk.read(JobKind.SYNC_MEDIA)
    assert desk.rows("select metric, code from metric_refusals") == [
        {"metric": "reel_skip_percent", "code": "report_refused"}
    ]
    desk.owner.execute("update official_media set read_at = now() - interval '31 days'")
    desk.meta.unsupported = set()
    await desk.read(JobKind.SYNC_MEDIA)
    assert desk.rows("select metric from metric_refusals") == []


async def test_without_the_permission_the_posts_are_whole_and_each_metric_is_noted(desk: Desk) -> None:
    await desk.read(JobKind.SYNC_MEDIA, scopes=[BASIC])
    assert len(desk.rows("select id from media")) == 3
    assert desk.rows("select distinct code from metric_refusals") == [{"code": "permission_missing"}]
    assert desk.rows("select metric from media_insights") == []


async def test_a_limit_that_is_reached_keeps_what_was_read(desk: Desk) -> None:
    desk.meta.fail("/18001/insights", Reply(400, refusal(80002).body))
    with pytest.raises(Throttled):
        await desk.read(JobKind.SYNC_MEDIA)
    assert len(desk.rows("select distinct media_id from media_insights")) == 1
    assert len(desk.rows("select id from media")) == 3


async def test_an_answer_in_another_form_costs_its_post_alone(desk: Desk) -> None:
    desk.meta.fail("/18001/insights", Reply(200, "<html>"))
    await desk.read(JobKind.SYNC_MEDIA)
    assert len(desk.rows("select distinct media_id from media_insights")) == 2


async def test_a_live_story_is_read_at_each_sync_and_an_ended_one_no_more(desk: Desk) -> None:
    ended = Medium("18899", str(PK), "STORY", posted=ago(25))
    desk.meta.stories = [Medium("18900", str(PK + 1), "STORY", posted=ago(1)), ended]
    await desk.read(JobKind.SYNC_STORIES)
    await desk.read(JobKind.SYNC_STORIES)
    assert desk.asked() == ["18900"]
    asked = [one.path for one in desk.meta.requests if one.path.endswith("/insights")]
    assert len(asked) == 2 * 6
    taps = desk.rows(f"{FIGURES} where metric = 'story_navigation' and kind = 'story' order by part")
    assert [(row["part"], row["value"]) for row in taps] == [("tap_exit", 4), ("tap_forward", 4)]
    assert desk.rows("select reach from media where kind = 'story' order by posted_at") == [
        {"reach": None},
        {"reach": 3000},
    ]


async def test_too_few_viewers_leave_a_story_without_figures_and_due_again(desk: Desk) -> None:
    desk.meta.stories = [Medium("18900", str(PK), "STORY", posted=ago(1))]
    desk.meta.fail("/18900/insights", refusal(10, message="(#10) Not enough viewers for the media to show insights"))
    await desk.read(JobKind.SYNC_STORIES)
    assert desk.rows("select metric from media_insights") == []
    await desk.read(JobKind.SYNC_STORIES)
    assert desk.rows(f"{FIGURES} where metric = 'media_reach'") != []
