"""CSV after RFC 4180: commas, quotes where needed, CRLF; UTF-8 with a byte order mark, so that Excel reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from shared.domain.spreadsheet import csv_cells
from worker.exports.cells import Moments
from worker.exports.columns import Column, Kind

_WORDS = {True: "true", False: "false", None: ""}
_Column = Callable[[Sequence[Any]], Iterable[str]]


class CsvFile:
    """Writes rows below a header; None becomes an empty cell. Moments are ISO 8601 with the offset of `zone`.

    Converts column by column, because a million rows would take three times as long cell by cell.
    """

    takes_long = False

    def __init__(self, file: BinaryIO, columns: Sequence[Column], zone: ZoneInfo) -> None:
        self._file = file
        moments = Moments(zone, _iso, "")
        as_text: dict[Kind, _Column] = {
            Kind.TEXT: csv_cells,
            Kind.YES_NO: lambda values: map(_WORDS.__getitem__, values),
            Kind.MOMENT: lambda values: map(moments.__getitem__, values),
            Kind.NUMBER: lambda values: map(_number, values),
            Kind.DAY: lambda values: map(_day, values),
        }
        self._columns = [as_text[column.kind] for column in columns]
        file.write(b"\xef\xbb\xbf")
        self._lines([",".join(csv_cells([column.name for column in columns]))])

    def write(self, rows: Sequence[Sequence[object]]) -> None:
        """Appends rows of the columns' values."""
        columns = zip(self._columns, zip(*rows, strict=True), strict=bool(rows))
        self._lines(map(",".join, zip(*(as_text(values) for as_text, values in columns), strict=True)))

    def _lines(self, lines: Iterable[str]) -> None:
        text = "".join([f"{line}\r\n" for line in lines])
        # The database cannot hold text that does not encode (half a character) either.
        self._file.write(text.encode("utf-8", "replace"))


def _number(value: float | None) -> str:
    return "" if value is None else str(value)


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
