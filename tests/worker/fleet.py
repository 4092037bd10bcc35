"""Real worker processes for a test, and waiting for what they leave in the database."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

REPO = Path(__file__).resolve().parents[2]
# Short times, so that a test sees in a second what takes minutes in earnest.
QUICK = {
    "WORKER_LEASE_SECONDS": "3",
    "WORKER_POLL_SECONDS": "0.3",
    "WORKER_DRAIN_SECONDS": "1",
    "RETRY_BASE_SECONDS": "0.05",
    "RETRY_CAP_SECONDS": "0.2",
    "SCHEDULER": "false",
    "LOG_FORMAT": "json",
}
PLAYED: LiteralString = """
create table public.played (
  id bigint generated always as identity primary key,
  job_id uuid not null, fence bigint not null, what text not null, pid int not null,
  at timestamptz not null default clock_timestamp()
);
alter table public.played enable row level security;
grant all on public.played to service_role;
"""


def as_url(conninfo: str) -> str:
    """A connection string as the URL that settings want."""
    return "postgresql:///?" + urlencode(conninfo_to_dict(conninfo))


class WorkerProcess:
    """One worker; its log is a file, read with `log()`."""

    def __init__(self, url: str, concurrency: int, **environ: str) -> None:
        handle, name = tempfile.mkstemp(prefix="worker-", suffix=".log")
        self._log = Path(name)
        with os.fdopen(handle, "w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.worker.worker_process"],
                cwd=REPO,
                env=os.environ
                | QUICK
                | {"DATABASE_URL": as_url(url), "WORKER_CONCURRENCY": str(concurrency)}
                | environ,
                stderr=out,
                stdout=out,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 60) -> int:
        return self.process.wait(seconds)

    def log(self) -> str:
        return self._log.read_text()

    def until_logged(self, event: str) -> None:
        until(lambda: event in self.log(), what=self.log)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        self._log.unlink()


@contextmanager
def workers(url: str, count: int = 1, concurrency: int = 2, **environ: str) -> Iterator[list[WorkerProcess]]:
    """So many workers, started and listening; killed at the end."""
    made = [WorkerProcess(url, concurrency, **environ) for _ in range(count)]
    try:
        for worker in made:
            worker.until_logged("worker_started")
        yield made
    finally:
        for worker in made:
            worker.end()


def until(holds: Callable[[], Any], seconds: float = 240, what: Callable[[], object] = lambda: "") -> Any:
    """The first true answer of `holds`; the test fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := holds()):
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds} s: {what()}")
        time.sleep(0.02)
    return answer


class Seen:
    """What the workers left behind, read by the database's owner."""

    def __init__(self, conn: psycopg.Connection[dict[str, Any]], *, make: bool = True) -> None:
        self._conn = conn
        if make:
            conn.execute(PLAYED)

    def job(self, job_id: object) -> dict[str, Any]:
        row = self._conn.execute("select * from public.sync_jobs where id = %s", (job_id,)).fetchone()
        assert row is not None
        return row

    def state(self, job_id: object) -> str:
        return str(self.job(job_id)["state"])

    def played(self, job_id: object) -> list[str]:
        rows = self._conn.execute("select what from public.played where job_id = %s order by id", (job_id,))
        return [row["what"] for row in rows]

    def attempts(self, job_id: object) -> list[tuple[str | None, str | None]]:
        rows = self._conn.execute(
            "select outcome, error_code from public.sync_attempts where job_id = %s order by fence", (job_id,)
        )
        return [(row["outcome"], row["error_code"]) for row in rows]

    def until_state(self, job_id: object, *states: str, seconds: float = 240) -> dict[str, Any]:
        until(lambda: self.state(job_id) in states, seconds, lambda: self.job(job_id))
        return self.job(job_id)

    def until_played(self, job_id: object, what: str) -> None:
        until(lambda: what in self.played(job_id), what=lambda: self.job(job_id))
