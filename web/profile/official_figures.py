"""Combines official figures for the pages: the days of a metric with their gaps, and what is refused.

Nothing here is worked out: a figure is the platform's own, or it is missing, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from shared.db.pools import WebConnection
from shared.domain.metrics import Break, Level, Metric, metrics_of
from shared.domain.periods import Period
from shared.error_text import message
from shared.messages import Message
from shared.store.insights import reading
from shared.store.insights.reading import DayValue, Span
from shared.store.profiles.profiles import ProfileRow
from web.translation import translate

_LATE = Message("not reported yet")
_NONE = Message("no figure")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a metric; `missing` is the reason where it has no value."""

    day: date
    value: Decimal | None
    provisional: bool = False
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """The days of a metric from one source, the oldest first, and the breaks between them.

    `read_at` is the time of the newest reading among them. `more_to_come` says that earlier days are still to be read.
    """

    metric: Metric
    source: str
    days: Sequence[Day]
    breaks: Sequence[Break]
    read_at: datetime | None
    more_to_come: bool

    @property
    def known(self) -> bool:
        return self.read_at is not None


@dataclass(frozen=True, slots=True)
class NotGiven:
    """A metric that a source does not give since a time; `because` are sentences for people."""

    source: str
    since: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a profile's official figures: the days that were asked for, and what is not given."""

    spans: Sequence[Span]
    not_given: Mapping[str, Sequence[NotGiven]]

    @property
    def anything(self) -> bool:
        return bool(self.spans or self.not_given)


def load(conn: WebConnection, profile: ProfileRow) -> Known:
    """The coverage of each source, and by the id of a metric who does not give it."""
    ids = {one.id for one in metrics_of(profile.platform, Level.ACCOUNT, daily=True)}
    by_metric: dict[str, list[NotGiven]] = {}
    for one in reading.refusals(conn, profile.id):
        if one.metric in ids:
            because = translate(message(one.code, {}, profile.platform))
            by_metric.setdefault(one.metric, []).append(NotGiven(one.source, one.since, because))
    return Known(reading.spans(conn, profile.id), by_metric)


def courses(
    conn: WebConnection, profile_id: UUID, metric: Metric, period: Period, spans: Sequence[Span]
) -> list[Course]:
    """The metric's days in the period, for each source that has any."""
    if period.last_day is None or period.end is None:
        return []
    rows = reading.series(conn, profile_id, [metric.id], period.first_day or date.min, period.last_day)
    by_source: dict[str, list[DayValue]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(row)
    covered = {one.source: one for one in spans}
    sources = sorted({*by_source, *covered})
    made = [_course(metric, source, by_source.get(source, []), period, covered.get(source)) for source in sources]
    return [one for one in made if one.days]


def _course(metric: Metric, source: str, rows: Sequence[DayValue], period: Period, span: Span | None) -> Course:
    values, at = {row.day: row for row in rows}, period.end
    days = [_day(day, values, metric, at) for day in _range(rows, period, span)]
    read_at = max((row.captured_at for row in rows), default=None)
    within = [one for one in metric.breaks if days and days[0].day < one.on <= days[-1].day]
    earlier = span is not None and not span.complete and (period.first_day or date.min) < span.first_day
    return Course(metric, source, days, within, read_at, earlier)


def _range(rows: Sequence[DayValue], period: Period, span: Span | None) -> Iterable[date]:
    """The days of the period that the source was asked for, or that it has."""
    there = [row.day for row in rows] + ([] if span is None else [span.first_day, span.last_day])
    if not there or period.last_day is None:
        return
    day, last = max(min(there), period.first_day or date.min), min(max(there), period.last_day)
    while day <= last:
        yield day
        day += _DAY


def _day(day: date, values: Mapping[date, DayValue], metric: Metric, at: datetime | None) -> Day:
    if (found := values.get(day)) is not None:
        return Day(day, found.value, found.provisional)
    late = at is not None and not metric.is_settled(day, at)
    return Day(day, None, missing=_LATE if late else _NONE)
