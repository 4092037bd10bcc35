"""Days and totals of official figures, each with its source and its time. For the worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from json import dumps
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.insights import Coverage, DayFigure, Days, Total
from shared.domain.metrics import Metric

with statements(__file__) as named:
    _SAVE_DAYS = named("save_days")
    _SAVE_TOTALS = named("save_totals")
    _REMOVE_UNRENEWED = named("remove_unrenewed")
    _COVERAGE = named("coverage")
    _COVER = named("cover")
    _LAST_DAY = named("last_day")
    _REFUSE = named("refuse")
    _GIVEN_AGAIN = named("given_again")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose figures they are, and by which way in they came."""

    user_id: UUID
    profile_id: UUID
    source: str

    def values(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "profile_id": self.profile_id, "source": self.source}


@dataclass(frozen=True, slots=True)
class _Covered:
    first_day: Any
    last_day: Any
    complete: bool
    renewed_at: datetime


async def save_days(
    conn: WorkerConnection, whose: Owner, figures: Iterable[DayFigure], metrics: Mapping[str, Metric], at: datetime
) -> int:
    """Stores the days that were read `at` this time, and returns how many differ from what was stored.

    An older reading never replaces a newer one. Raises KeyError for a metric that is not declared.
    """
    rows = [
        {
            "metric": one.metric,
            "day": one.day.isoformat(),
            "value": str(one.value),
            "provisional": not metrics[one.metric].is_settled(one.day, at),
        }
        for one in figures
    ]
    row = await (await conn.execute(_SAVE_DAYS, {**whose.values(), "at": at, "rows": dumps(rows)})).fetchone()
    return 0 if row is None else int(row["changed"])


async def save_totals(
    conn: WorkerConnection, whose: Owner, figures: Iterable[Total], metrics: Mapping[str, Metric], at: datetime
) -> None:
    """Stores totals of ranges, each as the platform gave it."""
    rows = [
        {
            "metric": one.metric,
            "first_day": one.days.first.isoformat(),
            "last_day": one.days.last.isoformat(),
            "value": str(one.value),
            "provisional": not metrics[one.metric].is_settled(one.days.last, at),
        }
        for one in figures
    ]
    await conn.execute(_SAVE_TOTALS, {**whose.values(), "at": at, "rows": dumps(rows)})


async def remove_unrenewed(conn: WorkerConnection, whose: Owner, days: Days, since: datetime) -> int:
    """Removes figures of these days that the walk since this time did not find any more, and returns their number."""
    given = {**whose.values(), "first": days.first, "last": days.last, "since": since}
    return (await conn.execute(_REMOVE_UNRENEWED, given)).rowcount


async def coverage(conn: WorkerConnection, whose: Owner) -> Coverage | None:
    """The days that were asked for by this way in; None before the first sync."""
    async with conn.cursor(row_factory=class_row(_Covered)) as cursor:
        row = await (await cursor.execute(_COVERAGE, whose.values())).fetchone()
    return None if row is None else Coverage(Days(row.first_day, row.last_day), row.complete, row.renewed_at)


async def last_day(conn: WorkerConnection, whose: Owner) -> date | None:
    """The newest day with a figure by this way in; None before the first one."""
    row = await (await conn.execute(_LAST_DAY, whose.values())).fetchone()
    found: date | None = None if row is None else row["last_day"]
    return found


async def cover(
    conn: WorkerConnection, whose: Owner, days: Days, *, complete: bool, renewed_at: datetime | None
) -> None:
    """Records that these days, which touch those of before, were asked for.

    `complete` says that the profile has no earlier ones; `renewed_at` that the whole range was asked for by then.
    """
    given = {**whose.values(), "first": days.first, "last": days.last, "complete": complete, "renewed_at": renewed_at}
    await conn.execute(_COVER, given)


async def note_refusals(
    conn: WorkerConnection, whose: Owner, asked: Iterable[str], refused: Iterable[str], at: datetime, code: str
) -> None:
    """Keeps since when the platform refuses each of these metrics or breakdowns; what it gives again is forgotten."""
    await conn.execute(_REFUSE, {**whose.values(), "refused": sorted(refused), "at": at, "code": code})
    await conn.execute(_GIVEN_AGAIN, {**whose.values(), "given": sorted({*asked} - {*refused})})
