"""A staged reading becomes the newest figures of its media, with history only where counts moved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import Media, MediaKind, MediaMetrics, PlatformId, ProfileFacts
from shared.domain.traversal.media_walk import Query, Sighting, Tab, Verdict
from shared.errors import NotConnected
from shared.store.media import publish_media, staging
from shared.store.profiles import counters
from tests.conftest import Personas

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
POSTED = NOW - timedelta(days=1)
IMAGE = Media(
    PlatformId("1"),
    MediaKind.IMAGE,
    code="one",
    caption="slow #bread with @bob",
    hashtags=("bread",),
    mentions=("bob",),
    posted_at=POSTED,
    in_grid=True,
    metrics=MediaMetrics(likes=10, comments=2),
)
REEL = Media(
    PlatformId("2"),
    MediaKind.REEL,
    code="two",
    posted_at=POSTED,
    in_grid=True,
    metrics=MediaMetrics(likes=30, comments=3),
)
REEL_IN_TAB = replace(REEL, in_grid=None, metrics=MediaMetrics(likes=30, comments=3, plays=900, views=400))


class Reader:
    """Reads tabs for one profile as the handler does, one transaction a page."""

    def __init__(self, pool: Pool, user_id: UUID, profile_id: UUID) -> None:
        self.pool, self.user_id, self.profile_id = pool, user_id, profile_id

    async def stage(self, query: Query, tab: Tab, *shown: Media, at: datetime = NOW) -> Sighting:
        async with self.pool.connection() as conn:
            return await staging.stage(conn, self.user_id, query, tab, shown, at)

    async def read(
        self,
        posts: list[Media],
        reels: list[Media] | None = None,
        at: datetime = NOW,
        verdict: Verdict = Verdict.WHOLE,
    ) -> publish_media.Published:
        query = Query(self.profile_id, uuid4(), whole=True)
        await self.stage(query, Tab.POSTS, *posts, at=at)
        await self.stage(query, Tab.REELS, *(reels or []), at=at)
        run = publish_media.Finished(query.run_id, self.user_id, self.profile_id, None, verdict, 2)
        async with self.pool.connection() as conn:
            return await publish_media.publish(conn, run)


@pytest.fixture
def reader(worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID]) -> Reader:
    return Reader(worker_pool, people.alice, make_profile(people.alice))


def stored(owner: Owner) -> dict[str, dict[str, Any]]:
    return {row["platform_id"]: row for row in owner.execute("select * from media").fetchall()}


def history(owner: Owner, platform_id: str) -> list[dict[str, Any]]:
    return owner.execute(
        "select c.* from media_metrics c join media m on m.id = c.media_id where platform_id = %s order by captured_at",
        (platform_id,),
    ).fetchall()


async def test_a_reel_in_both_tabs_is_one_medium_with_the_plays_of_its_tab(reader: Reader, owner: Owner) -> None:
    assert await reader.read([IMAGE, REEL], [REEL_IN_TAB]) == publish_media.Published(seen=2, added=2, changed=0)
    rows = stored(owner)
    assert (rows["2"]["likes"], rows["2"]["plays"], rows["2"]["views"], rows["2"]["in_grid"]) == (30, 900, 400, True)
    assert (rows["2"]["er_formula"], rows["2"]["er_numerator"], rows["2"]["er_denominator"]) == ("er_views", 33, 900)
    assert (rows["1"]["hashtags"], rows["1"]["mentions"], rows["1"]["plays"]) == (["bread"], ["bob"], None)
    assert [row["plays"] for row in history(owner, "2")] == [900]
    assert owner.execute("select * from media_staged").fetchall() == []


async def test_history_grows_only_when_a_count_moved(reader: Reader, owner: Owner) -> None:
    await reader.read([IMAGE, REEL], [REEL_IN_TAB])
    later = NOW + timedelta(hours=8)
    assert await reader.read([IMAGE, REEL], [REEL_IN_TAB], at=later) == publish_media.Published(2, 0, 0)
    assert len(history(owner, "1")) == len(history(owner, "2")) == 1
    assert stored(owner)["1"]["metrics_at"] == stored(owner)["1"]["last_seen_at"] == later
    assert stored(owner)["1"]["first_seen_at"] == NOW
    liked = replace(IMAGE, metrics=MediaMetrics(likes=11, comments=2))
    assert await reader.read([liked, REEL], [REEL_IN_TAB], at=later + timedelta(hours=8)) == publish_media.Published(
        2, 0, 1
    )
    assert [row["likes"] for row in history(owner, "1")] == [10, 11]
    assert len(history(owner, "2")) == 1


async def test_a_reel_seen_only_in_the_grid_keeps_the_plays_known_before(reader: Reader, owner: Owner) -> None:
    await reader.read([REEL], [REEL_IN_TAB])
    assert (await reader.read([REEL], at=NOW + timedelta(hours=8), verdict=Verdict.RECENT)).changed == 0
    assert stored(owner)["2"]["plays"] == 900
    assert len(history(owner, "2")) == 1


async def test_likes_that_become_hidden_become_unknown_and_the_rate_with_them(reader: Reader, owner: Owner) -> None:
    await reader.read([REEL], [REEL_IN_TAB])
    hidden = replace(REEL_IN_TAB, counts_hidden=True, metrics=MediaMetrics(None, 3, plays=950, views=420))
    assert (await reader.read([hidden], [hidden], at=NOW + timedelta(hours=8))).changed == 1
    row = stored(owner)["2"]
    assert (row["likes"], row["comments"], row["plays"], row["counts_hidden"]) == (None, 3, 950, True)
    assert (row["er_formula"], row["er_numerator"], row["er_denominator"]) == (None, None, None)
    assert [moment["likes"] for moment in history(owner, "2")] == [30, None]


async def test_an_answer_older_than_what_is_known_changes_no_count(reader: Reader, owner: Owner) -> None:
    await reader.read([IMAGE])
    stale = replace(IMAGE, metrics=MediaMetrics(likes=1, comments=0))
    await reader.read([stale], at=NOW - timedelta(hours=1))
    assert stored(owner)["1"]["likes"] == 10
    assert stored(owner)["1"]["metrics_at"] == stored(owner)["1"]["last_seen_at"] == NOW


async def test_followers_at_posting_time_are_the_last_count_before_it_and_never_change(
    reader: Reader, owner: Owner
) -> None:
    for days, followers in ((9, 100), (2, 120), (0, 150)):
        async with reader.pool.connection() as conn:
            facts = ProfileFacts(PlatformId("9"), "alice.test", followers=followers)
            await counters.record(conn, reader.user_id, reader.profile_id, facts, NOW - timedelta(days=days))
    before_all = replace(IMAGE, platform_id=PlatformId("3"), posted_at=NOW - timedelta(days=10))
    undated = replace(IMAGE, platform_id=PlatformId("4"), posted_at=None)
    for _ in range(2):
        await reader.read([IMAGE, before_all, undated])
        rows = stored(owner)
        assert [rows[key]["followers_at_post"] for key in ("1", "3", "4")] == [120, None, None]
        assert (rows["1"]["er_formula"], rows["1"]["er_numerator"], rows["1"]["er_denominator"]) == (
            "er_followers_at_post",
            12,
            120,
        )
        assert rows["3"]["er_formula"] is None
        owner.execute("update profile_counts set followers = 999 where followers = 120")


async def test_a_count_too_far_before_the_post_is_no_followers_at_posting_time(reader: Reader, owner: Owner) -> None:
    async with reader.pool.connection() as conn:
        facts = ProfileFacts(PlatformId("9"), "alice.test", followers=100)
        await counters.record(conn, reader.user_id, reader.profile_id, facts, POSTED - timedelta(days=14))
    await reader.read([IMAGE])
    assert stored(owner)["1"]["followers_at_post"] is None


async def test_a_post_that_is_no_longer_pinned_is_no_longer_shown_as_pinned(reader: Reader, owner: Owner) -> None:
    await reader.read([replace(IMAGE, is_pinned=True), REEL])
    await reader.read([REEL], at=NOW + timedelta(hours=8), verdict=Verdict.PARTIAL)
    assert stored(owner)["1"]["is_pinned"]
    await reader.read([REEL], at=NOW + timedelta(hours=8), verdict=Verdict.RECENT)
    assert not stored(owner)["1"]["is_pinned"]


async def test_the_grid_says_that_a_caption_was_removed_and_the_reels_tab_does_not(
    reader: Reader, owner: Owner
) -> None:
    worded = replace(REEL, caption="#one", hashtags=("one",))
    await reader.read([worded])
    bare = replace(REEL_IN_TAB, caption=None)
    await reader.read([], [bare], at=NOW + timedelta(hours=1))
    assert (stored(owner)["2"]["caption"], stored(owner)["2"]["hashtags"]) == ("#one", ["one"])
    await reader.read([REEL], [bare], at=NOW + timedelta(hours=2))
    assert (stored(owner)["2"]["caption"], stored(owner)["2"]["hashtags"]) == (None, [])


async def test_a_run_is_recorded_and_only_a_whole_one_counts_as_whole(reader: Reader, owner: Owner) -> None:
    await reader.read([IMAGE], verdict=Verdict.RECENT)
    async with reader.pool.connection() as conn:
        assert await publish_media.last_whole(conn, reader.user_id, reader.profile_id) is None
    await reader.read([IMAGE, REEL], at=NOW + timedelta(days=1))
    async with reader.pool.connection() as conn:
        assert await publish_media.last_whole(conn, reader.user_id, reader.profile_id) == NOW + timedelta(days=1)
    runs = owner.execute("select verdict, pages, seen, added, changed from media_runs order by observed_end").fetchall()
    assert [tuple(run.values()) for run in runs] == [("recent", 2, 1, 1, 0), ("whole", 2, 2, 1, 0)]
    seen = owner.execute("select observed_at from profiles where id = %s", (reader.profile_id,)).fetchone()
    assert seen == {"observed_at": NOW + timedelta(days=1)}


async def test_a_page_says_what_was_known_before_the_run_and_what_is_new_to_it(reader: Reader) -> None:
    await reader.read([IMAGE])
    query = Query(reader.profile_id, uuid4(), whole=True)
    assert await reader.stage(query, Tab.POSTS, IMAGE, REEL, REEL) == Sighting(frozenset({"1"}), 2, 2)
    assert await reader.stage(query, Tab.POSTS, IMAGE, REEL) == Sighting(frozenset({"1"}), 0, 0)
    assert await reader.stage(query, Tab.REELS, REEL_IN_TAB) == Sighting(frozenset(), 0, 1)


async def test_more_media_than_a_batch_are_all_published_once(reader: Reader, owner: Owner) -> None:
    many = [replace(IMAGE, platform_id=PlatformId(str(number))) for number in range(1203)]
    assert await reader.read(many) == publish_media.Published(1203, 1203, 0)
    assert await reader.read(many, at=NOW + timedelta(hours=1)) == publish_media.Published(1203, 0, 0)
    found = owner.execute("select count(*) as n, count(distinct platform_id) as d from media").fetchone()
    assert found == {"n": 1203, "d": 1203}


async def test_a_profile_that_is_gone_gets_nothing(reader: Reader, owner: Owner, people: Personas) -> None:
    run = publish_media.Finished(uuid4(), people.bob, reader.profile_id, None, Verdict.WHOLE, 1)
    async with reader.pool.connection() as conn:
        with pytest.raises(NotConnected):
            await publish_media.publish(conn, run)


_TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=20)
_MOMENT = st.none() | st.datetimes(timezones=st.just(UTC))


@given(
    st.builds(
        Media,
        platform_id=_TEXT.map(PlatformId),
        kind=st.sampled_from(MediaKind),
        caption=st.none() | _TEXT,
        hashtags=st.lists(_TEXT).map(tuple),
        coauthors=st.lists(_TEXT).map(tuple),
        owner_platform_id=st.none() | _TEXT.map(PlatformId),
        posted_at=_MOMENT,
        expires_at=_MOMENT,
        duration_seconds=st.none() | st.floats(0, 1e6),
        metrics=st.builds(MediaMetrics, likes=st.none() | st.integers(0, 2**62)),
    )
)
def test_any_medium_survives_staging(one: Media) -> None:
    assert staging.from_json(staging.to_json(one)) == one
