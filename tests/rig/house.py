"""A house that may be hit: the database and the workers, each of them a real process."""

import os
import signal
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import psycopg
from psycopg.rows import dict_row

from cli.ops.launcher import Child, part
from shared.db import roles
from shared.db.embedded import embedded_server
from shared.db.migrate import migrate
from tests.rig.audit import Owner

_GONE = (psutil.NoSuchProcess, psutil.ZombieProcess, ProcessLookupError)


class Database:
    """The embedded PostgreSQL below `folder`; its address stays the same over stops and starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running = ExitStack()
        self.url = self.start()
        migrate(self.url)
        self.worker_url = roles.allow_login(self.url, roles.WORKER)

    def start(self) -> str:
        self._server = self._running.enter_context(embedded_server(self.folder))
        return self._server.url

    def stop(self) -> None:
        """Shuts the server down; who is connected is thrown out. One that has died already is no fault."""
        with suppress(*_GONE):
            self._running.close()

    def crash(self) -> None:
        """Ends every process of the server at once, as a crash of the machine would end them."""
        master = psutil.Process(int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
        family = [master, *master.children(recursive=True)]
        for process in family:
            with suppress(*_GONE):
                process.kill()
        psutil.wait_procs(family, timeout=10)
        self._running.close()

    def die(self) -> None:
        """Ends the server's first process alone, as the system does when memory is short."""
        psutil.Process(int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])).kill()

    def keep(self) -> bool:
        """What `rollcall up` does every second: starts a server that has died again, and returns whether it had to."""
        return self._server.keep()

    def connect(self) -> Owner:
        return psycopg.connect(self.url, autocommit=True, row_factory=dict_row)

    def cut_connections(self) -> int:
        """Cuts the workers' connections and returns how many there were."""
        with self.connect() as conn:
            return conn.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [roles.WORKER]
            ).rowcount


class Workers:
    """So many real worker processes, which may be killed and frozen; whoever ends is replaced."""

    def __init__(self, count: int, environ: dict[str, str], log: Path) -> None:
        self._environ, self._log = environ, log.open("ab")
        self.children = [self._start() for _ in range(count)]

    def _start(self, module: str | None = None, **environ: str) -> Child:
        child = part("worker", self._environ | environ, output=self._log)
        if module is not None:
            child.command = [sys.executable, "-m", module]
        child.start()
        return child

    def add(self) -> int:
        """Starts one more and returns its place."""
        self.children.append(self._start())
        return len(self.children) - 1

    def remove(self, place: int) -> None:
        """Ends one for good."""
        self.signal(place, signal.SIGKILL)
        child = self.children.pop(place)
        assert child.process is not None
        child.process.wait()

    def kill(self, place: int, module: str | None = None, **environ: str) -> None:
        """Ends one at once, and starts another in its place; `module` says which program, if not the usual one."""
        self.signal(place, signal.SIGKILL)
        process = self.children[place].process
        assert process is not None
        process.wait()
        self.children[place] = self._start(module, **environ)

    def signal(self, place: int, number: signal.Signals) -> None:
        process = self.children[place].process
        assert process is not None
        if process.poll() is None:
            process.send_signal(number)

    def kill_browsers(self) -> int:
        """Ends every Chromium process of every worker and returns how many there were."""
        found = self.browsers()
        for process in found:
            with suppress(*_GONE):
                process.kill()
        return len(found)

    def browsers(self) -> list[psutil.Process]:
        """The Chromium processes of every worker."""
        return [process for process in self.below() if "chrom" in _name(process)]

    def below(self) -> list[psutil.Process]:
        """The processes that the workers have started."""
        found: list[psutil.Process] = []
        for child in self.children:
            with suppress(*_GONE):
                found += psutil.Process(child.process.pid if child.process else 0).children(recursive=True)
        return found

    def all(self) -> list[psutil.Process]:
        """The workers and the processes that they have started."""
        return [*(psutil.Process(child.process.pid) for child in self.children if child.process), *self.below()]

    def ended(self) -> list[str]:
        """Who ended unasked; each is replaced."""
        wrong = []
        for place, child in enumerate(self.children):
            if child.ended():
                wrong.append(f"worker {place} ended by itself with {child.process and child.process.returncode}")
                self.children[place] = self._start()
        return wrong

    def stop(self) -> None:
        """Ends all at once and waits for the browsers below them to be gone."""
        below = self.below()
        for place in range(len(self.children)):
            self.signal(place, signal.SIGCONT)
            self.signal(place, signal.SIGTERM)
        for child in self.children:
            assert child.process is not None
            child.process.wait(60)
        psutil.wait_procs(below, timeout=20)
        self._log.close()


def _name(process: psutil.Process) -> str:
    with suppress(*_GONE):
        return "" if process.status() == psutil.STATUS_ZOMBIE else process.name()
    return ""


def environment(database: Database, data_dir: Path, url: str) -> dict[str, str]:
    """A worker's environment: the stand-in without pauses, and waits of seconds instead of hours."""
    return {
        "ROLLCALL_DATA_DIR": str(data_dir),
        "DATABASE_URL": database.worker_url,
        "INSTAGRAM_BASE_URL": url,
        "PACE_SECONDS": "0",
        "PACE_JITTER_SECONDS": "0",
        "REQUESTS_PER_DAY": "0",
        "RATE_LIMIT_REST_HOURS": "0.001",
        "RETRY_BASE_SECONDS": "0.2",
        "RETRY_CAP_SECONDS": "1",
        "CODE_WAIT_SECONDS": "10",
        "WORKER_LEASE_SECONDS": "4",
        "WORKER_POLL_SECONDS": "0.5",
        "WORKER_DRAIN_SECONDS": "3",
        "WORKER_CONCURRENCY": "3",
        "SCHEDULER": "false",
        "LOG_FORMAT": "json",
        "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", str(data_dir)),
    }
