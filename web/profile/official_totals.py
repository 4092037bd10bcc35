"""Arranges the platform's own totals for the pages: one table for each source, a row for each metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db.pools import WebConnection
from shared.domain.insights import Days
from shared.domain.metrics import Break, Metric
from shared.store.insights import reading
from shared.store.insights.reading import TotalValue
from web.profile.official_figures import NotGiven


@dataclass(frozen=True, slots=True)
class Cell:
    """One total; `crosses` is the break that lies within its range."""

    total: TotalValue | None
    crosses: Break | None


@dataclass(frozen=True, slots=True)
class Row:
    """A metric with a cell for each range; `not_given` where the source gives it no more."""

    metric: Metric
    cells: Sequence[Cell]
    not_given: NotGiven | None


@dataclass(frozen=True, slots=True)
class Totals:
    """The newest totals of a source; `ranges` are the columns, the shortest first."""

    source: str
    ranges: Sequence[Days]
    rows: Sequence[Row]
    read_at: datetime
    provisional: bool


def totals(
    conn: WebConnection, profile_id: UUID, metrics: Sequence[Metric], not_given: Mapping[str, Sequence[NotGiven]]
) -> list[Totals]:
    """The tables of all sources that have totals."""
    by_source: dict[str, list[TotalValue]] = {}
    for one in reading.totals(conn, profile_id):
        by_source.setdefault(one.source, []).append(one)
    return [_of_source(source, found, metrics, not_given) for source, found in by_source.items()]


def _of_source(
    source: str,
    found: Sequence[TotalValue],
    metrics: Sequence[Metric],
    not_given: Mapping[str, Sequence[NotGiven]],
) -> Totals:
    ranges = sorted({Days(one.first_day, one.last_day) for one in found}, key=len)
    values = {(one.metric, one.first_day): one for one in found}
    rows = []
    for metric in metrics:
        refused = next((one for one in not_given.get(metric.id, ()) if one.source == source), None)
        cells = [_cell(metric, days, None if refused else values.get((metric.id, days.first))) for days in ranges]
        rows.append(Row(metric, cells, refused))
    return Totals(source, ranges, rows, max(one.captured_at for one in found), any(one.provisional for one in found))


def _cell(metric: Metric, days: Days, total: TotalValue | None) -> Cell:
    return Cell(total, None if total is None else metric.break_between(days.first, days.last))
