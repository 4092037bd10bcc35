"""The web as a process of its own, started with the command of the image."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from shared.vault import keyfiles
from tests.conftest import REPO


class Served:
    """A running `rollcall web` and where it is."""

    def __init__(self, process: subprocess.Popen[bytes], address: str) -> None:
        self.process, self.address = process, address

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)


@contextmanager
def served(url: str, folder: Path, **environ: str) -> Iterator[Served]:
    """A web on a free port over the database at `url`; killed at the end if it is still there."""
    if not keyfiles.ring_path(folder).exists():
        keyfiles.create(folder, datetime(2026, 11, 20, tzinfo=UTC))
    env = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
        "DATABASE_URL": url,
        "ROLLCALL_DATA_DIR": str(folder),
        "PORT": "0",
        "LOG_FORMAT": "json",
        **environ,
    }
    command = [sys.executable, str(REPO / "rollcall.py"), "web"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        line = process.stdout.readline().decode()
        assert line, (folder / "web.log").read_text()
        yield Served(process, line.removeprefix("Rollcall is at ").strip())
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.kill()
        process.wait()
