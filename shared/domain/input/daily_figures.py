"""Reads a CSV file of daily figures: a column of days, and a column for each metric that is declared. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.domain.insights import DayFigure
from shared.domain.metrics import Metric
from shared.errors import InputError

LARGEST_FILE = 10 * 1024**2
_DAYS = frozenset({"date", "day"})
# Names that programs give to Instagram's figures beside the metric's own.
_ALSO = {"saved": "saves", "interactions": "total_interactions", "followers_gained": "follows"}
_UNKNOWN = frozenset({"", "-", "n/a", "na", "nan", "none", "null"})
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_NEXT = "The first line names the columns: date, and names such as reach or views; days are written 2026-11-30."


@dataclass(frozen=True, slots=True)
class DailyFigures:
    """What a file has; `left_out` are the columns that stand for no daily metric of the platform."""

    figures: Sequence[DayFigure]
    left_out: Sequence[str]

    @property
    def first(self) -> date:
        return min(one.day for one in self.figures)

    @property
    def last(self) -> date:
        return max(one.day for one in self.figures)


@dataclass(frozen=True, slots=True)
class _Columns:
    day: int
    metrics: dict[int, str]
    left_out: list[str]


def read(raw: bytes, metrics: Iterable[Metric], today: date) -> DailyFigures:
    """The figures of a file, missing ones left out. Raises InputError, with the line, for what cannot be right."""
    if len(raw) > LARGEST_FILE:
        raise InputError("The file is larger than 10 MB.", next_step=_NEXT)
    try:
        lines = raw.decode("utf-8-sig").splitlines()
        rows = list(csv.reader(lines, delimiter=_delimiter(lines), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InputError("This is no CSV file in UTF-8.", next_step=_NEXT) from None
    columns = _columns(rows[0] if rows else [], metrics)
    figures = tuple(_figures(rows[1:], columns, today))
    if not figures:
        raise InputError("The file has no figure.", next_step=_NEXT)
    return DailyFigures(figures, columns.left_out)


def _delimiter(lines: Sequence[str]) -> str:
    head = lines[0] if lines else ""
    return max(",;\t", key=head.count)


def _columns(head: Sequence[str], metrics: Iterable[Metric]) -> _Columns:
    known = {name: one.id for one in metrics for name in (_plain(one.field), one.id)}
    known |= {other: known[own] for other, own in _ALSO.items() if own in known}
    names = [_plain(name) for name in head]
    days = [place for place, name in enumerate(names) if name in _DAYS]
    found = {place: known[name] for place, name in enumerate(names) if name in known}
    if len(days) != 1 or not found:
        raise InputError("The file names no column of days and figures.", next_step=_NEXT)
    if len(set(found.values())) < len(found):
        raise InputError("Two columns of the file are the same figure.", next_step=_NEXT)
    left_out = [name.strip() for place, name in enumerate(head) if place not in found and place not in days]
    return _Columns(days[0], found, [name for name in left_out if name])


def _figures(rows: Sequence[Sequence[str]], columns: _Columns, today: date) -> Iterator[DayFigure]:
    seen = set[date]()
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        day = _day(row, columns.day, line, today)
        if day in seen:
            raise InputError(f"Line {line}: the day {day} stands there a second time.", next_step=_NEXT)
        seen.add(day)
        for place, metric in columns.metrics.items():
            value = _value(row, place, line)
            if value is not None:
                yield DayFigure(metric, day, value)


def _day(row: Sequence[str], place: int, line: int, today: date) -> date:
    text = row[place].strip() if place < len(row) else ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"Line {line}: this is no day: {text[:40]!r}.", next_step=_NEXT) from None
    if day > today:
        raise InputError(f"Line {line}: the day {day} is still to come.", next_step=_NEXT)
    return day


def _value(row: Sequence[str], place: int, line: int) -> Decimal | None:
    text = row[place].strip() if place < len(row) else ""
    if text.lower() in _UNKNOWN:
        return None
    if _NUMBER.fullmatch(text) is None or not text.isascii():
        raise InputError(f"Line {line}: this is no number: {text[:40]!r}.", next_step=_NEXT)
    return Decimal(text)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
