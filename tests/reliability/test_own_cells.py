"""A row that breaks off costs its own cells only: the others are played and judged as if it were not there."""

from __future__ import annotations

import signal
from uuid import UUID

import pytest

from tests.reliability import machine
from tests.reliability.invariants import INVARIANTS
from tests.reliability.own_cells import OwnCells
from tests.reliability.play import played
from tests.reliability.rows import Row
from tests.reliability.stage import House, NotHere, Outcome
from tests.reliability.table import MACHINE_ROWS


def _leaves_a_ruin(there: House, row: Row) -> UUID:
    """Breaks off with the worker frozen, a second one at work, the trigger off and the database stopped."""
    there.workers.signal(0, signal.SIGSTOP)
    there.workers.add()
    there.desk.conn.execute("alter table public.sync_jobs disable trigger job_enqueued")
    there.database.stop()
    raise AssertionError("this row was to break")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_rows_that_break_off_leave_every_other_row_as_it_would_be() -> None:
    (good,) = [row for row in MACHINE_ROWS if row.key == "notify-lost"]
    unknown = Row("unknown", "", "", "", ({"kind": "no such fault"},))
    plain = Row("plain", "", "", "")
    ruin = Row("ruin", "", "", "")
    scenarios = {"ruin": _leaves_a_ruin, "notify-lost": machine.notify_lost}
    outcomes = played([unknown, plain], [ruin, good], scenarios)
    assert "this row was to break" in outcomes["ruin"].broke
    assert "_leaves_a_ruin" in outcomes["ruin"].broke
    assert outcomes["unknown"].broke
    for row in (plain, good):
        seen = outcomes[row.key]
        assert seen.goes_on, seen.broke
        assert [wrong for holds in INVARIANTS.values() for wrong in holds(row, seen)] == []


def test_what_ends_the_process_is_no_rows_own_and_what_cannot_be_done_here_is_skipped() -> None:
    outcome = Outcome()
    with OwnCells(outcome):
        raise NotHere("no root here")
    assert (outcome.skipped, outcome.broke) == ("no root here", "")
    with pytest.raises(KeyboardInterrupt), OwnCells(outcome):
        raise KeyboardInterrupt
    with OwnCells(outcome):
        raise StopIteration("first")
    with OwnCells(outcome):
        raise OSError("second")
    assert "first" in outcome.broke
    assert "second" not in outcome.broke
