"""The handler of every queue's benchmark: it counts jobs and notes how long each waited. Standard library only."""

import mmap
import os
import struct
import time
from pathlib import Path


class Tally:
    """A counter in a file that the benchmark reads while it grows, and a line per timed job beside it."""

    def __init__(self, folder: str) -> None:
        path = Path(folder) / f"{os.getpid()}.count"
        path.write_bytes(struct.pack("q", 0))
        with path.open("r+b") as file:
            self._count = mmap.mmap(file.fileno(), 8)
        self._waits = (Path(folder) / f"{os.getpid()}.waits").open("a", buffering=1)
        self._seen = 0

    def started(self, enqueued_at: float | None) -> None:
        """One more job has started; `enqueued_at` is the machine's clock before it was enqueued, if it is timed."""
        self._seen += 1
        struct.pack_into("q", self._count, 0, self._seen)
        if enqueued_at is not None:
            self._waits.write(f"{time.time() - enqueued_at}\n")


def total(folder: Path) -> int:
    """Jobs started by all workers so far."""
    return sum(struct.unpack("q", path.read_bytes())[0] for path in folder.glob("*.count"))


def waits(folder: Path) -> list[float]:
    """Seconds between enqueueing and start of each timed job, sorted."""
    return sorted(float(line) for path in folder.glob("*.waits") for line in path.read_text().split())
