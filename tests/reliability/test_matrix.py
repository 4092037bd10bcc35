"""Every fault against every invariant: each cell of docs/reliability.md is one of these tests."""

import pytest

from tests.reliability.conftest import Outcomes
from tests.reliability.invariants import INVARIANTS
from tests.reliability.rows import Row
from tests.reliability.table import PARTS

_ROWS = [pytest.param(row, part, id=f"{part}-{row.key}") for part, rows in PARTS.items() for row in rows]
pytestmark = [pytest.mark.slow, pytest.mark.matrix, pytest.mark.timeout(7200)]


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda name: name.replace(" ", "-"))
@pytest.mark.parametrize(("row", "part"), _ROWS)
def test_it_holds(row: Row, part: str, invariant: str, outcomes: Outcomes) -> None:
    seen = outcomes(part)[row.key]
    if seen.skipped:
        pytest.skip(seen.skipped)
    assert not seen.broke, seen.broke
    assert INVARIANTS[invariant](row, seen) == []
