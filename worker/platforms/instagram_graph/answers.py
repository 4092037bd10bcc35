"""Parses answers with insights: series of days, totals, and totals by breakdown. Pure.

An answer without an entry for a metric has no data of it, which is no zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from worker.platforms.http_api import Json
from worker.platforms.instagram_graph.windows import day_before
from worker.platforms.json_fields import child, items, line, moment


def series(body: Json, name: str) -> Iterator[tuple[date, Decimal]]:
    """The days of a metric."""
    for value in items(_entry(body, name), "values"):
        ends, found = moment(value, "end_time"), number(value.get("value"))
        if ends is not None and found is not None:
            yield day_before(ends), found


def total(body: Json, name: str) -> Decimal | None:
    """The total of a metric, which comes as `total_value` or as the only one of its `values`; None without one."""
    entry = _entry(body, name)
    values = [child(entry, "total_value"), *items(entry, "values")]
    return next((found for one in values if (found := number(one.get("value"))) is not None), None)


def parts(body: Json, name: str, dimensions: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Decimal]]:
    """The total of a metric by the values of these dimensions; others, such as a time frame, are left out."""
    for breakdown in items(child(_entry(body, name), "total_value"), "breakdowns"):
        named = breakdown.get("dimension_keys")
        places = _places(named if isinstance(named, list) else [], dimensions)
        for result in items(breakdown, "results") if places is not None else ():
            keys, found = _keys(result, places or []), number(result.get("value"))
            if keys is not None and found is not None:
                yield keys, found


def hours(body: Json, name: str) -> Mapping[int, Decimal]:
    """The newest value of a metric that has one for each hour; empty without one."""
    values = [child(one, "value") for one in items(_entry(body, name), "values")]
    newest = next((one for one in reversed(values) if one), {})
    known = {hour: number(newest.get(str(hour))) for hour in range(24)}
    return {hour: value for hour, value in known.items() if value is not None}


def number(value: object) -> Decimal | None:
    """A finite number from 0 on; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None


def _entry(body: Json, name: str) -> Json:
    return next((one for one in items(body, "data") if line(one, "name") == name), {})


def _places(named: Sequence[object], dimensions: Sequence[str]) -> list[int] | None:
    """The place of each dimension; None where one is missing."""
    return [named.index(one) for one in dimensions] if all(one in named for one in dimensions) else None


def _keys(result: Json, places: Sequence[int]) -> tuple[str, ...] | None:
    values = result.get("dimension_values")
    if not isinstance(values, list) or any(place >= len(values) for place in places):
        return None
    keys = [values[place] for place in places]
    return tuple(keys) if all(isinstance(key, str) and key for key in keys) else None
