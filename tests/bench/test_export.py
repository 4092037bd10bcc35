"""The benchmark of exports runs to its end and writes every row of both files and of their floors."""

import pytest

from bench.export import measure

pytestmark = pytest.mark.slow


def test_both_files_and_their_floors_are_written() -> None:
    told = measure(1500, 120)
    assert (told["csv_rows"], told["xlsx_rows"]) == (1500, 120)
    assert all(float(told[name]) > 0 for name in ("csv_ratio", "xlsx_ratio"))
