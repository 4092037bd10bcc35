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
_JOBS, _WARM = 200, 20


@dataclass(frozen=True, slots=True)
class _Life:
    """As many jobs as a browser lives for: how many processes there were between two browsers, and in MB what was
    their own then."""

    processes: int
    left: float


def two_hundred_jobs(there: House, row: Row) -> UUID:
    """Raises AssertionError where processes or memory after the last of these jobs are not those after the first."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise NotHere("this system does not tell what is a process's own")
    for _ in range(_WARM):
        job = _read(there, row)
    # What a browser takes goes with it; what is looked at is what all of them have left behind.
    jobs = Settings().browser_context_jobs
    lives = [_life(there, row, jobs) for _ in range(_JOBS // jobs)]
    first, last = lives[0], lives[-1]
    assert last.processes == first.processes, lives
    assert last.left <= first.left * (1 + MARK_DRIFT), lives
    return job


def _life(there: House, row: Row, jobs: int) -> _Life:
    seen = []
    for _ in range(jobs):
        _read(there, row)
        processes = there.workers.all()
        seen.append((len(processes), own_megabytes(processes)))
    return _Life(*min(seen))


def _read(there: House, row: Row) -> UUID:
    """One reading, as if eleven minutes had passed since the one before; the day's budget goes on counting."""
    there.desk.conn.execute(_WINDOW_OVER, [there.profile(row)])
    job = begin(there, row)
    (ended,) = there.desk.ended([job], SIGNS_SECONDS)
    assert ended["state"] == "COMPLETED", ended["error_message"]
    return job
