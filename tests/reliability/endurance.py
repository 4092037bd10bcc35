"""Two hundred jobs in a row: what the worker and its browser take must not grow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from uuid import UUID

from bench.idle import MARK_DRIFT, own_megabytes
from shared.settings import Settings
from tests.reliability.machine import SIGNS_SECONDS
from tests.reliability.rows import Row
from tests.reliability.stage import House, NotHere, begin

_WINDOW_OVER: LiteralString = "update public.request_budget set window_ends = now() where profile_id = %s"
_JOBS, _WARM, _LOOKS = 200, 20, 5


@dataclass(frozen=True, slots=True)
class _Look:
    """How many processes there are, and in MB what is their own, the least of several moments: the worker's and all."""

    processes: int
    worker: float
    whole: float


def two_hundred_jobs(there: House, row: Row) -> UUID:
    """Raises AssertionError where processes or memory two hundred jobs later are not what they were."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise NotHere("this system does not tell what is a process's own")
    # Both looks find a browser of the same age.
    assert _JOBS % Settings().browser_context_jobs == 0
    for _ in range(_WARM):
        _read(there, row)
    before = _look(there, row)
    for _ in range(_JOBS - _LOOKS):
        job = _read(there, row)
    after = _look(there, row)
    assert after.processes == before.processes, (before, after)
    assert after.worker <= before.worker * (1 + MARK_DRIFT), (before, after)
    assert after.whole <= before.whole * (1 + MARK_DRIFT), (before, after)
    return job


def _look(there: House, row: Row) -> _Look:
    seen = []
    for _ in range(_LOOKS):
        _read(there, row)
        processes = there.workers.all()
        seen.append((len(processes), own_megabytes(processes[:1]), own_megabytes(processes)))
    return _Look(*(min(figures) for figures in zip(*seen, strict=True)))


def _read(there: House, row: Row) -> UUID:
    """One reading, as if eleven minutes had passed since the one before; the day's budget goes on counting."""
    there.desk.conn.execute(_WINDOW_OVER, [there.profile(row)])
    job = begin(there, row)
    (ended,) = there.desk.ended([job], SIGNS_SECONDS)
    assert ended["state"] == "COMPLETED", ended["error_message"]
    return job
