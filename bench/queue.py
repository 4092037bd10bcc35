"""The queue against Procrastinate and PgQueuer: the same load, one after the other, on one embedded PostgreSQL.

Load: 20 lanes, six jobs waiting or running in each all the time, three priorities, four worker processes. Measured: the
jobs started per second, the time from enqueueing to start on an idle queue, and the rate again at the end of a
transaction that was held open meanwhile, so that nothing could be vacuumed. Ours is measured with 1000 lanes as well:
dead entries of a unique key are looked at once more each time the same lane is entered, so 20 lanes at full speed are
the worst case. Peers are installed into a folder that is thrown away.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, LiteralString, Protocol
from urllib.parse import urlencode

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench.queue_workers import tally
from shared.db import roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate

PEERS = ("procrastinate==3.10.0", "pgqueuer==1.6.0", "psycopg[binary,pool]==3.3.9")
REPO = Path(__file__).resolve().parents[1]
LANES, DEPTH, WORKERS, CONCURRENCY = 20, 6, 4, 5
MARK_RATE, MARK_P95 = 1000, 0.050
KINDS = ("LOGIN", "SYNC", "SYNC_PROFILE", "SYNC_FOLLOWERS", "SYNC_FOLLOWING", "SYNC_MEDIA")


class Queue(Protocol):
    """One system under test. `fill` tops every lane up; `put` enqueues one timed job into a lane."""

    @property
    def name(self) -> str: ...

    @property
    def fill(self) -> LiteralString: ...

    @property
    def put(self) -> LiteralString: ...

    def set_up(self, url: str, folder: Path) -> None: ...

    def command(self, url: str, folder: Path) -> tuple[list[str], dict[str, str]]: ...


@dataclass(frozen=True)
class Ours:
    name: str = "rollcall"
    lanes: int = LANES
    fill: LiteralString = """
        insert into public.sync_jobs (user_id, profile_id, kind, priority)
        select p.user_id, p.id, kind, 100 + 50 * (n %% 3)
          from (select * from public.profiles order by random() limit 20) p,
               unnest(%(kinds)s::text[]) with ordinality as k (kind, n)
         order by random()
        on conflict do nothing"""
    put: LiteralString = """
        insert into public.sync_jobs (user_id, profile_id, kind, args)
        select user_id, id, 'SYNC', jsonb_build_object('at', %(at)s::float8) from public.profiles
         where username = 'lane' || %(lane)s on conflict do nothing"""

    def set_up(self, url: str, folder: Path) -> None:
        migrate(url)
        roles.allow_login(url, roles.WORKER)
        with psycopg.connect(url) as conn:
            conn.execute(PROFILES, (self.lanes - 1,))

    def command(self, url: str, folder: Path) -> tuple[list[str], dict[str, str]]:
        address = "postgresql:///?" + urlencode(conninfo_to_dict(make_conninfo(url, user=roles.WORKER)))
        program = [sys.executable, "-m", "bench.queue_workers.ours", str(folder), str(CONCURRENCY)]
        return program, {"DATABASE_URL": address, "SCHEDULER": "false"}


@dataclass(frozen=True)
class Peer:
    name: str
    script: str
    python: Path
    fill: LiteralString
    put: LiteralString

    def set_up(self, url: str, folder: Path) -> None:
        subprocess.run(self._program("setup", url, folder), cwd=REPO, check=True)

    def command(self, url: str, folder: Path) -> tuple[list[str], dict[str, str]]:
        return self._program("work", url, folder), {}

    def _program(self, what: str, url: str, folder: Path) -> list[str]:
        return [str(self.python), "-m", f"bench.queue_workers.{self.script}", what, url, str(folder), str(CONCURRENCY)]


PROFILES: LiteralString = """
    with person as (
        insert into auth.users (email, encrypted_password) values ('bench@example.org', 'no login') returning id)
    insert into public.profiles (user_id, platform, username, state)
    select id, 'instagram', 'lane' || n, 'CONNECTED' from person, generate_series(0, %s::int) as n"""
PROCRASTINATE_FILL: LiteralString = """
    select procrastinate_defer_jobs_v1(array(
        select row('default', 'count', 50 * (n %% 3), 'lane' || lane, null, '{}', null)::procrastinate_job_to_defer_v1
          from generate_series(0, 19) as lane, generate_series(1, 6) as n
         where n > (select count(*) from procrastinate_jobs j
             where j.lock = 'lane' || lane and j.status in ('todo', 'doing'))
         order by random()))"""
PROCRASTINATE_PUT: LiteralString = """
    select procrastinate_defer_jobs_v1(array[
        row('default', 'count', 0, 'lane' || %(lane)s, null, jsonb_build_object('at', %(at)s::float8), null)
        ::procrastinate_job_to_defer_v1])"""
PGQUEUER_FILL: LiteralString = """
    insert into pgqueuer (priority, entrypoint, status)
    select 50 * (n %% 3), 'lane' || lane, 'queued' from generate_series(0, 19) as lane, generate_series(1, 6) as n
     where n > (select count(*) from pgqueuer j
         where j.entrypoint = 'lane' || lane and j.status in ('queued', 'picked'))
     order by random()"""
PGQUEUER_PUT: LiteralString = """
    insert into pgqueuer (priority, entrypoint, status, payload)
    values (0, 'lane' || %(lane)s, 'queued', convert_to(%(at)s::text, 'utf8'))"""


@contextmanager
def workers(queue: Queue, url: str, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Four workers; what they say goes to a file each in `folder`."""
    program, environ = queue.command(url, folder)
    made = []
    for n in range(WORKERS):
        with (folder / f"{n}.log").open("wb") as log:
            made.append(subprocess.Popen(program, cwd=REPO, env=os.environ | environ, stdout=log, stderr=log))
    try:
        until(lambda: len(list(folder.glob("*.count"))) == WORKERS)
        time.sleep(2)
        yield made
    finally:
        for process in made:
            process.kill()
            process.wait()


