"""A day belongs to the profile's time zone, whatever its clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.days import day_bounds, day_of

_ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/Los_Angeles",
        "America/Sao_Paulo",
        "America/Havana",
        "Africa/Cairo",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Australia/Lord_Howe",
        "America/Nuuk",
    ]
).map(ZoneInfo)
_DAYS = st.dates(date(2013, 1, 1), date(2035, 12, 31))


@given(_DAYS, _ZONES)
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: ZoneInfo) -> None:
    start, end = day_bounds(day, zone)
    assert day_bounds(day + timedelta(days=1), zone)[0] == end
    assert timedelta(hours=23) <= end - start <= timedelta(hours=25)
    assert day_of(start, zone) == day
    assert day_of(end - timedelta(microseconds=1), zone) == day
    assert day_of(end, zone) == day + timedelta(days=1)


_MOMENTS = st.integers(1_357_000_000_000, 2_080_000_000_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))


@given(_MOMENTS, _ZONES)
def test_every_moment_lies_within_its_own_day(moment: datetime, zone: ZoneInfo) -> None:
    start, end = day_bounds(day_of(moment, zone), zone)
    assert start <= moment < end


def test_a_day_with_a_change_of_clocks_is_an_hour_shorter_or_longer() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring, autumn = day_bounds(date(2026, 3, 29), berlin), day_bounds(date(2026, 10, 25), berlin)
    assert spring == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    assert autumn == (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC))


def test_where_clocks_skip_midnight_the_day_begins_at_the_skip() -> None:
    start, _ = day_bounds(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))
    assert start == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_a_day_that_the_zone_skipped_is_empty() -> None:
    start, end = day_bounds(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
    assert start == end
