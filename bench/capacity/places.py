"""Measures the cost of a place for one job: memory, processor time and connections of a real worker and Chromium.

The worker logs in to the sandbox and walks through follower lists at the default pace, in as many contexts at once as
it has places. Memory is the proportional set size (PSS) of the worker, Playwright's driver and every Chromium process.
The attempts' own record says how long a session takes to open and close, and the days to be derived.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from typing import Any, LiteralString
from uuid import UUID

import psutil

from bench.idle import megabytes
from sandbox.crowd import Crowd, gather
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from shared.db import roles
from shared.domain.jobs import JobKind
from shared.settings import setting_fields, shown_default
from tests.rig.desk import Desk, wait_for
from tests.rig.house import Database, Workers, environment

PLACES = (1, 2, 4, 8)
_WARM, _SECONDS, _PATIENCE = 15.0, 40.0, 300.0
_PACED = ("PACE_SECONDS", "PACE_JITTER_SECONDS", "REQUESTS_PER_DAY", "WORKER_LEASE_SECONDS", "WORKER_POLL_SECONDS")
_CONNECTED: LiteralString = "select count(*) as n from pg_stat_activity where usename = %s"
_COMMITTED: LiteralString = "select xact_commit as n from pg_stat_database where datname = current_database()"
_SPENT: LiteralString = "select coalesce(sum(day_spent), 0) as n from public.request_budget"
_AT_WORK: LiteralString = "select count(*) as n from public.request_budget where day_spent > 2"
_TOOK: LiteralString = """
    select extract(epoch from ended_at - started_at)::float8 as seconds from public.sync_attempts
    where kind = %s and outcome = 'COMPLETED'
