"""A reel that stands in both tabs is one medium with the best of both."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.social import Media, MediaKind, MediaMetrics, PlatformId
from shared.domain.traversal.media_merge import merge, newest

POSTED = datetime(2026, 5, 1, tzinfo=UTC)
IN_GRID = Media(
    PlatformId("7"),
    MediaKind.VIDEO,
    code="abc",
    caption="slow #bread",
    hashtags=("bread",),
    posted_at=POSTED,
    in_grid=True,
    is_pinned=True,
    metrics=MediaMetrics(likes=10, comments=2),
)
IN_REELS = Media(PlatformId("7"), MediaKind.REEL, code="abc", metrics=MediaMetrics(11, 2, plays=400, views=200))


def test_the_reels_tab_adds_plays_and_the_grid_keeps_its_caption() -> None:
    both = merge(IN_GRID, IN_REELS)
    assert both == replace(IN_GRID, kind=MediaKind.REEL, metrics=MediaMetrics(11, 2, plays=400, views=200))


def test_the_order_of_the_tabs_matters_only_for_counts_that_both_know() -> None:
    backward = merge(IN_REELS, IN_GRID)
    assert backward == replace(merge(IN_GRID, IN_REELS), metrics=MediaMetrics(10, 2, plays=400, views=200))


def test_likes_that_one_tab_hides_are_unknown_whatever_the_other_says() -> None:
    hidden = replace(IN_REELS, counts_hidden=True, metrics=MediaMetrics(None, 2, plays=400))
    for both in (merge(IN_GRID, hidden), merge(hidden, IN_GRID)):
        assert both.counts_hidden
        assert both.metrics.likes is None
        assert both.metrics.plays == 400


def test_likes_that_only_others_cannot_see_are_kept() -> None:
    own = replace(IN_REELS, counts_hidden=True)
    assert merge(IN_GRID, own).metrics.likes == 11
    assert newest(MediaMetrics(likes=9), own).likes == 11


def test_counts_that_a_later_sighting_leaves_out_stay_known_and_hidden_ones_do_not() -> None:
    known = MediaMetrics(likes=9, comments=1, plays=300, facebook_plays=20, views=100)
    assert newest(known, IN_GRID) == MediaMetrics(likes=10, comments=2, plays=300, facebook_plays=20, views=100)
    hidden = replace(IN_GRID, counts_hidden=True, metrics=MediaMetrics(comments=3))
    assert newest(known, hidden) == MediaMetrics(likes=None, comments=3, plays=300, facebook_plays=20, views=100)


def test_two_different_media_are_not_merged() -> None:
    with pytest.raises(ValueError, match="same medium"):
        merge(IN_GRID, replace(IN_REELS, platform_id=PlatformId("8")))


_COUNT = st.none() | st.integers(0, 10**6)
_METRICS = st.builds(MediaMetrics, _COUNT, _COUNT, _COUNT, _COUNT, _COUNT)
_MEDIA = st.builds(
    Media,
    platform_id=st.just(PlatformId("7")),
    kind=st.sampled_from(MediaKind),
    caption=st.none() | st.text(max_size=5),
    is_pinned=st.booleans(),
    in_grid=st.none() | st.booleans(),
    counts_hidden=st.booleans(),
    metrics=_METRICS,
)


@given(_MEDIA, _MEDIA)
def test_merging_again_changes_nothing_and_no_count_is_invented(one: Media, other: Media) -> None:
    both = merge(one, other)
    assert merge(both, other) == both
    for name in ("likes", "comments", "plays", "facebook_plays", "views"):
        known = {getattr(one.metrics, name), getattr(other.metrics, name), None if both.counts_hidden else "never"}
        assert getattr(both.metrics, name) in known
