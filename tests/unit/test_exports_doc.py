"""docs/exports.md lists every column of every file, in order, as the code has them."""

import pytest

from shared.domain.exports import TITLES, What
from tests.conftest import REPO
from worker.exports.tables import TABLES

TEXT = (REPO / "docs" / "exports.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("what", What)
def test_the_columns_of_a_file_stand_in_the_document(what: What) -> None:
    heading = f"### {TITLES[what]} (`{what}`)\n"
    assert heading in TEXT
    section = TEXT.split(heading, 1)[1].split("\n### ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{c.name}` | {c.kind.value} | {c.means} |" for c in TABLES[what].columns]
