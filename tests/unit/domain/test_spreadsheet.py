"""No cell becomes a formula, in whichever way a file is opened; and nothing is lost by it."""

import csv
import io
import re
import sys
from unicodedata import category, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.spreadsheet import (
    CELL_LIMIT,
    CUT_MARK,
    FORMULA_SIGNS,
    csv_cell,
    csv_cells,
    csv_original,
    csv_text,
    reads_as_formula,
    sheet_text,
)

# Text made of what attacks are made of.
TRICKY = st.text(
    st.one_of(
        st.sampled_from("=+-@＝＋－＠−'\"\t\r\n;,| \ufeff\u200b\xa0\u3000a1"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
TIMES = "2026-11-20T12:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 123", "'+49 30 123"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\tname", "'\tname"),
        ("\rname", "'\rname"),
        ("  =1", "'  =1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\u200b\u3000＝1", "'\u200b\u3000＝1"),
        ("＠sum", "'＠sum"),
        ("−1", "'−1"),
        ("nice;=1+1;day", "nice;'=1+1;day"),
        ('nice;"=1+1', "nice;'\"=1+1"),
        ("first line\n@friend", "first line\n'@friend"),
    ],
)
def test_what_could_be_a_formula_gets_an_apostrophe(text: str, cell: str) -> None:
    assert csv_text(text) == cell


@pytest.mark.parametrize(
    "text",
    [
        "",
        "carla.rossi_99",
        "1=1",
        "Anna - Berlin",
        "mail@example.org",
        "🌸 Carla",
        "'quoted'",
        "#N/A",
        "2026-11-20",
        "ſ",
    ],
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert csv_text(text) == text


@given(TRICKY)
@example("'=")
@example("''\t=")
@example("'\n'=")
@example("\"'=")
@example("'\"=")
def test_taking_the_apostrophes_away_gives_the_original(text: str) -> None:
    assert csv_original(csv_text(text)) == text


def _formula_like(cell: str) -> bool:
    """A reader of spreadsheets, written without looking at ours: skips what programs skip, then looks at one sign."""
    for letter in cell:
        if letter.isspace() or category(letter)[0] in "CZ":
            continue
        return normalize("NFKC", letter)[:1] in set("=+-@\N{MINUS SIGN}")
    return False


def _line(texts: list[str]) -> str:
    return ",".join(["40012", *csv_cells(texts), TIMES]) + "\r\n"


@given(st.lists(TRICKY, min_size=1, max_size=5), st.sampled_from([",", ";", "\t"]))
@example(["a", "b;=1+1;c"], ";")
@example(["x\n=1"], ";")
@example(['a;"=1'], ";")
@example(['"@'], ",")
def test_no_cell_is_a_formula_with_any_separator(texts: list[str], separator: str) -> None:
    for row in csv.reader(io.StringIO(_line(texts), newline=""), delimiter=separator):
        assert not [cell for cell in row if _formula_like(cell.strip('"'))]


@given(st.lists(TRICKY, min_size=1, max_size=5))
def test_nor_when_the_quotes_are_not_understood(texts: list[str]) -> None:
    pieces = re.split("[;\t\r\n]", _line(texts))
    assert not [piece for piece in pieces if _formula_like(piece)]


@given(st.lists(TRICKY, min_size=1, max_size=5))
def test_a_cell_read_back_is_what_was_written(texts: list[str]) -> None:
    ((number, *cells, time),) = csv.reader(io.StringIO(_line(texts), newline=""))
    assert (number, [csv_original(cell) for cell in cells], time) == ("40012", texts, TIMES)


@given(st.lists(st.one_of(st.none(), TRICKY, st.text("abc.1_", max_size=5)), max_size=8))
@example(["a", "b", "=1", "c"])
@example(["a", None, "c"])
@example(["a\0=1", "b"])
@example(["", ""])
def test_a_column_at_once_is_the_same_as_cell_by_cell(texts: list[str | None]) -> None:
    assert list(csv_cells(texts)) == [csv_cell(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (None, ""),
        ("", ""),
        ("Anna Berlin", "Anna Berlin"),
        ("Doe, Jane", '"Doe, Jane"'),
        ('the "best"', '"the ""best"""'),
        ("two\nlines", '"two\nlines"'),
        ('=cmd|"x"', '"\'=cmd|""x"""'),
    ],
)
def test_a_cell_has_quotes_where_the_standard_wants_them(text: str | None, cell: str) -> None:
    assert csv_cell(text) == cell


def test_every_form_of_the_signs_is_known() -> None:
    letters = map(chr, range(sys.maxunicode + 1))
    signs = {letter for letter in letters if normalize("NFKC", letter)[:1] in set("=+-@\N{MINUS SIGN}")}
    assert signs == set(FORMULA_SIGNS.replace("\\", ""))


@given(TRICKY)
def test_text_of_a_sheet_holds_only_what_xml_may(text: str) -> None:
    shown = sheet_text(text)
    assert not re.search("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", shown)


@given(st.text("ab\x00\x0b\x1f\ud800\ufffe\r\n", max_size=30))
def test_controls_and_broken_characters_are_replaced_one_by_one(text: str) -> None:
    shown = sheet_text(text)
    assert shown == re.sub("[^ab\n]", "\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


@given(st.text(st.sampled_from("a😀"), min_size=1, max_size=60), st.integers(400, 1200))
def test_long_text_is_cut_to_the_limit_and_says_so(text: str, times: int) -> None:
    whole = text * times
    shown = sheet_text(whole)
    length = len(shown.encode("utf-16-le")) // 2
    assert length <= CELL_LIMIT
    if len(whole.encode("utf-16-le")) // 2 <= CELL_LIMIT:
        assert shown == whole
    else:
        assert shown.endswith(CUT_MARK)
        assert whole.startswith(shown.removesuffix(CUT_MARK))
        assert length > CELL_LIMIT - 3


def test_what_looks_like_an_escape_of_the_format_is_shown_as_it_is() -> None:
    assert sheet_text("_x0041_ and x0041_ and _x41_") == "_x005F_x0041_ and x0041_ and _x41_"


def test_a_formula_is_known_behind_what_programs_skip() -> None:
    assert reads_as_formula("\ufeff\t \u200b=1")
    assert not reads_as_formula("")
    assert not reads_as_formula("one = two")