"""
_SECRET: LiteralString = "select avg(length(secret))::int as n from public.connections"


@dataclass(slots=True)
class _Stage:
    """A house whose accounts are connected."""

    database: Database
    desk: Desk
    profiles: Sequence[UUID]
    environ: dict[str, str]
    log: Path

    def number(self, query: LiteralString, *given: object) -> int:
        row = self.desk.conn.execute(query, given).fetchone()
        return int(row["n"]) if row else 0


def measure(places: Sequence[int] = PLACES, warm: float = _WARM, seconds: float = _SECONDS) -> dict[str, Any]:
    """Figures for each number of places, and the seconds that an opening and a derivation took."""
    with _stage(max(places)) as stage:
        attempts = _attempts(stage)
        found = [_at_work(stage, count, warm, seconds) for count in places]
        secret = stage.number(_SECRET)
    return {**attempts, "session_bytes": secret, "places": found}


@contextmanager
def _stage(accounts: int) -> Iterator[_Stage]:
    model = Config(WorldConfig(followers=3_000, following=50, posts=20), two_factor=TwoFactor.NONE)
    with TemporaryDirectory(prefix="bf", ignore_cleanup_errors=True) as name:
        crowd, database = Crowd(gather(accounts, 1, model, prefix="fleet")), Database(Path(name))
        try:
            desk = Desk(database, Path(name))
            person = desk.add_person("fleet@example.org")
            profiles = [desk.add_profile(person, member) for member in crowd.members]
            environ = environment(database, Path(name), crowd.url)
            stage = _Stage(database, desk, profiles, environ, Path(name) / "workers.log")
            with _worker(stage, {}):
                for member in crowd.members:
                    _ended(desk, [desk.log_in(member)])
                desk.quiet(_PATIENCE)
            yield stage
            desk.conn.close()
        finally:
            database.stop()
            crowd.stop()


@contextmanager
def _worker(stage: _Stage, environ: dict[str, str]) -> Iterator[psutil.Process]:
    workers = Workers(1, stage.environ | environ, stage.log)
    try:
        process = workers.children[0].process
        assert process is not None
        yield psutil.Process(process.pid)
    finally:
        workers.stop()


def _attempts(stage: _Stage) -> dict[str, float]:
    """Median seconds of a session check (a session opened, asked and closed, no pace) and of a derivation.

    The processor time is that of all checks but the first, which also starts the browser.
    """
    with _worker(stage, {}) as worker:
        used: list[float] = []
        for profile in stage.profiles:
            _ended(stage.desk, [stage.desk.enqueue(profile, JobKind.CHECK_SESSION)])
            used.append(_cpu(worker))
        for profile in stage.profiles:
            _ended(stage.desk, [stage.desk.enqueue(profile, JobKind.DERIVE)])
    return {
        "opening_seconds": _median(stage, JobKind.CHECK_SESSION),
        "opening_cpu_seconds": round((used[-1] - used[0]) / max(len(used) - 1, 1), 2),
        "derive_seconds": _median(stage, JobKind.DERIVE),
    }


def _median(stage: _Stage, kind: JobKind) -> float:
    rows = stage.desk.conn.execute(_TOOK, [kind]).fetchall()
    return round(median(float(row["seconds"]) for row in rows), 3)


def _ended(desk: Desk, jobs: list[UUID]) -> None:
    for job in desk.ended(jobs, _PATIENCE):
        if job["state"] != "COMPLETED":
            raise SystemExit(f"{job['kind']} came to {job['state']}: {job['error_code']}. Nothing was measured.")


def _at_work(stage: _Stage, places: int, warm: float, seconds: float) -> dict[str, Any]:
    """A worker with so many places, all of them taken by a walk at the default pace."""
    usual = {f.metadata["name"]: shown_default(f) for f in setting_fields() if f.metadata["name"] in _PACED}
    stage.desk.conn.execute("delete from public.request_budget")
    with _worker(stage, usual | {"WORKER_CONCURRENCY": str(places)}) as worker:
        jobs = [stage.desk.enqueue(one, JobKind.SYNC_FOLLOWERS) for one in stage.profiles[:places]]
        if not wait_for(lambda: stage.number(_AT_WORK) >= places, _PATIENCE):
            raise SystemExit("The walks did not begin; nothing was measured.")
        time.sleep(warm)
        found = _watched(stage, worker, places, seconds)
    for job in jobs:
        stage.desk.conn.execute(
            "update public.sync_jobs set state = 'CANCELLED' where id = %s and state in ('PENDING', 'WAITING')", [job]
        )
    return found


def _watched(stage: _Stage, worker: psutil.Process, places: int, seconds: float) -> dict[str, Any]:
    weights: list[float] = []
    connections: list[int] = []
    spent, busy, began = stage.number(_SPENT), _cpu(worker), time.monotonic()
    committed, looked = stage.number(_COMMITTED), 0
    while time.monotonic() - began < seconds:
        weights.append(megabytes(_family(worker)))
        connections.append(stage.number(_CONNECTED, roles.WORKER))
        looked += 1
        time.sleep(1)
    took = time.monotonic() - began
    requests, busy = stage.number(_SPENT) - spent, _cpu(worker) - busy
    committed = stage.number(_COMMITTED) - committed - looked
    own = megabytes([worker])
    return {
        "places": places,
        "memory_mb": round(fmean(weights), 1),
        "memory_mb_most": round(max(weights), 1),
        "worker_alone_mb": round(own, 1),
        "connections": round(fmean(connections), 1),
        "connections_most": max(connections),
        "connections_allowed": 2 * places + 2 + 3 + 1,
        "requests_per_minute_and_place": round(requests / took * 60 / places, 1),
        "cpu_seconds_per_place_and_minute": round(busy / took * 60 / places, 2),
        "transactions_per_request": round(committed / max(requests, 1), 1),
        "cpu_ms_per_request": round(busy * 1000 / max(requests, 1), 1),
    }


def _family(worker: psutil.Process) -> list[psutil.Process]:
    """The worker and everything that it started."""
    with suppress(psutil.NoSuchProcess):
        return [worker, *worker.children(recursive=True)]
    return []


def _cpu(worker: psutil.Process) -> float:
    """Processor seconds of the family so far, those of its members that have ended included."""
    total = 0.0
    for process in _family(worker):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total