def until(holds: Any) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("The workers did not start; nothing was measured.")
        time.sleep(0.05)


@contextmanager
def feeding(queue: Queue, url: str) -> Iterator[None]:
    """Keeps every lane full."""
    done = threading.Event()

    def feed() -> None:
        with psycopg.connect(url, autocommit=True) as conn:
            while not done.wait(0.01):
                conn.execute(queue.fill, {"kinds": list(KINDS)})

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def held_open(url: str) -> Iterator[None]:
    """A transaction with an old snapshot: while it lasts, no dead row can be removed."""
    with psycopg.connect(url) as conn:
        conn.execute("set transaction isolation level repeatable read")
        conn.execute("select pg_current_xact_id()")
        yield


@dataclass(frozen=True)
class Rate:
    """Over one window: jobs per second, and processor time per job, which other programs disturb less."""

    jobs_per_second: float
    cpu_ms_per_job: float


def rate(folder: Path, processes: Callable[[], list[psutil.Process]], seconds: float) -> Rate:
    """The rate over the next `seconds`."""
    began, before, busy = time.monotonic(), tally.total(folder), cpu_seconds(processes())
    time.sleep(seconds)
    jobs, took = tally.total(folder) - before, time.monotonic() - began
    return Rate(jobs / took, (cpu_seconds(processes()) - busy) * 1000 / max(1, jobs))


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """Their processor time so far; ended processes are left out."""
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def latency(queue: Queue, url: str, folder: Path, jobs: int) -> dict[str, float]:
    """Milliseconds from enqueueing to start, one job every 20 ms on a queue that is otherwise empty."""
    with psycopg.connect(url, autocommit=True) as conn:
        for n in range(jobs):
            conn.execute(queue.put, {"lane": str(n % LANES), "at": time.time()})
            time.sleep(0.02)
    time.sleep(1)
    seen = tally.waits(folder)
    if len(seen) < 20:
        return {"jobs": len(seen), "p50_ms": float("nan"), "p95_ms": float("nan")}
    cuts = statistics.quantiles(seen, n=20)
    return {"jobs": len(seen), "p50_ms": round(cuts[9] * 1000, 2), "p95_ms": round(cuts[18] * 1000, 2)}


