"""Reading through a real browser: all that the stand-in has, in its own time, and every way in which it may refuse."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Route

from sandbox.instagram.faults import FaultKind, Where
from sandbox.server import Running
from shared import errors
from shared.domain.social import Direction, MediaPage, Observation, PlatformId
from shared.platforms.instagram import REST
from tests.worker.instagram import settings_for, signed_in, stand_in, trouble
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.base import Cost, LiveSource, NoLimit
from worker.platforms.instagram_web.client import InstagramWeb, LiveInstagram, opener

pytestmark = pytest.mark.slow
Open = Callable[[], AbstractAsyncContextManager[LiveSource]]
WAIT = {"message": "Please wait a few minutes before you try again.", "require_login": True, "status": "fail"}


class Counting:
    """A limiter that lets everything through and counts it."""

    is_off = False

    def __init__(self) -> None:
        self.turns = 0

    async def acquire(self, cost: Cost | None = None) -> None:
        self.turns += 1

    async def mark_spent(self, cost: Cost, until: datetime) -> None:
        raise AssertionError("a browser spends no quota")

    def keep_rest(self, cost: Cost, until: datetime) -> None:
        raise AssertionError("no answer said so")


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture
def site() -> Any:
    running = stand_in()
    yield running
    running.stop()


@pytest.fixture
def opened(browser: BrowserPool, site: Running) -> Open:
    """opened(): the account's own view, signed in."""

    @asynccontextmanager
    async def open_view() -> AsyncIterator[LiveSource]:
        async with opener(browser, settings_for(site.url))(await signed_in(browser, site), NoLimit()) as live:
            yield live

    return open_view


def web(live: LiveSource) -> InstagramWeb:
    """The open source, with everything that Instagram's web can read."""
    assert isinstance(live.source, InstagramWeb)
    return live.source


def owner_of(site: Running) -> PlatformId:
    return PlatformId(site.credentials.user_id)


async def walk(live: LiveSource, site: Running, direction: Direction) -> list[str]:
    cursor, found = None, []
    while True:
        page = (await web(live).people(direction, owner_of(site), site.credentials.username, cursor, REST)).value
        found += [person.username for person in page.people]
        cursor = page.next_cursor
        if cursor is None:
            return found


def names(site: Running, direction: Direction) -> list[str]:
    population = site.site.world.population
    members = population.followers if direction is Direction.FOLLOWER else population.following
    return sorted(population.people[pk].username for pk in members.members)


@pytest.mark.parametrize("direction", list(Direction))
async def test_a_list_is_read_to_its_end_each_person_once(direction: Direction, opened: Open, site: Running) -> None:
    async with opened() as live:
        assert sorted(await walk(live, site, direction)) == names(site, direction)


async def test_reading_ahead_asks_for_no_page_twice_and_a_walk_goes_on_anywhere(browser: BrowserPool) -> None:
    site = stand_in(followers=1300)
    try:
        async with opener(browser, settings_for(site.url))(await signed_in(browser, site), NoLimit()) as live:
            read = partial(
                web(live).people, Direction.FOLLOWER, owner_of(site), site.credentials.username, endpoint=REST
            )
            first = (await read(None)).value
            second = (await read(first.next_cursor)).value
            assert not set(first.people) & set(second.people)
            assert sorted(await walk(live, site, Direction.FOLLOWING)) == names(site, Direction.FOLLOWING)
            before = site.site.requests["followers"]
            assert (await read(first.next_cursor)).value == second
            assert len(await walk(live, site, Direction.FOLLOWER)) == 1300
        assert site.site.requests["followers"] - before <= 1300 / 25 + 2 * 20
    finally:
        site.stop()


async def test_with_a_pace_no_page_is_read_before_its_turn(browser: BrowserPool, site: Running) -> None:
    limiter = Counting()
    async with opener(browser, settings_for(site.url))(await signed_in(browser, site), limiter) as live:
        await web(live).people(Direction.FOLLOWER, owner_of(site), site.credentials.username, None, REST)
        assert site.site.requests["followers"] == 1
        assert len(await walk(live, site, Direction.FOLLOWER)) == 60
    assert limiter.turns == 1 + site.site.requests["followers"]


async def test_the_time_of_a_reading_is_the_sites_own(opened: Open, site: Running) -> None:
    async with opened() as live:
        before = await live.source.profile(site.credentials.username)
        site.site.world.advance(timedelta(days=3))
        after = await live.source.profile(site.credentials.username)
    assert before.value.followers == 60
    assert after.value.followers == len(site.site.world.population.followers.members)
    assert after.observed_at - before.observed_at == timedelta(days=3)


