"""Official figures as a platform reports them, and the days to ask for. Pure; the days are the platform's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

TRAILING = timedelta(days=7)
"""The last days are asked for again at each sync, because a platform corrects them."""
BEST_BEFORE = timedelta(hours=12)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days, both ends included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class DayFigure:
    """One day of one metric, by the metric's id."""

    metric: str
    day: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Total:
    """One metric over a range of days, as the platform gave it."""

    metric: str
    days: Days
    value: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """One part of an audience: `keys` has a value for each dimension of the breakdown."""

    breakdown: str
    keys: tuple[str, ...]
    metric: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Series:
    """The days of one answer; `refused` are the metrics that the platform does not give to this profile."""

    figures: tuple[DayFigure, ...]
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of one range; `refused` as in `Series`."""

    figures: tuple[Total, ...]
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """The audience of a range by every breakdown; `refused` are the breakdowns that the platform does not give."""

    days: Days
    shares: tuple[Share, ...]
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MediaFigure:
    """One metric of one medium; `part` is the value of its breakdown, empty for the whole."""

    metric: str
    value: Decimal
    part: str = ""


@dataclass(frozen=True, slots=True)
class MediaFigures:
    """The figures of one medium; `refused` are metrics that the platform gives for no medium of this kind.

    `final` is the code of the error of a medium that never has any, so that it is not asked for again. `reach`, `saves`
    and `shares` are those among them that rates are worked out by.
    """

    figures: tuple[MediaFigure, ...]
    refused: frozenset[str] = frozenset()
    final: str | None = None
    reach: int | None = None
    saves: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The days that were asked for; `complete` says that the profile has no earlier ones."""

    days: Days
    complete: bool
    renewed_at: datetime


@dataclass(slots=True)
class DayWalk:
    """The way through the days, newest first; `days` are still to ask for, in this order.

    `renews` says that it asks for the whole range anew, so that what it no longer finds is removed.
    """

    days: list[Days]
    began_at: datetime
    renews: bool = False
    asked: int = 0

    @classmethod
    def begin(
        cls, covered: Coverage | None, there: Days, now: datetime, *, at_once: int, renew_after: timedelta | None
    ) -> DayWalk:
        """The days to ask for now, of those for which there may be figures, in parts of at most `at_once` days.

        Without coverage, or with one older than `renew_after`, all of them; else the trailing week, and what an earlier
        walk left out.
        """
        first, last = there.first, there.last
        renews = covered is not None and renew_after is not None and now - covered.renewed_at >= renew_after
        if covered is None or renews:
            return cls(_split(there, at_once), now, renews)
        behind = covered.days.last - TRAILING + _DAY
        newest = Days(max(first, min(behind, last)), last)
        missing = Days(first, min(covered.days.first, newest.first) - _DAY)
        return cls([*_split(newest, at_once), *([] if covered.complete else _split(missing, at_once))], now)

    @property
    def ended(self) -> bool:
        return not self.days

    @property
    def total(self) -> int:
        """All days of the walk, those behind it included."""
        return self.asked + sum(map(len, self.days))

    def advance(self) -> None:
        """Takes the answer for the next days."""
        self.asked += len(self.days.pop(0))

    def to_json(self) -> dict[str, Any]:
        """The resume point, good for BEST_BEFORE after the walk began."""
        return {
            "days": [[one.first.isoformat(), one.last.isoformat()] for one in self.days],
            "began_at": self.began_at.isoformat(),
            "renews": self.renews,
            "asked": self.asked,
        }

    @classmethod
    def resume(cls, saved: Mapping[str, Any] | None, now: datetime) -> DayWalk | None:
        """The walk that `to_json` stored; None where there is none, or it is too old or unreadable."""
        try:
            if saved is None or datetime.fromisoformat(saved["began_at"]) + BEST_BEFORE <= now:
                return None
            days = [Days(date.fromisoformat(first), date.fromisoformat(last)) for first, last in saved["days"]]
            return cls(days, datetime.fromisoformat(saved["began_at"]), saved["renews"], saved["asked"])
        except (KeyError, ValueError, TypeError):
            return None


def trailing_totals(last: date, lengths: Sequence[int] = (7, 28)) -> list[Days]:
    """The ranges whose totals pages show: the last 7 and the last 28 days up to `last`."""
    return [Days(last - timedelta(days=length - 1), last) for length in lengths]


def _split(days: Days, at_once: int) -> list[Days]:
    """The range in parts of at most so many days, the newest first."""
    parts, last = [], days.last
    while last >= days.first:
        first = max(days.first, last - (at_once - 1) * _DAY)
        parts.append(Days(first, last))
        last = first - _DAY
    return parts
