"""The walk through the days: newest first, in parts, the trailing week again, and the rest where it stopped."""

from datetime import UTC, date, datetime, timedelta
from json import dumps, loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.insights import BEST_BEFORE, Coverage, Days, DayWalk, trailing_totals

NOW = datetime(2026, 11, 30, 18, tzinfo=UTC)
LAST = date(2026, 11, 29)
FIRST = date(2020, 1, 1)
RENEW = timedelta(days=21)


def ago(days: int) -> date:
    return LAST - timedelta(days=days)


def begin(covered: Coverage | None, first: date = FIRST, renew_after: timedelta | None = None) -> DayWalk:
    return DayWalk.begin(covered, Days(first, LAST), NOW, at_once=730, renew_after=renew_after)


def covered(first: date, last: date, *, complete: bool = True, renewed: timedelta = timedelta(0)) -> Coverage:
    return Coverage(Days(first, last), complete, NOW - renewed)


def test_the_first_walk_asks_for_every_day_the_newest_part_first() -> None:
    walk = begin(None)
    assert walk.days[0].last == LAST
    assert walk.days[-1].first == FIRST
    assert walk.total == (LAST - FIRST).days + 1
    for newer, older in zip(walk.days, walk.days[1:], strict=False):
        assert older.last == newer.first - timedelta(days=1)


def test_a_later_walk_asks_for_the_trailing_week_and_what_is_new() -> None:
    assert begin(covered(FIRST, ago(1))).days == [Days(ago(7), LAST)]
    assert begin(covered(FIRST, LAST)).days == [Days(ago(6), LAST)]
    assert begin(covered(FIRST, ago(30))).days == [Days(ago(36), LAST)]


def test_a_walk_after_one_that_stopped_goes_back_to_the_first_day() -> None:
    walk = begin(covered(ago(100), ago(1), complete=False), first=ago(400))
    assert walk.days == [Days(ago(7), LAST), Days(ago(400), ago(101))]
    assert begin(covered(ago(100), ago(1), complete=False), first=ago(100)).days == [Days(ago(7), LAST)]


def test_a_young_profile_is_not_asked_for_days_before_its_first() -> None:
    assert begin(covered(ago(2), ago(1)), first=ago(2)).days == [Days(ago(2), LAST)]


def test_figures_that_may_not_be_kept_are_asked_for_anew_in_time() -> None:
    old = covered(FIRST, ago(1), renewed=RENEW)
    walk = begin(old, renew_after=RENEW)
    assert walk.renews
    assert walk.total == (LAST - FIRST).days + 1
    younger = covered(FIRST, ago(1), renewed=RENEW - timedelta(seconds=1))
    assert not begin(younger, renew_after=RENEW).renews
    assert not begin(old).renews


def test_a_clock_that_was_set_back_asks_for_the_last_day_and_not_for_nothing() -> None:
    ahead = covered(FIRST, LAST + timedelta(days=30))
    assert begin(ahead).days == [Days(LAST, LAST)]


def test_a_walk_goes_on_from_what_was_stored_and_counts_what_lies_behind_it() -> None:
    walk = begin(None)
    whole = walk.total
    walk.advance()
    again = DayWalk.resume(loads(dumps(walk.to_json())), NOW)
    assert again == walk
    assert again is not None
    assert (again.asked, again.total) == (730, whole)
    while not again.ended:
        again.advance()
    assert again.asked == whole


@pytest.mark.parametrize("saved", [None, {}, {"days": 1, "began_at": "x"}, {"days": [], "began_at": NOW.isoformat()}])
def test_what_cannot_be_read_begins_anew(saved: dict[str, object] | None) -> None:
    assert DayWalk.resume(saved, NOW) is None


def test_a_walk_that_is_too_old_begins_anew() -> None:
    saved = begin(None).to_json()
    assert DayWalk.resume(saved, NOW + BEST_BEFORE - timedelta(seconds=1)) is not None
    assert DayWalk.resume(saved, NOW + BEST_BEFORE) is None


def test_totals_are_asked_for_exactly_seven_and_twenty_eight_days() -> None:
    assert [(len(one), one.last) for one in trailing_totals(LAST)] == [(7, LAST), (28, LAST)]


@given(st.integers(0, 6000), st.integers(0, 6000), st.booleans())
def test_no_day_is_asked_for_twice_and_none_is_left_out(first: int, reached: int, complete: bool) -> None:
    known = covered(ago(min(reached, first)), ago(0), complete=complete)
    walk = begin(known, first=ago(first))
    asked = [one.first + timedelta(days=n) for one in walk.days for n in range(len(one))]
    assert len(asked) == len(set(asked))
    if not complete:
        assert {ago(n) for n in range(min(reached, first) + 1, first + 1)} <= set(asked)
    assert LAST in asked
