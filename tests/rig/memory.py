"""The memory of processes, and how much it may grow."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

MARK_DRIFT = 0.05


def own_megabytes(processes: Sequence[psutil.Process]) -> float:
    """Their anonymous memory in MB, shared pages counted once (`Pss_Anon`, Linux); who ends in between counts nothing.

    Unlike the PSS it leaves out mapped files, whose share depends on what else runs on the machine, and PostgreSQL's
    shared buffers, a cache of a fixed size that fills as rows are written.
    """
    total = 0
    for pid in {p.pid for p in processes}:
        with suppress(FileNotFoundError, ProcessLookupError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss_Anon:"))
    return total * 1024 / 1e6
