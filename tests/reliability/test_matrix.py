"""Every fault against every invariant: each cell of docs/reliability.md is one of these tests."""

import pytest

from tests.reliability.invariants import INVARIANTS
from tests.reliability.rows import Row
from tests.reliability.stage import Outcome
from tests.reliability.table import ROWS

pytestmark = [pytest.mark.slow, pytest.mark.matrix, pytest.mark.timeout(7200)]


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda name: name.replace(" ", "-"))
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_it_holds(row: Row, invariant: str, outcomes: dict[str, Outcome]) -> None:
    seen = outcomes[row.key]
    if seen.skipped:
        pytest.skip(seen.skipped)
    assert not seen.broke, seen.broke
    assert INVARIANTS[invariant](row, seen) == []
