"""Runs many profiles and real workers under random faults for some minutes, and compares the result with the truth.

No floor to compare with: the figure that counts is `differences`, and its mark is none.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox.crowd import Crowd, gather
from tests.rig.desk import Desk
from tests.rig.house import Database, Workers, environment
from tests.rig.rounds import Soak, say

_WORKERS = 2
_PROFILES_A_PERSON = 3


def main(argv: Sequence[str]) -> None:
    """Prints one JSON line; exits with 1 if anything differs from the truth, and keeps what explains it."""
    parser = argparse.ArgumentParser(prog="python -m bench soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--profiles", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="rs"))
    report = soak(folder, options.minutes, options.profiles, options.seed)
    print(json.dumps(report), flush=True)
    if report["differences"]:
        say(f"The workers' log and the database are kept in {folder}.")
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)


def soak(folder: Path, minutes: float, profiles: int, seed: int) -> dict[str, Any]:
    """Runs rounds until the minutes are over, at least one, and returns what happened."""
    began = time.monotonic()
    crowd, database = Crowd(gather(profiles, seed, prefix="soak")), Database(folder)
    desk = Desk(database, folder)
    workers = Workers(_WORKERS, environment(database, folder, crowd.url), folder / "workers.log")
    try:
        for number, member in enumerate(crowd.members):
            if number % _PROFILES_A_PERSON == 0:
                person = desk.add_person(f"person-{number}@example.org")
            desk.add_profile(person, member)
        run = Soak(seed, crowd, database, workers, desk)
        run.connect()
        say(f"{profiles} profiles are connected and read after {time.monotonic() - began:.0f} s")
        while time.monotonic() - began < minutes * 60 or not run.tally.rounds:
            run.round()
        jobs = _jobs(desk)
    finally:
        workers.stop()
        desk.conn.close()
        database.stop()
        crowd.stop()
    tally = run.tally
    return {
        "bench": "soak",
        "minutes": round((time.monotonic() - began) / 60, 1),
        "seed": seed,
        "profiles": profiles,
        "rounds": tally.rounds,
        "checks": tally.checks,
        "faults": dict(sorted(tally.faults.items())),
        "machine_faults": dict(sorted(tally.machine.items())),
        "jobs": jobs,
        "differences": len(tally.differences),
        **({"details": tally.differences} if tally.differences else {}),
    }


def _jobs(desk: Desk) -> dict[str, int]:
    """The endings of the attempts at jobs."""
    rows = desk.conn.execute("select coalesce(outcome, 'OPEN') as outcome, error_code from public.sync_attempts")
    return dict(sorted(Counter(":".join(filter(None, row.values())) for row in rows).items()))
