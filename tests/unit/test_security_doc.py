"""The ASVS claims of docs/security.md are complete, have a verdict, and name existing tests."""

from __future__ import annotations

import re

from tests.conftest import REPO
from tests.faults.lines import Answer, missing_tests

TEXT = (REPO / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in TEXT.splitlines()
    if re.match(r"\| V\d+ ", line)
]


def test_every_chapter_has_one_verdict() -> None:
    assert [row[0].split()[0] for row in ROWS] == [f"V{number}" for number in range(1, 18)]
    assert {row[1] for row in ROWS} <= {"met", "partly", "not met", "not applicable"}


def test_what_is_met_is_shown_by_a_test_that_exists() -> None:
    named = {row[0]: re.findall(r"`(tests/[^`]+)`", row[3]) for row in ROWS}
    assert all(named[row[0]] for row in ROWS if row[1] in ("met", "partly"))
    assert missing_tests({chapter: Answer(tuple(tests)) for chapter, tests in named.items()}) == []


def test_what_is_partly_so_says_what_is_missing() -> None:
    assert all("missing: " in row[2] for row in ROWS if row[1] in ("partly", "not met"))
