"""Periods are whole days of the profile's zone, end with the newest reading, and compare with as many days before."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.periods import (
    DEFAULT,
    DEFAULT_SHIFT,
    PRESETS,
    Choice,
    Comparison,
    Preset,
    Range,
    Step,
    days_within,
    parse,
    parse_comparison,
    parse_range,
    period,
    step,
)

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
    presets: tuple[Preset, ...] = ("7", "28", "90", "365")
    for choice in presets:
        found = period(choice, newest, BERLIN, "previous")
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


@pytest.mark.parametrize("choice", PRESETS)
def test_before_the_first_reading_there_is_nothing_to_look_at(choice: str) -> None:
    found = period(parse(choice), None, BERLIN)
    assert (found.start, found.end, found.before()) == (None, None, None)


@pytest.mark.parametrize("text", [None, "", "29", "ALL", "7; drop table people"])
def test_what_is_no_choice_is_the_default(text: str | None) -> None:
    assert parse(text) == DEFAULT


@pytest.mark.parametrize(("days", "expected"), [(0, "day"), (93, "day"), (94, "week"), (740, "week"), (741, "month")])
def test_long_stretches_are_cut_more_coarsely(days: int, expected: str) -> None:
    assert step(date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=days)) == expected


# The newest reading is of 21 November, a Saturday.
@pytest.mark.parametrize(
    ("choice", "first", "last"),
    [
        ("1", date(2026, 11, 21), date(2026, 11, 21)),
        ("30", date(2026, 10, 23), date(2026, 11, 21)),
        ("month", date(2026, 11, 1), date(2026, 11, 21)),
        ("last-month", date(2026, 10, 1), date(2026, 10, 31)),
        ("year", date(2026, 1, 1), date(2026, 11, 21)),
        (Range(date(2026, 3, 1), date(2026, 3, 31)), date(2026, 3, 1), date(2026, 3, 31)),
        (Range(date(2026, 11, 1), date(2027, 1, 1)), date(2026, 11, 1), date(2026, 11, 21)),
        (Range(date(2027, 1, 1), date(2027, 2, 1)), date(2026, 11, 21), date(2026, 11, 21)),
    ],
)
def test_each_choice_has_its_days(choice: Choice, first: date, last: date) -> None:
    found = period(choice, NEWEST, BERLIN)
    assert (found.first_day, found.last_day, found.days) == (first, last, (last - first).days + 1)
    assert found.end is not None
    assert (found.end == NEWEST) == (last == date(2026, 11, 21))
    assert found.end.astimezone(BERLIN).date() == last


def test_a_day_that_lasts_25_hours_is_whole() -> None:
    found = period(Range(date(2026, 10, 25), date(2026, 10, 25)), NEWEST, BERLIN)
    assert found.start is not None
    assert found.end is not None
    assert found.end - found.start == timedelta(hours=25) - timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("choice", "against", "first", "last"),
    [
        ("28", "weekday", date(2026, 9, 27), date(2026, 10, 24)),
        ("30", "weekday", date(2026, 9, 18), date(2026, 10, 17)),
        ("30", "previous", date(2026, 9, 23), date(2026, 10, 22)),
        ("1", "weekday", date(2026, 11, 14), date(2026, 11, 14)),
        ("28", "year", date(2025, 10, 26), date(2025, 11, 22)),
        ("365", "year", date(2024, 11, 16), date(2025, 11, 15)),
        ("7", Range(date(2024, 2, 29), date(2024, 3, 1)), date(2024, 2, 29), date(2024, 3, 1)),
    ],
)
def test_a_period_is_compared_with_the_days_that_were_chosen(
    choice: Choice, against: Comparison, first: date, last: date
) -> None:
    before = period(choice, NEWEST, BERLIN, against).before()
    assert before is not None
    assert (before.first_day, before.last_day) == (first, last)
    assert before.end is not None
    assert before.end.astimezone(BERLIN).date() == last


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(1, 800),
    st.sampled_from(["weekday", "year"]),
)
def test_a_comparison_by_weekday_has_the_same_weekdays_and_does_not_overlap(
    last: date, days: int, against: Comparison
) -> None:
    choice = Range(last - timedelta(days=days - 1), last)
    newest = datetime(2101, 1, 1, tzinfo=UTC)
    found = period(choice, newest, BERLIN, against)
    before = found.before()
    assert before is not None
    assert before.first_day is not None
    assert before.last_day is not None
    assert before.days == days
    assert before.first_day.weekday() == choice.first.weekday()
    assert before.last_day < choice.first


def test_a_period_may_be_compared_with_nothing() -> None:
    assert period("28", NEWEST, BERLIN, "none").before() is None
    assert period(Range(date.min, date.min), NEWEST, BERLIN).before() is None


@pytest.mark.parametrize("read", [parse, parse_comparison])
def test_a_range_is_read_as_it_is_written(read: Callable[[str], Choice | Comparison]) -> None:
    days = Range(date(2026, 2, 28), date(2026, 3, 1))
    assert read(str(days)) == read("2026-03-01..2026-02-28") == days
    assert parse_range("2026-02-28", " 2026-03-01 ") == days
    for text in ("2026-02-29..2026-03-01", "..", "2026-03-01..", "1 March..2 March"):
        with pytest.raises(ValueError, match=r"."):
            read(text)


@pytest.mark.parametrize("text", [None, "", "week", "weekdays"])
def test_what_is_no_comparison_is_the_default(text: str | None) -> None:
    assert parse_comparison(text) == DEFAULT_SHIFT


@pytest.mark.parametrize(
    ("begins", "by", "first", "last", "days"),
    [
        (date(2026, 11, 16), "day", None, date(2026, 11, 16), None),
        (date(2026, 11, 16), "week", None, date(2026, 11, 22), None),
        (date(2026, 11, 16), "week", None, date(2026, 11, 20), 5),
        (date(2026, 11, 16), "week", date(2026, 11, 18), date(2026, 12, 20), 5),
        (date(2024, 2, 1), "month", date(2024, 2, 1), date(2024, 2, 29), None),
        (date(2024, 2, 1), "month", date(2024, 2, 29), date(2024, 2, 29), 1),
        (date(2024, 2, 1), "month", None, None, None),
    ],
)
def test_a_step_tells_how_many_of_its_days_lie_in_the_period(
    begins: date, by: Step, first: date | None, last: date | None, days: int | None
) -> None:
    assert days_within(begins, by, first, last) == days