async def test_the_account_is_known_by_its_id_whatever_name_is_asked_for(opened: Open, site: Running) -> None:
    async with opened() as live:
        facts = (await live.source.profile("a.name.from.before")).value
    assert (facts.platform_id, facts.username) == (owner_of(site), site.credentials.username)


async def test_both_tabs_together_hold_every_post(opened: Open, site: Running) -> None:
    async with opened() as live:

        async def every(read: Callable[..., Awaitable[Observation[MediaPage]]]) -> dict[str, Any]:
            cursor: str | None = None
            found: dict[str, Any] = {}
            while True:
                page = (await read(owner_of(site), site.credentials.username, cursor)).value
                found |= {media.platform_id: media for media in page.media}
                cursor = page.next_cursor
                if cursor is None:
                    return found

        posts, reels = await every(web(live).posts), await every(web(live).reels)
    world = site.site.world
    assert set(posts) | set(reels) == {str(post.pk) for post in world.posts}
    for post in world.posts:
        media = reels.get(str(post.pk)) or posts[str(post.pk)]
        done = post.engagement(world.now)
        assert media.metrics.likes == (None if post.hides_counts else done.likes)
        assert media.metrics.comments == done.comments
        assert media.counts_hidden is post.hides_counts
        if str(post.pk) in reels:
            assert (media.metrics.plays, media.metrics.views) == (done.plays, done.views)


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        (FaultKind.PLEASE_WAIT, 429, errors.RateLimited),
        (FaultKind.PLEASE_WAIT, 401, errors.RateLimited),
        (FaultKind.CHECKPOINT, 400, errors.CheckpointRequired),
        (FaultKind.SUSPENDED, 400, errors.Suspended),
        (FaultKind.HTTP_500, 500, errors.SiteFailed),
    ],
)
async def test_a_refusal_in_the_middle_is_the_error_that_it_means(
    kind: FaultKind, status: int, error: type[errors.JobError], opened: Open, site: Running
) -> None:
    async with opened() as live:
        await live.source.profile(site.credentials.username)
        trouble(site, kind, Where.JSON, status)
        with pytest.raises(error):
            await walk(live, site, Direction.FOLLOWER)


async def test_a_session_that_ended_is_dead_and_asked_about_once(opened: Open, site: Running) -> None:
    async with opened() as live:
        await live.source.profile(site.credentials.username)
        site.site.sessions.drop_all()
        before = site.site.requests.copy()
        with pytest.raises(errors.SessionDead):
            await walk(live, site, Direction.FOLLOWER)
        asked = site.site.requests - before
    assert (asked["followers"], asked["edit"], asked["login"]) == (1, 1, 1)


async def test_a_session_that_ended_before_is_noticed_when_the_page_opens(opened: Open, site: Running) -> None:
    async with opened() as live:
        site.site.sessions.drop_all()
        with pytest.raises(errors.SessionDead):
            await live.source.profile(site.credentials.username)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, json.dumps(WAIT), errors.RateLimited),
        (200, "<!DOCTYPE html><html></html>", errors.UnexpectedAnswer),
        (200, '{"status":"ok"}', errors.UnexpectedAnswer),
    ],
)
async def test_a_doubtful_answer_to_a_living_session_is_no_dead_session_and_no_empty_list(
    status: int, body: str, error: type[errors.JobError], browser: BrowserPool, site: Running
) -> None:
    session = BrowserSession.from_secret(await signed_in(browser, site))

    async def answer(route: Route) -> None:
        await route.fulfill(status=status, body=body, headers={"Date": "Mon, 02 Mar 2026 09:00:00 GMT"})

    async with browser.context(session) as context:
        live = LiveInstagram(context, session, settings_for(site.url), NoLimit())
        await live.source.profile(site.credentials.username)
        await context.route("**/friendships/**", answer)
        with pytest.raises(error) as refused:
            await walk(live, site, Direction.FOLLOWER)
    assert type(refused.value) is error


async def test_a_site_that_goes_away_is_unreachable(opened: Open, site: Running) -> None:
    async with opened() as live:
        await live.source.profile(site.credentials.username)
        site.stop()
        with pytest.raises(errors.SiteUnreachable):
            await walk(live, site, Direction.FOLLOWER)


async def test_the_session_that_is_kept_is_the_one_after_use(opened: Open, site: Running) -> None:
    async with opened() as live:
        before = BrowserSession.from_secret(await live.session())
        await live.source.profile(site.credentials.username)
        after = BrowserSession.from_secret(await live.session())
    assert before.cookie("mid") is None
    assert after.cookie("mid") is not None
    assert after.cookie("sessionid") == before.cookie("sessionid")
