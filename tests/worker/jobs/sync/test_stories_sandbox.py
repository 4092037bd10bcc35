"""Stories, likers and lost posts through the real client and a real Chromium, against what is really so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from sandbox.instagram.faults import Fault, FaultKind, Where
from sandbox.world.truth import truth
from shared.db.pools import WorkerConnection
from tests.conftest import Personas
from tests.worker.handling import claim, connect
from tests.worker.instagram import signed_in, stand_in
from tests.worker.jobs.sync.test_media_tabs_sandbox import at_the_stand_in
from worker.jobs.sync import live_stories, media_tabs, post_likers

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
RUNS = {"SYNC_STORIES": live_stories.run, "SYNC_LIKERS": post_likers.run, "SYNC_MEDIA": media_tabs.run}


def known(owner: Owner, role: str) -> dict[str, set[str]]:
    rows = owner.execute(
        "select m.platform_id as medium, p.platform_id from media_people p join media m on m.id = p.media_id"
        " where role = %s",
        (role,),
    ).fetchall()
    return {
        medium: {row["platform_id"] for row in rows if row["medium"] == medium}
        for medium in {row["medium"] for row in rows}
    }


async def test_viewers_likers_and_lost_posts_are_those_that_there_really_are(
    worker_pool: Pool,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> None:
    site = stand_in(seed=11, followers=1200, posts=30)
    world, account = site.site.world, site.credentials
    world.steer_media(archive=3)
    profile_id = make_profile(people.alice, username=account.username, external_id=account.user_id)
    async with at_the_stand_in(worker_pool, site) as (services, browser):
        await connect(worker_pool, services, people.alice, profile_id, await signed_in(browser, site))

        async def do(kind: str, **args: Any) -> None:
            owner.execute("delete from sync_jobs")
            make_job(people.alice, profile_id, kind, args=psycopg.types.json.Jsonb(args))
            await RUNS[kind](await claim(worker_pool), services)

        await do("SYNC_MEDIA")
        stored = owner.execute("select platform_id from media where gone_as = 'archived'").fetchall()
        assert {row["platform_id"] for row in stored} == {str(post.pk) for post in world.archived}
        world.steer_media(stories_now=1)
        world.advance(timedelta(hours=6))
        await do("SYNC_STORIES")
        await do("SYNC_LIKERS")
        really: Any = truth(world, None)
        live = {row["pk"]: {str(pk) for pk in row["viewers"]} for row in really["stories"] if row["viewers"]}
        assert known(owner, "viewer") == live
        liked = known(owner, "liker")
        assert liked
        for pk, who in liked.items():
            assert who <= {str(liker) for liker in really["likers"][pk]}
            assert len(who) == min(100, len(really["likers"][pk]))
        views = owner.execute("select platform_id, views from media where kind = 'story'").fetchall()
        assert {row["platform_id"]: row["views"] for row in views if row["views"]} == {
            pk: len(viewers) for pk, viewers in live.items()
        }
        world.steer_media(archive=2, delete=2)
        site.site.faults.add(Fault(FaultKind.HIDDEN_LIKES, Where.JSON, 20, 200, 0, "minus_one"))
        await do("SYNC_MEDIA", all=True)
        really = truth(world, None)
        gone = owner.execute("select platform_id, gone_as from media where gone_at is not null").fetchall()
        assert {row["platform_id"]: row["gone_as"] for row in gone} == {
            **{row["pk"]: "archived" for row in really["archived"]},
            **{row["pk"]: "deleted" for row in really["deleted"]},
        }
        hidden = {row["pk"] for row in really["media"] if row["likes_hidden"]}
        shown = owner.execute("select platform_id from media where likes is null and kind <> 'story'").fetchall()
        assert hidden <= {row["platform_id"] for row in shown}
