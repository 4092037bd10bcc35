"""Sums days up to weeks, with pandas. Import it where it is used: an idle worker would be half again as large."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from worker.exports.columns import Column, Kind

_LAST = ("followers", "following", "media")
_SUMS = (
    "gained",
    "lost",
    "net",
    "returned",
    "renamed",
    "posts",
    "likes",
    "comments",
    "plays",
    "engagement_numerator",
    "engagement_denominator",
    "engagement_posts",
    "whole_runs",
    "partial_runs",
)


def _number(name: str, means: str) -> Column:
    return Column(name, Kind.NUMBER, "", means)


WEEKS: tuple[Column, ...] = (
    Column("week", Kind.DAY, "", "the Monday with which it begins"),
    _number("days", "days of the week on which something is known"),
    _number("days_compared", "days on which a complete list showed changes: gained and lost are sums over these"),
    *(_number(name, "the last known count of the week") for name in _LAST),
    *(_number(name, "the sum over the days that know it") for name in _SUMS),
    _number("engagement_rate", "interactions for every hundred of the denominator, of the week's posts together"),
)


def weeks(days: Sequence[Sequence[object]], columns: Sequence[Column]) -> list[tuple[object, ...]]:
    """The weeks of `days` (rows of `columns`, one for each day), newest first, in the columns of WEEKS.

    A sum of nothing known is None, never zero.
    """
    if not days:
        return []
    frame = pd.DataFrame(list(days), columns=[column.name for column in columns], dtype=object).sort_values("day")
    day = pd.to_datetime(frame["day"])
    week = (day - pd.to_timedelta(day.dt.day_of_week, unit="D")).dt.date
    figures = frame[[*_LAST, *_SUMS]].astype("Int64").groupby(week)
    made = figures[list(_SUMS)].sum(min_count=1)
    made[list(_LAST)] = figures[list(_LAST)].last()
    made["days"] = figures.size().astype("Int64")
    made["days_compared"] = figures["gained"].count().astype("Int64")
    made["engagement_rate"] = _rate(made["engagement_numerator"], made["engagement_denominator"])
    names = [column.name for column in WEEKS[1:]]
    ordered = made.sort_index(ascending=False)
    values = ordered[names].astype(object).where(ordered[names].notna(), None)
    return [(first, *row) for first, row in zip(ordered.index, values.itertuples(index=False, name=None), strict=True)]


def _rate(numerator: pd.Series[int], denominator: pd.Series[int]) -> pd.Series[float]:
    return (100 * numerator / denominator.where(denominator > 0)).astype("Float64").round(4)
