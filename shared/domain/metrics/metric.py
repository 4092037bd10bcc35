"""The declaration of a metric, and the questions that readers ask of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Level(StrEnum):
    """The thing that a metric describes."""

    ACCOUNT = "account"
    MEDIA = "media"
    AUDIENCE = "audience"


class Unit(StrEnum):
    COUNT = "count"
    MINUTES = "minutes"
    SECONDS = "seconds"
    PERCENT = "percent"


class Nature(StrEnum):
    """The way in which a metric counts."""

    COUNTER = "counter"
    """A total up to now, shown as it is."""
    FLOW = "flow"
    """What happened in a day."""
    ESTIMATE = "estimate"
    """An average or a share that the platform computes."""
    UNIQUE = "unique"
    """Different people, so a period is no sum of its days."""


@dataclass(frozen=True, slots=True)
class Break:
    """A day from which on the same name means something else; figures before and after it are not compared."""

    on: date
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One official figure.

    `id` is stored and stays, `field` is the platform's own name. `group` names what is asked for in one call.
    `label` and `sentence` are for people. `sums_days` and `sums_profiles` say what may be added up. The platform keeps
    it from `since` until `until`; `replaced_by` is the id of its successor. `zone` is the time zone of the platform's
    days, and a day is settled `settles_after` its end.
    """

    id: str
    platform: str
    field: str
    level: Level
    unit: Unit
    nature: Nature
    group: str
    label: str
    sentence: str
    sums_days: bool = False
    sums_profiles: bool = False
    since: date | None = None
    until: date | None = None
    replaced_by: str | None = None
    breaks: tuple[Break, ...] = ()
    zone: str = "UTC"
    settles_after: timedelta = timedelta(0)

    @property
    def is_daily(self) -> bool:
        """Whether it comes as a series of days; a counter is only known as it is now."""
        return self.nature is not Nature.COUNTER

    def settles_at(self, day: date) -> datetime:
        """The moment from which on the figure of a day is final (aware)."""
        ends = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.zone))
        return ends + self.settles_after

    def is_settled(self, day: date, at: datetime) -> bool:
        """Whether a figure of the day that was read `at` this moment (aware) is final."""
        return at >= self.settles_at(day)

    def is_kept(self, day: date) -> bool:
        """Whether the platform counts it on that day at all."""
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)

    def break_between(self, first: date, last: date) -> Break | None:
        """The newest break after which `last` lies and before which `first` lies; None where the two compare."""
        crossed = [one for one in self.breaks if first < one.on <= last]
        return max(crossed, key=lambda one: one.on, default=None)
