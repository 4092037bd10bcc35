"""Two hundred jobs in a row: what the worker and its browser take must not go on growing."""

from __future__ import annotations

from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psutil

from tests.reliability.machine import SIGNS_SECONDS
from tests.reliability.rows import Row
from tests.reliability.stage import House, NotHere, begin
from tests.reliability.steadiness import Life, complaints
from tests.rig.memory import own_megabytes
from tests.said import error_said

_WINDOW_OVER: LiteralString = "update public.request_budget set window_ends = now() where profile_id = %s"
# A browser lives shorter here than by default: ten lives, of which the first five are the warm-up.
_JOBS, _JOBS_IN_A_LIFE = 200, 20
# The C library gives memory back as soon as it is free, so that what is left is what is still held.
_PROMPT_ALLOCATOR = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


def two_hundred_jobs(there: House, row: Row) -> UUID:
    """Raises AssertionError where processes or memory still grow during the second hundred of these jobs."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise NotHere("this system does not tell what is a process's own")
    there.workers.kill(0, BROWSER_RECYCLE_JOBS=str(_JOBS_IN_A_LIFE), **_PROMPT_ALLOCATOR)
    lives = [_life(there, row) for _ in range(_JOBS // _JOBS_IN_A_LIFE)]
    if wrong := complaints(lives):
        raise AssertionError("; ".join(wrong))
    there.workers.kill(0)
    return _read(there, row)


def _life(there: House, row: Row) -> Life:
    """Reads as often as a browser lives for; what it takes goes with it, and what is left then is looked at."""
    seen = []
    for _ in range(_JOBS_IN_A_LIFE):
        _read(there, row)
        processes = [process for process in there.workers.all() if _lives(process)]
        seen.append((len(processes), own_megabytes(processes)))
    return Life(*min(seen))


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _read(there: House, row: Row) -> UUID:
    """One reading, as if eleven minutes had passed since the one before; the day's budget goes on counting."""
    there.desk.conn.execute(_WINDOW_OVER, [there.profile(row)])
    job = begin(there, row)
    (ended,) = there.desk.ended([job], SIGNS_SECONDS)
    assert ended["state"] == "COMPLETED", error_said(ended)
    return job
