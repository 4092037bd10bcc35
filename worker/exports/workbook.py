"""XLSX with typed cells, written row by row to the disk: memory stays flat, and no cell is a formula."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES, Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from shared.domain.spreadsheet import reads_as_formula, sheet_text
from worker.exports.cells import Moments
from worker.exports.columns import Column, Kind

ROWS_OF_A_SHEET = 1_048_576  # the most that the format has, the header among them
_BOLD = Font(bold=True)
_NARROWEST = 10


class Book:
    """An unfinished workbook: a first sheet about the file, then tables. End it with `save` or `discard`."""

    def __init__(self, zone: ZoneInfo, rows_of_a_sheet: int = ROWS_OF_A_SHEET) -> None:
        self._book = Workbook(write_only=True)
        self._zone = zone
        self._rows_of_a_sheet = rows_of_a_sheet
        self._about = self.sheet("About")
        self._about.column_dimensions["A"].width = 26
        self._about.column_dimensions["B"].width = 110

    def table(self, title: str, columns: Sequence[Column]) -> TableSheets:
        """A new sheet with a header; further rows continue in `<title> 2` and so on."""
        return TableSheets(self, title, columns, self._zone, self._rows_of_a_sheet)

    def about(self, lines: Sequence[tuple[str, str | int | datetime]]) -> None:
        """Adds lines to the first sheet: a label, and then text, a number or a moment without a zone."""
        for name, value in lines:
            label = text_cell(self._about, name)
            label.font = _BOLD
            shown = text_cell(self._about, value) if isinstance(value, str) else WriteOnlyCell(self._about, value)
            shown.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
            self._about.append([label, shown])

    def save(self, file: BinaryIO) -> None:
        """Writes the finished workbook and removes its temporary files."""
        self._book.save(file)

    def discard(self) -> None:
        """Removes the temporary files of an unwanted workbook."""
        with open(os.devnull, "wb") as nowhere:
            self._book.save(nowhere)

    def sheet(self, title: str) -> Worksheet:
        """A new last sheet for appending only."""
        made: Worksheet = self._book.create_sheet(title)
        return made


class TableSheets:
    """One table over as many sheets as it needs. `rows` counts the written rows, without the headers."""

    takes_long = True

    def __init__(self, book: Book, title: str, columns: Sequence[Column], zone: ZoneInfo, rows_of_a_sheet: int) -> None:
        self.rows = 0
        self._book, self._title, self._columns = book, title, columns
        self._rows_of_a_sheet = rows_of_a_sheet
        self._sheets: list[Worksheet] = []
        self._room = 0
        moments: Moments[datetime | None] = Moments(zone, _without_zone, None)
        made: dict[Kind, Callable[[Any], object]] = {Kind.TEXT: self._cell, Kind.MOMENT: moments.__getitem__}
        self._made = [made.get(column.kind) for column in columns]
        self._begin_sheet()

    def write(self, rows: Sequence[Sequence[object]]) -> None:
        """Appends rows of the columns' values; None leaves its cell empty."""
        for row in rows:
            if not self._room:
                self._begin_sheet()
            pairs = zip(self._made, row, strict=True)
            self._sheets[-1].append([value if made is None else made(value) for made, value in pairs])
            self._room -= 1
        self.rows += len(rows)

    def finish(self) -> None:
        """Puts a filter on the header of each sheet; no row can be written afterwards."""
        last = get_column_letter(len(self._columns))
        for sheet in self._sheets:
            full = sheet is not self._sheets[-1]
            sheet.auto_filter.ref = f"A1:{last}{self._rows_of_a_sheet - (0 if full else self._room)}"

    def _begin_sheet(self) -> None:
        title = self._title if not self._sheets else f"{self._title} {len(self._sheets) + 1}"
        sheet = self._book.sheet(title)
        for number, column in enumerate(self._columns, 1):
            sheet.column_dimensions[get_column_letter(number)].width = max(_NARROWEST, column.width)
        sheet.freeze_panes = "B2"
        header = [text_cell(sheet, column.name) for column in self._columns]
        for cell in header:
            cell.font = _BOLD
        sheet.append(header)
        self._sheets.append(sheet)
        self._room = self._rows_of_a_sheet - 1

    def _cell(self, value: str | None) -> Cell | str | None:
        if value is None:
            return None
        text = sheet_text(value)
        # Nearly every name begins with a letter or a digit, and such a cell is always text.
        if text[:1].isalnum() or not _is_touchy(text):
            return text
        return text_cell(self._sheets[-1], value)


def text_cell(sheet: Worksheet, text: str) -> Cell:
    """A cell that is text whatever it holds, and stays text when edited."""
    shown = sheet_text(text)
    cell = WriteOnlyCell(sheet, shown)
    cell.data_type = "s"
    if _is_touchy(shown):
        cell.quotePrefix = True
    return cell


def _is_touchy(text: str) -> bool:
    return text in ERROR_CODES or reads_as_formula(text)


def _without_zone(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None, microsecond=0)
