"""The known part of a list of viewers or likers, the end of a walk through it, and the life of a story's viewers."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.engagers import ENOUGH, Engagers, EngagerWalk, coverage
from shared.domain.stories import expiry, last_call, viewers_until

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("known", "total", "whole"), [(0, 0, True), (49, 50, True), (48, 50, False), (9, 10, False), (12, 10, True)]
)
def test_an_audience_is_whole_when_all_but_one_in_fifty_are_known(known: int, total: int, whole: bool) -> None:
    assert Engagers(known, total).whole is whole


def test_an_audience_without_its_total_is_never_whole() -> None:
    assert not Engagers(900, None).whole
    assert (Engagers(900, None).share, Engagers(0, 0).share, Engagers(1, 4).share) == (None, None, 25.0)


def test_coverage_counts_lists_and_people_and_says_when_they_are_enough() -> None:
    whole = [Engagers(10, 10)] * ENOUGH
    found = coverage(12, [*whole, Engagers(3, 300), Engagers(7, None)])
    assert (found.read, found.whole, found.known, found.total) == (ENOUGH + 2, ENOUGH, 53, 350)
    assert found.enough
    assert not coverage(12, whole[1:]).enough


def test_a_walk_ends_naturally_or_when_everybody_is_known() -> None:
    assert EngagerWalk().feed(["1"], None, Engagers(1, 9))
    assert EngagerWalk().feed(["1"], "50", Engagers(9, 9))
    assert not EngagerWalk().feed(["1"], "50", Engagers(8, 9))
    assert not EngagerWalk().feed(["1"], "50", Engagers(8, None))


def test_a_walk_ends_where_it_goes_in_circles() -> None:
    assert EngagerWalk("50").feed(["1"], "50", Engagers(1, 9))
    walk = EngagerWalk()
    assert [walk.feed(["1"], str(page), Engagers(1, 9)) for page in range(4)] == [False, False, False, True]


def test_a_story_without_an_end_lives_for_a_day_and_shows_its_viewers_for_two() -> None:
    assert expiry(NOW, None) == NOW + timedelta(hours=24)
    assert expiry(NOW, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)
    assert expiry(None, None) is None
    assert viewers_until(NOW, None) == viewers_until(None, NOW + timedelta(hours=24)) == NOW + timedelta(hours=48)
    assert viewers_until(None, None) is None


def test_the_last_call_is_for_the_story_that_ends_first_and_was_not_called_yet() -> None:
    minutes = [10, 40, 600]
    ends = [NOW + timedelta(minutes=number) for number in minutes]
    assert last_call([*ends, None], NOW) == timedelta(minutes=25)
    assert last_call(ends[:1], NOW) is None
    assert last_call([], NOW) is None
