"""A channel keeps its invariants: days, totals and counters agree, however the calendar is moved."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.world.channel.channel import Channel, ChannelConfig
from sandbox.world.channel.days import begin, day_of, elapsed, end, span
from sandbox.world.channel.figures import Figures, divide, total
from sandbox.world.channel.truth import truth
from sandbox.world.channel.videos import VIEWS_BREAK, Kind
from sandbox.world.world import World, WorldConfig

QUIET = WorldConfig(followers=5, following=0, posts=0)
SMALL = ChannelConfig(subscribers=900, videos=12, age_days=60)
SEEDS = st.integers(0, 10_000)
SPLITS = st.lists(st.integers(1, 100), min_size=1, max_size=4)
few = settings(max_examples=15, deadline=None)


def channel(seed: int = 7, config: ChannelConfig = SMALL, start: datetime = QUIET.start) -> Channel:
    return Channel(World(replace(QUIET, seed=seed, start=start)), config)


@few
@given(SEEDS, SPLITS)
def test_the_same_seed_and_hours_give_the_same_channel_however_they_are_split(seed: int, hours: list[int]) -> None:
    once, split = channel(seed), channel(seed)
    once.world.advance(timedelta(hours=sum(hours)))
    for number in hours:
        split.world.advance(timedelta(hours=number))
        assert split.subscribers >= 0
    assert truth(once) == truth(split)


@few
@given(SEEDS, SPLITS)
def test_days_videos_and_counters_agree_at_any_moment(seed: int, hours: list[int]) -> None:
    seen = channel(seed)
    for number in hours:
        seen.world.advance(timedelta(hours=number))
        days = [seen.on(day) for day in span(seen.first_day, day_of(seen.now))]
        assert total(days) == seen.lifetime()
        assert sum(day.gained - day.lost for day in days) == seen.subscribers
        videos = [video.lifetime(seen.now) for video in seen.videos()]
        assert sum(figures.views for figures in videos) == seen.lifetime().views
        assert sum(figures.gained for figures in videos) <= seen.lifetime().gained


@few
@given(SEEDS, SPLITS)
def test_no_counter_falls_and_a_day_that_is_over_stays(seed: int, hours: list[int]) -> None:
    seen = channel(seed)
    before, yesterday = seen.lifetime(), day_of(seen.now) - timedelta(days=1)
    kept = seen.on(yesterday)
    for number in hours:
        seen.world.advance(timedelta(hours=number))
        now = seen.lifetime()
        assert all(late >= early for late, early in zip(now.counts(), before.counts(), strict=True))
        before = now
    assert seen.on(yesterday) == kept


@pytest.mark.parametrize("dimension", ["country", "insightTrafficSourceType", "deviceType", "subscribedStatus"])
def test_the_parts_of_a_day_are_the_day(dimension: str) -> None:
    seen = channel()
    day = day_of(seen.now) - timedelta(days=2)
    parts = seen.divided(day, dimension)
    videos = total(figures for kind, figures in seen.by_kind(day).items() if kind is not None)
    assert len(parts) > 1
    assert total(parts.values()) == videos
    assert all(min(figures.counts()) >= 0 for figures in parts.values())


@given(
    st.lists(st.integers(0, 5000), min_size=9, max_size=9),
    st.lists(st.floats(0.01, 1), min_size=1, max_size=20),
    st.floats(0, 1, exclude_max=True),
)
def test_dividing_loses_nothing(counts: list[int], weights: list[float], phase: float) -> None:
    whole, figures = sum(weights), Figures(*counts)
    parts = divide(figures, {str(index): weight / whole for index, weight in enumerate(weights)}, phase)
    assert total(parts.values()) == figures
    assert all(min(part.counts()) >= 0 for part in parts.values())


def test_the_numbers_at_the_start_are_about_those_asked_for() -> None:
    seen = channel(config=ChannelConfig(subscribers=12_400, videos=60, age_days=400))
    assert 9_000 <= seen.subscribers <= 16_000
    assert 40 <= len(seen.videos()) <= 80


def test_a_view_means_less_since_the_break() -> None:
    start = datetime(2026, 9, 20, tzinfo=UTC)
    seen = channel(config=ChannelConfig(videos=60, age_days=300), start=start)
    before = [
        seen.by_kind(day)[Kind.LONG] for day in span(VIEWS_BREAK - timedelta(days=20), VIEWS_BREAK - timedelta(1))
    ]
    after = [seen.by_kind(day)[Kind.LONG] for day in span(VIEWS_BREAK, VIEWS_BREAK + timedelta(days=20))]
    assert all(day.views == day.engaged for day in before)
    assert total(after).views > 1.1 * total(after).engaged
    shorts = total(seen.by_kind(day)[Kind.SHORT] for day in span(seen.first_day, VIEWS_BREAK - timedelta(1)))
    assert shorts.views > shorts.engaged


def test_a_video_that_is_taken_away_leaves_its_days() -> None:
    seen = channel()
    video, before = seen.listed(owner=True)[0], seen.lifetime()
    seen.remove(video.id)
    assert seen.lifetime() == before
    figures = video.lifetime(seen.now)
    seen.world.advance(timedelta(days=3))
    assert video.lifetime(seen.now) == figures
    assert video.id not in [listed.id for listed in seen.listed(owner=True)]
    assert truth(seen)["gone"] == [video.id]
    with pytest.raises(KeyError):
        seen.remove(video.id)


def test_only_its_owner_sees_what_is_not_public() -> None:
    seen = channel(config=ChannelConfig(videos=300, age_days=400))
    every, public = seen.listed(owner=True), seen.listed(owner=False)
    assert {video.privacy.value for video in every} == {"public", "unlisted", "private"}
    assert {video.privacy.value for video in public} == {"public"}
    assert [video.published_at for video in every] == sorted((v.published_at for v in every), reverse=True)


def test_a_channel_without_videos_has_subscribers_and_no_views() -> None:
    seen = channel(config=ChannelConfig(videos=0))
    seen.world.advance(timedelta(days=30))
    assert seen.videos() == []
    assert seen.lifetime().views == 0
    assert seen.subscribers > 0


def test_two_channels_of_a_world_differ() -> None:
    world = World(QUIET)
    first, second = Channel(world), Channel(world, ChannelConfig(number=2))
    assert first.id != second.id
    assert first.handle != second.handle
    assert truth(first)["days"] != truth(second)["days"]


def test_the_percentages_of_the_viewers_sum_to_a_hundred() -> None:
    seen = channel()
    for kind in (None, *Kind):
        assert sum(seen.audience.viewers(kind).values()) == pytest.approx(100)


def test_a_pacific_day_may_have_23_or_25_hours() -> None:
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    assert end(spring) - begin(spring) == timedelta(hours=23)
    assert end(autumn) - begin(autumn) == timedelta(hours=25)
    assert elapsed(autumn, begin(autumn) + timedelta(hours=12, minutes=30)) == 0.5
    assert day_of(datetime(2026, 7, 1, 6, 59, tzinfo=UTC)) == date(2026, 6, 30)
