"""Makes strangers' texts safe for a spreadsheet: no cell becomes a formula, and each change can be undone. Pure.

Programs take a cell for a formula when it begins with `=`, `+`, `-` or `@`, also in their full-width forms, and also
after white space, a byte order mark or an invisible character. A CSV that is opened with another separator (a
semicolon, as in much of Europe, or a tab), or one whose lines are cut within quotes, has cells that begin in the middle
of ours; so each piece is checked.
"""

import re
from collections.abc import Iterable, Sequence
from unicodedata import category

CELL_LIMIT = 32_767  # characters of a cell in XLSX, counted as UTF-16 does
CUT_MARK = " … (cut)"
# The four signs and every character whose compatibility form begins with one of them or with the minus sign.
FORMULA_SIGNS = "=+\\-@−＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋⩵⩶﬩"
_SIGN = re.compile(f"[{FORMULA_SIGNS}]")
_BREAKS = ";\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
_PIECES = re.compile(f"([{_BREAKS}])")
# A letter or digit at the start and no second piece: this one check settles nearly all names.
_HARMLESS = re.compile(rf"\w[^{_BREAKS}]*+\Z")
_PLAIN_CELL = rf"(?:\w[^{_BREAKS}\",\0]*+)?"
_PLAIN = re.compile(_PLAIN_CELL)
_ALL_PLAIN = re.compile(rf"{_PLAIN_CELL}(?:\0{_PLAIN_CELL})*+")
_QUOTED = re.compile('[",\r\n]')
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def reads_as_formula(text: str) -> bool:
    """Whether any spreadsheet may take a cell of this text for a formula."""
    for letter in text:
        # White space, line ends, controls and invisible marks may be skipped over.
        if category(letter)[0] not in "ZC":
            return _SIGN.match(letter) is not None
    return False


def csv_text(text: str) -> str:
    """The text for a CSV cell: an apostrophe stands before anything that might read as a formula, and before a leading
    tab or line end. `csv_original` undoes it.
    """
    if _HARMLESS.match(text):
        return text
    guarded = "".join(map(_guarded, _PIECES.split(text)))
    return f"'{guarded}" if _begins_with_break(text) else guarded


def csv_cell(text: str | None) -> str:
    """The text between two commas: by `csv_text`, in quotes where RFC 4180 asks for them; None is empty."""
    if text is None:
        return ""
    if _PLAIN.fullmatch(text):
        return text
    guarded = csv_text(text)
    return guarded if _QUOTED.search(guarded) is None else '"{}"'.format(guarded.replace('"', '""'))


def csv_cells(texts: Sequence[str | None]) -> Iterable[str]:
    """`csv_cell` of each; a column of a thousand harmless names needs one check only."""
    try:
        if _ALL_PLAIN.fullmatch("\0".join(texts)):  # type: ignore[arg-type]
            return texts  # type: ignore[return-value]
    except TypeError:
        # There is a None among them.
        pass
    return map(csv_cell, texts)


def csv_original(cell: str) -> str:
    """The text from which `csv_text` made this cell."""
    if cell.startswith("'") and _begins_with_break(cell[1:]):
        cell = cell[1:]
    return "".join(map(_unguarded, _PIECES.split(cell)))


def sheet_text(text: str) -> str:
    """The text for an XLSX cell, which is stored as text and so needs no apostrophe.

    Characters that XML cannot hold become U+FFFD, line ends become `\\n`, `_x0041_` (which Excel would read as a
    letter) is escaped as the format asks, and a text too long for a cell is cut with a note.
    """
    clean = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", _LINE_END.sub("\n", text))
    clean = _ESCAPE_LIKE.sub("_x005F_", clean)
    return clean if len(clean) * 2 <= CELL_LIMIT else _cut(clean)


def _cut(text: str) -> str:
    if _utf16(text) <= CELL_LIMIT:
        return text
    while (over := _utf16(text) + len(CUT_MARK) - CELL_LIMIT) > 0:
        # A character counts for one or two.
        text = text[: -max(1, over // 2)]
    return text + CUT_MARK


def _guarded(piece: str) -> str:
    return f"'{piece}" if _needs_guard(piece) else piece


def _unguarded(piece: str) -> str:
    return piece[1:] if piece.startswith("'") and _needs_guard(piece[1:]) else piece


def _needs_guard(piece: str) -> bool:
    # A text that begins with apostrophes gets one more, so that removing one always gives the original. A quote
    # before the sign is lost where another separator splits the cell: `;"=1` is written `;""=1`, an empty text and =1.
    return reads_as_formula(piece.lstrip("'\""))


def _begins_with_break(text: str) -> bool:
    return text.lstrip("'")[:1] in ("\t", "\r", "\n")


def _utf16(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)
