"""Measures how far Rollcall scales: weights of rows, costs of a claim and of a place, hours of a large fleet in virtual
time, and from these the needs of 1 000, 10 000, 100 000 and 1 000 000 profiles (docs/scale.md writes the arithmetic
out).

There is no floor to compare with. Sizes of profiles and their changes cannot be measured here; they are assumed
(bench/capacity/assumptions.py) and named in the result. `--known FILE` takes parts from the JSON line of an earlier
run, so that one part can be measured again without the others.
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.capacity import claims, needs, places, simulation, weights
from bench.capacity.assumptions import Guess
from bench.capacity.play import Costs
from shared.db import roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate

PARTS = ("places", "claims", "weights", "simulation")
# Where the place of a job was not measured in this run or a known one.
_COSTS = {"opening_seconds": 4.0, "derive_seconds": 0.5, "session_bytes": 2000}


def main(argv: Sequence[str]) -> None:
    """Prints one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m bench fleet", description=__doc__)
    parser.add_argument("--profiles", type=int, default=100_000, help="profiles that are played (default 100000)")
    parser.add_argument("--hours", type=float, default=1.0, help="virtual hours behind the warm-up (default 1)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", default=",".join(PARTS), help="parts to measure, separated by commas; none but sums if empty"
    )
    parser.add_argument("--known", type=Path, help="a file whose last line is the JSON of an earlier run")
    parser.add_argument("--median-followers", type=float, help="half the profiles have fewer followers")
    given = parser.parse_args(argv)
    wanted = [part for part in given.only.split(",") if part]
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    found = known(given.known)
    for part in (part for part in PARTS if part in wanted):
        found[part] = _measures(given)[part](found)
    print(json.dumps(report(found)), flush=True)


def known(path: Path | None) -> dict[str, Any]:
    """The parts of an earlier run; none without a file."""
    figures = {} if path is None else json.loads(path.read_text(encoding="utf-8").strip().splitlines()[-1])
    return {part: figures[part] for part in PARTS if part in figures}


def report(found: dict[str, Any]) -> dict[str, Any]:
    """The line that is printed; the needs stand in it when all parts are known."""
    made = {"bench": "fleet", "at": datetime.now(UTC).isoformat(timespec="minutes"), "cores": os.cpu_count(), **found}
    if found.keys() >= set(PARTS):
        parts = (found["simulation"], found["places"], found["claims"], found["weights"])
        made["needs"] = [needs.needs(profiles, *parts) for profiles in needs.STEPS]
    return made


def _measures(given: argparse.Namespace) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    return {
        "places": lambda _: {"at": _now(), **places.measure()},
        "claims": lambda _: {"at": _now(), **_claims()},
        "weights": lambda found: {"at": _now(), **_weights(_measured(found, "session_bytes"))},
        "simulation": lambda found: {"at": _now(), **_simulation(given, found)},
    }


def _measured(found: dict[str, Any], name: str) -> Any:
    return found.get("places", _COSTS)[name]


def _claims() -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="bf", ignore_cleanup_errors=True) as name,
        embedded_database(Path(name)) as url,
    ):
        migrate(url)
        roles.allow_login(url, roles.WORKER)
        behind, room = asyncio.run(claims.behind(url)), claims.lock_room(url)
    return {"by_workers": claims.by_workers(), "behind": behind, "lock_room": room}


def _weights(secret: int) -> dict[str, float]:
    with simulation.database() as url:
        return asyncio.run(weights.weigh(url, roles.allow_login(url, roles.WORKER), secret))


def _simulation(given: argparse.Namespace, found: dict[str, Any]) -> dict[str, Any]:
    guess = Guess()
    if given.median_followers is not None:
        guess = replace(guess, followers=replace(guess.followers, median=given.median_followers))
    costs = Costs(_measured(found, "opening_seconds"), _measured(found, "derive_seconds"))
    with simulation.database() as url:
        return asyncio.run(simulation.simulate(url, guess, given.profiles, given.hours, given.seed, costs))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="minutes")
