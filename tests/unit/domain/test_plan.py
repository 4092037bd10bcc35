"""The schedule fits into the limits, grows with the account, and says beforehand how long a walk takes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import plan
from shared.domain.job_kinds import EVERY
from shared.domain.jobs import JobKind
from shared.domain.plan import Size
from tests.rig.limits import PAGES, WINDOW
from tests.rig.limits import limits as limits_of

DAY = timedelta(days=1)
LIMITS = limits_of(timedelta(seconds=3), timedelta(seconds=2), 1000)
NO_LIMITS = limits_of(timedelta(0), timedelta(0), 0)
COUNTS = st.none() | st.integers(0, 5_000_000)
SIZES = st.builds(Size, COUNTS, st.none() | st.integers(0, 7500), st.none() | st.integers(0, 50_000))
SECONDS = st.floats(0, 30).map(lambda seconds: timedelta(seconds=seconds))


def lists_a_day(size: Size, chosen: plan.Plan) -> float:
    followers = PAGES.follower_requests(size.followers) * (DAY / chosen.followers)
    return followers + PAGES.following_requests(size.following) * (DAY / chosen.following)


def test_a_small_account_is_read_as_often_as_the_design_says() -> None:
    chosen = plan.plan(Size(5000, 500, 200), LIMITS)
    hours = [every / timedelta(hours=1) for every in (chosen.profile, chosen.media, chosen.stories, chosen.likers)]
    assert (hours, chosen.followers, chosen.following) == ([6, 8, 2, 24], DAY, DAY)


@pytest.mark.parametrize(
    ("followers", "days"), [(20_000, 1), (30_000, 2), (120_000, 7), (400_000, 21), (2_000_000, 30)]
)
def test_a_large_account_s_list_is_read_less_often_and_its_counters_as_often(followers: int, days: int) -> None:
    chosen = plan.plan(Size(followers, 500, 200), LIMITS)
    assert (chosen.followers, chosen.profile) == (timedelta(days=days), timedelta(hours=6))


@given(SIZES, st.integers(300, 100_000))
def test_what_is_planned_fits_into_a_day_or_is_as_rare_as_can_be(size: Size, per_day: int) -> None:
    limits = limits_of(timedelta(0), timedelta(0), per_day)
    chosen = plan.plan(size, limits)
    assert chosen.room is not None
    fits = lists_a_day(size, chosen) <= chosen.room
    assert fits or timedelta(days=30) in (chosen.followers, chosen.following)
    assert chosen.steady + chosen.room <= per_day - per_day // 10


@given(SIZES, st.integers(1, 100_000), st.integers(0, 100_000), st.integers(0, 1_000_000))
def test_more_followers_are_never_read_more_often_and_more_budget_never_less(
    size: Size, per_day: int, more_budget: int, more_followers: int
) -> None:
    limits = limits_of(timedelta(0), timedelta(0), per_day)
    chosen = plan.plan(size, limits)
    larger = plan.plan(Size((size.followers or 0) + more_followers, size.following, size.media), limits)
    richer = plan.plan(size, limits_of(timedelta(0), timedelta(0), per_day + more_budget))
    assert larger.followers >= chosen.followers
    assert richer.stories <= chosen.stories
    assert richer.profile <= chosen.profile


def test_without_limits_every_kind_has_its_declared_interval() -> None:
    chosen = plan.plan(Size(None, None, None), NO_LIMITS)
    assert (
        EVERY.items()
        >= {
            JobKind.SYNC_PROFILE: chosen.profile,
            JobKind.SYNC_FOLLOWERS: chosen.followers,
            JobKind.SYNC_FOLLOWING: chosen.following,
            JobKind.SYNC_MEDIA: chosen.media,
            JobKind.SYNC_STORIES: chosen.stories,
            JobKind.SYNC_LIKERS: chosen.likers,
        }.items()
    )


def test_a_list_that_cannot_fit_does_not_make_the_other_one_rarer() -> None:
    chosen = plan.plan(Size(5_000_000, 500, 200), LIMITS)
    assert (chosen.followers, chosen.following) == (timedelta(days=30), DAY)


def test_what_is_left_of_today_decides_whether_a_walk_ends_today() -> None:
    size = Size(5000, 500, 200)
    assert plan.walk(size, LIMITS, left=1000).days == 1
    tomorrow = plan.walk(size, LIMITS, left=100)
    assert tomorrow.days == 2
    assert tomorrow.length > DAY


@given(SIZES)
def test_without_limits_every_list_is_read_daily_in_one_go(size: Size) -> None:
    chosen = plan.plan(size, NO_LIMITS)
    assert (chosen.followers, chosen.following, chosen.room) == (DAY, DAY, None)
    assert plan.walk(size, NO_LIMITS).days == 1


@given(st.integers(0, 5000), SECONDS, SECONDS, st.integers(0, 1) | st.integers(1000, 2000))
def test_no_walk_is_promised_faster_than_its_limits_let_it_be(
    requests: int, pace: timedelta, jitter: timedelta, per_day: int
) -> None:
    limits = limits_of(pace, jitter, per_day)
    lasting = limits.lasting(requests)
    assert lasting >= pace * max(requests - 1, 0)
    if per_day:
        assert lasting >= WINDOW.length * (max(requests - 1, 0) // WINDOW.requests)
    assert limits.lasting(requests + 1) >= lasting


def test_a_walk_that_needs_more_than_a_day_s_requests_goes_on_the_next_days() -> None:
    small = plan.walk(Size(1000, 200, 100), LIMITS)
    assert small.days == 1
    assert timedelta(minutes=3) < small.length < timedelta(minutes=15)
    large = plan.walk(Size(60_000, 500, 300), LIMITS)
    assert large.days == 3
    assert timedelta(days=2) <= large.length < timedelta(days=3)


@given(SIZES, st.integers(1, 100_000), st.integers(0, 86_400), st.booleans(), st.booleans())
def test_what_is_reserved_leaves_a_tenth_of_the_day_to_what_is_read_last(
    size: Size, per_day: int, seconds: int, followers: bool, following: bool
) -> None:
    kept = plan.requests_to_reserve(
        size, per_day, PAGES, timedelta(seconds=seconds), follower_walk=followers, following_walk=following
    )
    assert 0 <= kept <= per_day - per_day // 10
    idle = plan.requests_to_reserve(
        size, per_day, PAGES, timedelta(seconds=seconds), follower_walk=False, following_walk=False
    )
    assert idle <= kept
