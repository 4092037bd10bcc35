"""The period of a page, and the days that it is compared with. Pure.

A period is made of whole days of the profile's own zone, so that lists, sums and charts agree. It ends with the newest
reading at the latest and never with the wall clock, because later events are not known yet.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from shared.domain.days import day_of, day_start

Preset = Literal["1", "7", "28", "30", "90", "month", "last-month", "year", "365", "all"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
DEFAULT: Preset = "28"
Shift = Literal["weekday", "previous", "year", "none"]
SHIFTS: tuple[Shift, ...] = get_args(Shift)
DEFAULT_SHIFT: Shift = "weekday"
Step = Literal["day", "week", "month"]
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_WEEK = 7
_YEAR = 364
_BETWEEN = ".."


@dataclass(frozen=True, slots=True)
class Range:
    """The days first..last; its text is `2026-03-01..2026-03-31`."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first.isoformat()}{_BETWEEN}{self.last.isoformat()}"

    @property
    def days(self) -> int:
        """The length in days."""
        return (self.last - self.first).days + 1

    def earlier(self, days: int) -> "Range":
        """The same number of days, so many days earlier; raises OverflowError before the year 1."""
        return Range(self.first - timedelta(days=days), self.last - timedelta(days=days))


Choice = Preset | Range
Comparison = Shift | Range


@dataclass(frozen=True, slots=True)
class Period:
    """The days first_day..last_day, up to and with the moment `end`; `against` names the days to compare with.

    `first_day` None reaches back to the beginning; `last_day` and `end` are None before the first reading.
    """

    choice: Choice
    zone: ZoneInfo
    first_day: date | None
    last_day: date | None
    end: datetime | None
    against: Comparison = DEFAULT_SHIFT

    @property
    def start(self) -> datetime | None:
        """The first moment, which belongs to the period; None for all time."""
        return None if self.first_day is None else day_start(self.first_day, self.zone)

    @property
    def last_moment_before(self) -> datetime | None:
        """The last moment before the period; None for all time."""
        return None if self.start is None else self.start - _TICK

    @property
    def days(self) -> int | None:
        """The length in days, None for all time and before the first reading."""
        if self.first_day is None or self.last_day is None:
            return None
        return (self.last_day - self.first_day).days + 1

    def before(self) -> "Period | None":
        """The days to compare with; None for all time, before any reading, or where none are to be compared with."""
        if self.first_day is None or self.last_day is None or self.against == "none":
            return None
        found = _compared(Range(self.first_day, self.last_day), self.against)
        if found is None:
            return None
        return Period(self.choice, self.zone, found.first, found.last, _last_moment(found.last, self.zone))


def parse(text: str | None) -> Choice:
    """The choice that `text` names; the default for None and for anything unknown.

    Raises ValueError for a range whose days do not exist.
    """
    if text is not None and _BETWEEN in text:
        return parse_range(*text.split(_BETWEEN, 1))
    return next((choice for choice in PRESETS if choice == text), DEFAULT)


def parse_comparison(text: str | None) -> Comparison:
    """The days to compare with that `text` names; otherwise as `parse`."""
    if text is not None and _BETWEEN in text:
        return parse_range(*text.split(_BETWEEN, 1))
    return next((shift for shift in SHIFTS if shift == text), DEFAULT_SHIFT)


def parse_range(first: str, last: str) -> Range:
    """The days between two dates such as 2026-03-31, in either order; raises ValueError for anything else."""
    found = sorted(date.fromisoformat(text.strip()) for text in (first, last))
    return Range(found[0], found[1])


def period(choice: Choice, newest: datetime | None, zone: ZoneInfo, against: Comparison = DEFAULT_SHIFT) -> Period:
    """The days of this choice, as far as there are readings; `newest` is the time of the last one."""
    if newest is None:
        return Period(choice, zone, None, None, None, against)
    today = day_of(newest, zone)
    if choice == "all":
        return Period(choice, zone, None, today, newest, against)
    asked = choice if isinstance(choice, Range) else _preset(choice, today)
    last = min(asked.last, today)
    end = newest if last == today else _last_moment(last, zone)
    return Period(choice, zone, min(asked.first, last), last, end, against)


def step(first: date | None, last: date | None) -> Step:
    """The step of a chart over these days: by day up to a quarter, by week up to two years, then by month."""
    length = 0 if first is None or last is None else (last - first).days
    if length <= 93:
        return "day"
    return "week" if length <= 740 else "month"


def days_within(begins: date, step: Step, first: date | None, last: date | None) -> int | None:
    """The number of days of a step that lie in first..last; None for a whole step.

    `begins` is the first day of the step; `first` and `last` None are no bounds.
    """
    length = {"day": 1, "week": _WEEK, "month": monthrange(begins.year, begins.month)[1]}[step]
    ends = begins + timedelta(days=length - 1)
    within = (min(ends, last or ends) - max(begins, first or begins)).days + 1
    return None if within == length else max(within, 0)


def _preset(choice: Preset, today: date) -> Range:
    match choice:
        case "month":
            return Range(today.replace(day=1), today)
        case "last-month":
            last = today.replace(day=1) - _DAY
            return Range(last.replace(day=1), last)
        case "year":
            return Range(today.replace(month=1, day=1), today)
        case _:
            return Range(today - timedelta(days=int(choice) - 1), today)


def _compared(days: Range, against: Comparison) -> Range | None:
    """The days to compare with, None where they lie before the year 1.

    Whole weeks earlier have the same weekdays; a year of 52 weeks also passes over 29 February.
    """
    if isinstance(against, Range):
        return against
    weeks = -(-days.days // _WEEK) * _WEEK
    shifts = {"weekday": weeks, "previous": days.days, "year": max(_YEAR, weeks)}
    try:
        return days.earlier(shifts[against])
    except OverflowError:
        return None


def _last_moment(day: date, zone: ZoneInfo) -> datetime:
    return day_start(day + _DAY, zone) - _TICK
