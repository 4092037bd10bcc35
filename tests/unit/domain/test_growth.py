"""Growth figures stay unknown, with their reason, where the lists do not show them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.growth import History, Missing, Runs, followers, growth
from shared.domain.periods import period

NEWEST = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = period("7", NEWEST, ZoneInfo("UTC"))
LONG_AGO = NEWEST - timedelta(days=100)
READ = Runs(read=2, whole=2, gained=5, lost=2)


def test_net_is_gained_less_lost_in_both_periods() -> None:
    found = growth(History(LONG_AGO, 9, READ, Runs(1, 1, 1, 4)), WEEK)
    assert (found.gained.value, found.lost.value, found.net.value) == (5, 2, 3)
    assert (found.gained.before, found.lost.before, found.net.before) == (1, 4, -3)
    assert found.net.change == 6


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        (History(None, 0, Runs(), Runs()), Missing.NO_LIST),
        (History(LONG_AGO, 0, Runs(), Runs()), Missing.ONE_LIST),
        (History(LONG_AGO, 3, Runs(), READ), Missing.NO_LIST_IN_PERIOD),
    ],
)
def test_without_readings_to_compare_nothing_is_known_and_the_reason_is_told(history: History, reason: Missing) -> None:
    found = growth(history, WEEK)
    for figure in (found.net, found.gained, found.lost):
        assert (figure.value, figure.missing) == (None, reason)


def test_a_partial_list_tells_who_came_but_not_who_left() -> None:
    found = growth(History(LONG_AGO, 1, Runs(read=1, whole=0, gained=3), Runs()), WEEK)
    assert found.gained.value == 3
    assert (found.lost.value, found.net.value) == (None, None)
    assert found.lost.missing is Missing.NO_WHOLE_LIST_IN_PERIOD


def test_a_period_before_that_history_covers_in_part_is_not_compared_with() -> None:
    assert WEEK.start is not None
    found = growth(History(WEEK.start - timedelta(days=3), 5, READ, READ), WEEK)
    assert (found.gained.value, found.gained.before) == (5, None)
    assert found.gained.before_missing is Missing.BEFORE_HISTORY
    assert found.gained.change is None


def test_all_time_is_compared_with_nothing() -> None:
    found = growth(History(LONG_AGO, 5, READ, Runs()), period("all", NEWEST, ZoneInfo("UTC")))
    assert found.gained.before_missing is Missing.ALL_TIME


def test_the_counter_is_compared_with_the_one_at_the_start() -> None:
    assert followers(110, 100, WEEK).change == 10
    assert followers(110, None, WEEK).before_missing is Missing.BEFORE_HISTORY
    assert followers(None, None, WEEK).missing is Missing.NEVER_READ
    assert followers(0, 0, WEEK).value == 0
