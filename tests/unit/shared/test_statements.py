"""Named SQL statements are read from their file, and a wrong name is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from shared.db.statements import statements

_TWO = """-- The file's own comment, 100 % of it.

-- name: first
-- A comment of the first.
select %(one)s,
  2

-- name: second
select 3
"""


def module(folder: Path, text: str) -> str:
    (folder / "people.sql").write_text(text, encoding="utf-8")
    return str(folder / "people.py")


def take(module: str, names: Iterable[str]) -> list[str]:
    with statements(module) as named:
        return [named(name) for name in names]


def test_statements_come_by_name_and_without_comments(tmp_path: Path) -> None:
    assert take(module(tmp_path, _TWO), ["second", "first"]) == ["select 3", "select %(one)s,\n  2"]


@pytest.mark.parametrize(
    ("text", "names", "error"),
    [
        (_TWO, ["first", "second", "third"], "people.sql has no statement third"),
        (_TWO, ["first", "first"], "people.sql has no statement first, or it was taken before"),
        (_TWO, ["second"], "people.sql does not take: first"),
        (_TWO.replace("second", "first"), ["first"], "people.sql has more than one statement first"),
    ],
    ids=["unknown", "taken twice", "not taken", "named twice"],
)
def test_a_wrong_name_is_an_error(tmp_path: Path, text: str, names: list[str], error: str) -> None:
    with pytest.raises(ValueError, match=re.escape(error)):
        take(module(tmp_path, text), names)