def measure(queue: Queue, server: str, master: psutil.Process, window: float, hold: float, jobs: int) -> dict[str, Any]:
    """All figures of one queue, in a database of its own; `master` is the server's first process."""
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(sql.SQL("create database {}").format(sql.Identifier(f"bench_{queue.name}")))
    url = make_conninfo(server, dbname=f"bench_{queue.name}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        queue.set_up(url, folder)
        with workers(queue, url, folder) as made:
            waited = latency(queue, url, folder, jobs)
            with feeding(queue, url):
                time.sleep(2)
                everyone = partial(cast_of, master, made)
                free = rate(folder, everyone, window)
                with held_open(url):
                    time.sleep(max(0.0, hold - window))
                    held = rate(folder, everyone, window)
            alive = sum(process.poll() is None for process in made)
    return {
        "jobs_per_second": round(free.jobs_per_second),
        "cpu_ms_per_job": round(free.cpu_ms_per_job, 2),
        "held_open_jobs_per_second": round(held.jobs_per_second),
        "held_open_cpu_ms_per_job": round(held.cpu_ms_per_job, 2),
        "held_open_ratio": round(held.jobs_per_second / max(1.0, free.jobs_per_second), 2),
        "workers_alive": alive,
        "latency": waited,
    }


def cast_of(master: psutil.Process, made: list[subprocess.Popen[bytes]]) -> list[psutil.Process]:
    """The server's processes and the living workers."""
    alive = [psutil.Process(worker.pid) for worker in made if worker.poll() is None]
    return [master, *master.children(recursive=True), *alive]


def peers(folder: Path) -> list[Peer]:
    """Both peers, installed into `folder`."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS], check=True)
    return [
        Peer("procrastinate", "procrastinate_peer", python, PROCRASTINATE_FILL, PROCRASTINATE_PUT),
        Peer("pgqueuer", "pgqueuer_peer", python, PGQUEUER_FILL, PGQUEUER_PUT),
    ]


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench queue", description=__doc__)
    parser.add_argument("--window", type=float, default=10, help="seconds over which a rate is taken (default 10)")
    parser.add_argument("--hold", type=float, default=180, help="seconds a transaction is held open (default 180)")
    parser.add_argument("--jobs", type=int, default=300, help="timed jobs for the latency (default 300)")
    parser.add_argument("--alone", action="store_true", help="leave the peers out")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bq", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        wide = Ours("rollcall_1000_lanes", 1000)
        queues: list[Queue] = [Ours(), wide, *([] if given.alone else peers(folder / "peers"))]
        with embedded_database(folder / "pg") as server:
            master = psutil.Process(int((folder / "pg" / "postgres" / "postmaster.pid").read_text().split()[0]))
            found = {q.name: measure(q, server, master, given.window, given.hold, given.jobs) for q in queues}
    print(json.dumps(report(found, given.hold)))


def report(found: dict[str, dict[str, Any]], hold: float) -> dict[str, Any]:
    """The line that is printed: every figure, our ratio to the faster peer, and which marks are met."""
    ours, wide = found["rollcall"], found["rollcall_1000_lanes"]
    others = [figures for name, figures in found.items() if not name.startswith("rollcall")]
    best = max((peer["jobs_per_second"] for peer in others), default=None)
    thriftiest = min((peer["cpu_ms_per_job"] for peer in others), default=None)
    return {
        "bench": "queue",
        "load": {"lanes": LANES, "jobs_per_lane": DEPTH, "workers": WORKERS, "concurrency": CONCURRENCY},
        "held_open_seconds": hold,
        "queues": found,
        "ratio_to_best_peer": round(ours["jobs_per_second"] / best, 2) if best else None,
        "cpu_ratio_to_best_peer": round(ours["cpu_ms_per_job"] / thriftiest, 2) if thriftiest else None,
        "marks": {
            "claims_per_second": ours["jobs_per_second"] >= MARK_RATE,
            "latency_p95": ours["latency"]["p95_ms"] <= MARK_P95 * 1000,
            "no_slower_while_held_open_20_lanes": ours["held_open_ratio"] >= 0.95,
            "no_slower_while_held_open_1000_lanes": wide["held_open_ratio"] >= 0.95,
        },
    }


if __name__ == "__main__":
    main(sys.argv[1:])
