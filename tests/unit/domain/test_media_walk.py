"""A reading of the tabs ends where it should, says what it covered, and goes on where it stopped."""

from datetime import UTC, datetime, timedelta
from json import dumps, loads
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.social import Media, MediaKind, MediaPage, PlatformId
from shared.domain.traversal.media_walk import (
    BEST_BEFORE,
    MediaWalk,
    Query,
    Sighting,
    Tab,
    Verdict,
    is_settled,
    is_whole_due,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OLD, RECENT = NOW - timedelta(days=31), NOW - timedelta(days=29)


def post(number: int, posted_at: datetime | None = OLD, *, pinned: bool = False) -> Media:
    return Media(PlatformId(str(number)), MediaKind.IMAGE, posted_at=posted_at, is_pinned=pinned)


def walk(*, whole: bool = False) -> MediaWalk:
    return MediaWalk(Query(uuid4(), uuid4(), whole))


def feed(reading: MediaWalk, page: MediaPage, *, known: bool = True, new: int = 1) -> None:
    ids = frozenset(one.platform_id for one in page.media) if known else frozenset()
    reading.feed(page, Sighting(ids, new_in_run=new, new_in_tab=new), NOW)


def test_after_the_posts_come_the_reels_and_both_ends_make_it_whole() -> None:
    reading = walk(whole=True)
    feed(reading, MediaPage((post(1),), "a"))
    assert (reading.tab, reading.cursor) == (Tab.POSTS, "a")
    feed(reading, MediaPage((post(2),), None))
    assert (reading.tab, reading.cursor, reading.ended) == (Tab.REELS, None, False)
    feed(reading, MediaPage((), None), new=0)
    assert reading.ended
    assert reading.verdict(2) is Verdict.WHOLE


def test_a_repeat_reading_stops_at_a_page_of_old_known_posts_and_a_whole_one_does_not() -> None:
    for whole, tab in ((False, Tab.REELS), (True, Tab.POSTS)):
        reading = walk(whole=whole)
        feed(reading, MediaPage((post(1, pinned=True), post(2)), "a"))
        assert reading.tab is tab


def test_a_reading_that_stopped_early_is_called_recent() -> None:
    reading = walk()
    feed(reading, MediaPage((post(1),), "a"))
    feed(reading, MediaPage((), None), new=0)
    assert reading.verdict(500) is Verdict.RECENT


@pytest.mark.parametrize(
    ("page", "settled"),
    [
        ([post(1), post(2)], True),
        ([post(1, pinned=True), post(2)], True),
        ([post(1, pinned=True)], False),
        ([], False),
        ([post(1), post(3)], False),
        ([post(1), post(2, RECENT)], False),
        ([post(1, RECENT, pinned=True), post(2)], True),
        ([post(1), post(2, None)], False),
    ],
)
def test_pins_recent_posts_and_unknown_ones_never_stop_a_reading(page: list[Media], settled: bool) -> None:
    assert is_settled(page, frozenset({"1", "2"}), NOW) is settled


def test_a_cursor_that_leads_to_itself_ends_the_tab_and_the_reading_is_partial() -> None:
    reading = walk(whole=True)
    feed(reading, MediaPage((post(1),), "a"))
    feed(reading, MediaPage((post(2),), "a"))
    assert reading.tab is Tab.REELS
    feed(reading, MediaPage((), None), new=0)
    assert reading.verdict(2) is Verdict.PARTIAL


def test_three_pages_with_nothing_new_end_the_tab() -> None:
    reading = walk(whole=True)
    for cursor in ("a", "b", "c", "d"):
        assert reading.tab is Tab.POSTS
        feed(reading, MediaPage((post(1, RECENT),), cursor), new=cursor == "a")
    assert reading.tab is Tab.REELS
    assert reading.in_circles


@pytest.mark.parametrize(("count", "verdict"), [(0, Verdict.WHOLE), (None, Verdict.WHOLE), (3, Verdict.VOID)])
def test_empty_tabs_are_a_fact_only_if_the_profile_counts_no_posts(count: int | None, verdict: Verdict) -> None:
    reading = walk(whole=True)
    feed(reading, MediaPage((), None), new=0)
    feed(reading, MediaPage((), None), new=0)
    assert reading.verdict(count) is verdict


def test_an_empty_grid_beside_reels_is_partial_while_the_profile_counts_posts() -> None:
    reading = walk(whole=True)
    feed(reading, MediaPage((), None), new=0)
    feed(reading, MediaPage((post(1),), None))
    assert reading.verdict(3) is Verdict.PARTIAL
    assert reading.verdict(0) is Verdict.WHOLE


_PAGES = st.lists(st.tuples(st.integers(0, 3), st.none() | st.sampled_from("abc")), max_size=8)


@given(_PAGES, st.integers(0, 8), st.booleans())
def test_a_reading_resumed_anywhere_goes_on_exactly_as_if_it_had_not_stopped(
    pages: list[tuple[int, str | None]], stop: int, whole: bool
) -> None:
    straight = walk(whole=whole)
    resumed: MediaWalk | None = MediaWalk(straight.query)
    for number, (new, cursor) in enumerate(pages):
        assert resumed is not None
        if number == stop:
            resumed = MediaWalk.resume(loads(dumps(resumed.to_json(NOW))), straight.query.profile_id, NOW)
            assert resumed is not None
        if not straight.ended:
            page = MediaPage(tuple(post(new + number) for _ in range(new)), cursor)
            feed(straight, page, new=new)
            feed(resumed, page, new=new)
        assert resumed == straight


def test_a_cursor_past_its_best_before_of_another_profile_or_changed_is_not_resumed() -> None:
    reading = walk()
    saved, profile_id = reading.to_json(NOW), reading.query.profile_id
    assert MediaWalk.resume(saved, profile_id, NOW + BEST_BEFORE) is None
    assert MediaWalk.resume(saved, uuid4(), NOW) is None
    assert MediaWalk.resume({**saved, "whole": True}, profile_id, NOW) is None
    assert MediaWalk.resume({}, profile_id, NOW) is None


def test_the_first_reading_is_whole_and_then_one_a_week() -> None:
    assert is_whole_due(None, NOW)
    assert is_whole_due(NOW, None)
    assert is_whole_due(NOW - timedelta(days=7), NOW)
    assert not is_whole_due(NOW - timedelta(days=6), NOW)


def test_a_platform_without_reels_is_read_to_the_end_of_its_posts() -> None:
    reading = MediaWalk(Query(uuid4(), uuid4(), True), has_reels=False)
    feed(reading, MediaPage((post(1),), "a"))
    assert not reading.ended
    feed(reading, MediaPage((post(2),), None))
    assert (reading.ended, reading.tab) == (True, Tab.POSTS)
    assert reading.verdict(2) is Verdict.WHOLE


def test_a_stored_reading_knows_whether_there_are_reels_and_one_of_an_older_version_has_them() -> None:
    for has_reels in (True, False):
        reading = MediaWalk(Query(uuid4(), uuid4(), True), has_reels)
        again = MediaWalk.resume(loads(dumps(reading.to_json(NOW))), reading.query.profile_id, NOW)
        assert again is not None
        assert again.has_reels is has_reels
    older = {name: value for name, value in reading.to_json(NOW).items() if name != "has_reels"}
    again = MediaWalk.resume(older, reading.query.profile_id, NOW)
    assert again is not None
    assert again.has_reels
