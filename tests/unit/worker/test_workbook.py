"""Workbooks read back with openpyxl: typed cells, no formulas, whole headers, and nothing left on the disk."""

import re
import tempfile
import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from shared.domain.spreadsheet import sheet_text
from worker.exports.columns import Column, Kind
from worker.exports.workbook import Book

BERLIN = ZoneInfo("Europe/Berlin")
COLUMNS = (
    Column("id", Kind.TEXT, "", "", 20),
    Column("likes", Kind.NUMBER, "", ""),
    Column("seen", Kind.MOMENT, "", ""),
    Column("day", Kind.DAY, "", ""),
    Column("good", Kind.YES_NO, "", ""),
)
NOON = datetime(2026, 7, 1, 12, 0, 5, 999, tzinfo=UTC)


def _saved(book: Book) -> BytesIO:
    file = BytesIO()
    book.save(file)
    return file


def _written(
    rows: list[tuple[object, ...]], columns: tuple[Column, ...] = COLUMNS, rows_of_a_sheet: int = 100
) -> BytesIO:
    book = Book(BERLIN, rows_of_a_sheet)
    sheets = book.table("Rows", columns)
    sheets.write(rows)
    sheets.finish()
    return _saved(book)


def test_cells_have_the_types_of_their_columns_and_unknown_ones_are_empty() -> None:
    file = _written([("0123", 7, NOON, date(2026, 7, 1), True), (None, 1.5, None, None, None)])
    first, second = load_workbook(file)["Rows"].iter_rows(min_row=2)
    assert [(cell.value, cell.data_type) for cell in first] == [
        ("0123", "s"),
        (7, "n"),
        (datetime(2026, 7, 1, 14, 0, 5), "d"),  # noqa: DTZ001
        (datetime(2026, 7, 1), "d"),  # noqa: DTZ001
        (True, "b"),
    ]
    assert [cell.value for cell in second] == [None, 1.5, None, None, None]


def test_rows_that_do_not_fit_go_on_in_another_sheet_with_its_header() -> None:
    file = _written([(str(number), number, None, None, None) for number in range(8)], rows_of_a_sheet=4)
    book = load_workbook(file)
    assert book.sheetnames == ["About", "Rows", "Rows 2", "Rows 3"]
    shown = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets[1:]]
    assert shown == [["id", "0", "1", "2"], ["id", "3", "4", "5"], ["id", "6", "7"]]
    assert [sheet.auto_filter.ref for sheet in book.worksheets[1:]] == ["A1:E4", "A1:E4", "A1:E3"]
    assert {sheet.freeze_panes for sheet in book.worksheets[1:]} == {"B2"}
    assert book["Rows 3"].column_dimensions["A"].width == 20


def test_the_first_sheet_holds_the_lines_whatever_they_say() -> None:
    book = Book(BERLIN)
    book.about([("What", "=1+1"), ("Rows", 3), ("Made at", datetime(2026, 7, 1, 14))])  # noqa: DTZ001
    rows = list(load_workbook(_saved(book))["About"].iter_rows())
    assert [row[1].value for row in rows] == ["=1+1", 3, datetime(2026, 7, 1, 14)]  # noqa: DTZ001
    assert rows[0][1].data_type == "s"
    assert all(row[0].font.bold for row in rows)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(st.sampled_from("=+-@＝\t\r\n '\"_x0041_#N/A\x00\x0b"), max_size=12),
            st.text(max_size=20),
            st.sampled_from(["#N/A", "#REF!", "=1", "_x0041_", "'=1", "TRUE", "1e5"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_every_text_is_text_and_says_what_it_said(texts: list[str]) -> None:
    file = _written([(text,) for text in texts], COLUMNS[:1])
    cells = [row[0] for row in load_workbook(file)["Rows"].iter_rows(min_row=2)]
    assert [cell.value or "" for cell in cells] == [sheet_text(text) for text in texts]
    assert {cell.data_type for cell in cells if cell.value} <= {"s"}
    with zipfile.ZipFile(file) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert not [sheet for sheet in sheets if re.search(rb"<(?:\w+:)?f[ />]|t=\"(?:e|str)\"", sheet)]


@pytest.mark.parametrize("ending", ["save", "discard"])
def test_nothing_stays_on_the_disk(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    book = Book(BERLIN)
    sheets = book.table("Rows", COLUMNS)
    sheets.write([("1", 1, None, None, None)] * 50)
    assert list(tmp_path.iterdir())
    if ending == "save":
        sheets.finish()
        _saved(book)
    else:
        book.discard()
    assert list(tmp_path.iterdir()) == []
