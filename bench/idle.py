"""Measures the memory of an idle Rollcall, and whether two hundred syncs in a row leave it unchanged.

Idle memory is proportional set size (PSS): memory shared between processes counts once. Growth is measured by the
processes' own memory (`own_megabytes`). The floor is the same embedded PostgreSQL beside two bare interpreters with
only the imports that a web and a worker cannot do without.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from cli.demo import stage
from sandbox.demo.outside import instagram_alone
from sandbox.demo.person import Person, browser
from sandbox.demo.truth import World
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config, start
from sandbox.world.world import WorldConfig
from shared.db.embedded import embedded_database
from tests.rig.memory import MARK_DRIFT, own_megabytes

MARK_MB = 450
_BARE_WEB = "import flask, waitress, psycopg, psycopg_pool, structlog, time; print(1, flush=True); time.sleep(600)"
_BARE_WORKER = (
    "import asyncio, psycopg, psycopg_pool, structlog, playwright.async_api, time,"
    " cryptography.hazmat.primitives.ciphers.aead; print(1, flush=True); time.sleep(600)"
)


def tree() -> list[psutil.Process]:
    """Every process below this one, PostgreSQL's too (its postmaster is a daemon, found by its data folder)."""
    return psutil.Process().children(recursive=True)


def postgres(folder: Path) -> list[psutil.Process]:
    """The embedded server's processes."""
    pid = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    master = psutil.Process(pid)
    return [master, *master.children(recursive=True)]


def megabytes(processes: Sequence[psutil.Process]) -> float:
    """Their PSS in MB; a process that ends meanwhile counts nothing."""
    total = 0
    for process in {p.pid: p for p in processes}.values():
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return total / 1e6


def settled(measure: Callable[[], float], pause: float = 2.0, tries: int = 15) -> float:
    """The figure once two readings in a row agree within 1 %."""
    last = measure()
    for _ in range(tries):
        time.sleep(pause)
        now = measure()
        if abs(now - last) <= 0.01 * last:
            return now
        last = now
    return last


def floor() -> float:
    """PostgreSQL and two bare interpreters, in MB."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, embedded_database(Path(name)):
        bare = [
            subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for code in (_BARE_WEB, _BARE_WORKER)
        ]
        try:
            for process in bare:
                assert process.stdout is not None
                process.stdout.readline()
            return settled(lambda: megabytes([*(psutil.Process(p.pid) for p in bare), *postgres(Path(name))]))
        finally:
            for process in bare:
                process.kill()
                process.wait()


def main(argv: Sequence[str]) -> None:
    """Prints one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m bench idle")
    parser.add_argument("--jobs", type=int, default=200, help="readings in a row")
    parser.add_argument("--followers", type=int, default=500)
    options = parser.parse_args(argv)
    bare = floor()
    print(json.dumps({"bench": "idle", **_ours(options.jobs, options.followers, bare)}))


def _ours(jobs: int, followers: int, bare: float) -> dict[str, Any]:
    running = start(Config(WorldConfig(followers=followers, following=50, posts=20), TwoFactor.NONE))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        data, log = Path(name) / "data", Path(name) / "log"
        with stage(instagram_alone(running.url), data, log) as ready:
            ours = [*tree(), *postgres(data)]
            idle = settled(lambda: megabytes(ours))
            with browser(ready.browser, ready.switches, as_root=ready.as_root) as page:
                person, login = Person(page, ready.address), running.credentials
                drift = _drift(person, World(running.url, login.username), login.password, jobs, data)
    running.stop()
    return {
        "idle_mb": round(idle, 1),
        "floor_mb": round(bare, 1),
        "ratio": round(idle / bare, 2),
        "mark_mb": MARK_MB,
        "mark_met": idle <= MARK_MB,
        **drift,
    }


def _drift(person: Person, world: World, password: str, jobs: int, data: Path) -> dict[str, Any]:
    """Own memory and processes of web, worker, its browser and PostgreSQL after a tenth of the jobs and after all."""
    own = {p.pid for p in tree() if "node" in p.name() or "chrom" in p.name()}
    person.sign_up("bench@example.org", "four words for measuring")
    profile = person.connect(world.username, password, None)

    def ours() -> list[psutil.Process]:
        return [*(p for p in tree() if p.pid not in own and not _below(p, own)), *postgres(data)]

    def by_part() -> dict[str, float]:
        parts: dict[str, list[psutil.Process]] = {"postgres": postgres(data)}
        for process in ours():
            for part in ("web", "worker"):
                if process.cmdline()[-1:] == [part]:
                    parts.setdefault(part, []).append(process)
        return {part: round(own_megabytes(found), 1) for part, found in parts.items()}

    def at_rest() -> tuple[float, int]:
        # An idle worker closes its browser after a minute; what is left then is what the jobs have left behind.
        deadline = time.monotonic() + 120
        while any("chrom" in p.name() for p in ours()) and time.monotonic() < deadline:
            time.sleep(1)
        return settled(lambda: own_megabytes(ours())), len(ours())

    early: tuple[float, int] = (0.0, 0)
    early_parts: dict[str, float] = {}
    warm = max(jobs // 10, 1)
    for number in range(1, jobs + 1):
        world.advance(hours=6)
        person.sync(profile)
        if number == warm:
            early, early_parts = at_rest(), by_part()
    working = own_megabytes(ours())
    late = at_rest()
    drift = late[0] / early[0] - 1
    return {
        "jobs": jobs,
        "own_after_warm_up_mb": round(early[0], 1),
        "own_after_all_mb": round(late[0], 1),
        "own_parts_after_warm_up_mb": early_parts,
        "own_parts_after_all_mb": by_part(),
        "own_working_mb": round(working, 1),
        "drift": round(drift, 3),
        "processes": [early[1], late[1]],
        "mark_drift": MARK_DRIFT,
        "drift_met": abs(drift) <= MARK_DRIFT and early[1] == late[1],
    }


def _below(process: psutil.Process, pids: set[int]) -> bool:
    try:
        return any(parent.pid in pids for parent in process.parents())
    except psutil.NoSuchProcess:
        return True
