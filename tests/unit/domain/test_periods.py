"""Periods are whole days of the profile's zone, end with the newest reading, and compare with as many days before."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.periods import CHOICES, DEFAULT, parse, period, step

BERLIN = ZoneInfo("Europe/Berlin")
NEWEST = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def test_it_begins_at_the_first_moment_of_its_first_day_in_the_profiles_zone() -> None:
    found = period("7", NEWEST, BERLIN)
    assert (found.first_day, found.last_day) == (date(2026, 11, 15), date(2026, 11, 21))
    assert found.start == datetime(2026, 11, 14, 23, 0, tzinfo=UTC)
    assert found.end == NEWEST


def test_the_period_before_ends_right_before_it_and_is_as_long() -> None:
    found = period("28", NEWEST, BERLIN)
    before = found.before()
    assert before is not None
    assert found.start is not None
    assert before.end == found.start - timedelta(microseconds=1)
    assert (before.first_day, before.last_day) == (date(2026, 9, 27), date(2026, 10, 24))


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_neighbours_neither_overlap_nor_leave_a_gap(newest: datetime) -> None:
    for choice in ("7", "28", "90", "365"):
        found = period(choice, newest, BERLIN)
        before = found.before()
        assert before is not None
        assert found.first_day is not None
        assert before.last_day == found.first_day - timedelta(days=1)
        assert before.start is not None
        assert before.end is not None
        assert found.start is not None
        assert before.start < before.end < found.start <= newest


def test_all_time_has_neither_a_start_nor_a_period_before_it() -> None:
    found = period("all", NEWEST, BERLIN)
    assert (found.start, found.end, found.before()) == (None, NEWEST, None)


@pytest.mark.parametrize("choice", CHOICES)
def test_before_the_first_reading_there_is_nothing_to_look_at(choice: str) -> None:
    found = period(parse(choice), None, BERLIN)
    assert (found.start, found.end, found.before()) == (None, None, None)


@pytest.mark.parametrize("text", [None, "", "29", "ALL", "7; drop table people"])
def test_what_is_no_choice_is_the_default(text: str | None) -> None:
    assert parse(text) == DEFAULT


@pytest.mark.parametrize(("days", "expected"), [(0, "day"), (93, "day"), (94, "week"), (740, "week"), (741, "month")])
def test_long_stretches_are_cut_more_coarsely(days: int, expected: str) -> None:
    assert step(date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=days)) == expected
