"""The period of a page, and the one before it. Pure.

A period is made of whole days of the profile's own zone, so that lists, sums and charts agree. It ends with the newest
reading and never with the wall clock, because later events are not known yet.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from shared.domain.days import day_of, day_start

Choice = Literal["7", "28", "90", "365", "all"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
DEFAULT: Choice = "28"
Step = Literal["day", "week", "month"]
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days first_day..last_day, up to and with the moment `end`.

    `first_day` None reaches back to the beginning; `last_day` and `end` are None before the first reading.
    """

    choice: Choice
    zone: ZoneInfo
    first_day: date | None
    last_day: date | None
    end: datetime | None

    @property
    def start(self) -> datetime | None:
        """The first moment, which belongs to the period; None for all time."""
        return None if self.first_day is None else day_start(self.first_day, self.zone)

    @property
    def days(self) -> int | None:
        """The length in days, None for all time."""
        return None if self.choice == "all" else int(self.choice)

    def before(self) -> "Period | None":
        """The same number of days right before these; None for all time or before any reading."""
        if self.first_day is None or self.start is None or self.days is None:
            return None
        first, last = self.first_day - timedelta(days=self.days), self.first_day - timedelta(days=1)
        return Period(self.choice, self.zone, first, last, self.start - _TICK)


def parse(text: str | None) -> Choice:
    """The choice that `text` names; the default for None and for anything unknown."""
    return next((choice for choice in CHOICES if choice == text), DEFAULT)


def period(choice: Choice, newest: datetime | None, zone: ZoneInfo) -> Period:
    """The period of this choice whose last day is that of the newest reading."""
    if newest is None:
        return Period(choice, zone, None, None, None)
    last = day_of(newest, zone)
    first = None if choice == "all" else last - timedelta(days=int(choice) - 1)
    return Period(choice, zone, first, last, newest)


def step(first: date | None, last: date | None) -> Step:
    """The step of a chart over these days: by day up to a quarter, by week up to two years, then by month."""
    length = 0 if first is None or last is None else (last - first).days
    if length <= 93:
        return "day"
    return "week" if length <= 740 else "month"
