"""The faults are played once in a run, whichever process comes first; the others read what was seen."""

import fcntl
import json
from typing import Any

import pytest

from tests.reliability.own_cells import OwnCells
from tests.reliability.play import played
from tests.reliability.rows import Row
from tests.reliability.scenarios import SCENARIOS
from tests.reliability.stage import Outcome
from tests.reliability.table import MACHINE_ROWS, PLATFORM_ROWS

_BROKE_OFF = "broke off"


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Outcome]:
    """What was seen under the fault of each row that is wanted in this run, by the row's key."""
    shared = tmp_path_factory.getbasetemp()
    # Processes of one run have folders of their own below one that they share.
    shared = shared.parent if shared.name.startswith("popen-") else shared
    told = shared / "outcomes.json"
    with (shared / "outcomes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(_told(_wanted(request))))
    seen = json.loads(told.read_text())
    if _BROKE_OFF in seen:
        pytest.fail(seen[_BROKE_OFF])
    return {key: Outcome(**outcome) for key, outcome in seen.items()}


def _told(keys: set[str]) -> dict[str, Any]:
    """What was seen as JSON; where the whole house broke off, why, so that no other process plays it again."""
    platform = [row for row in PLATFORM_ROWS if row.key in keys]
    machine = [row for row in MACHINE_ROWS if row.key in keys]
    outcomes: dict[str, Outcome] = {}
    with OwnCells(house := Outcome()):
        outcomes = played(platform, machine, SCENARIOS)
    if not house.goes_on:
        return {_BROKE_OFF: house.broke or house.skipped}
    return {key: seen.to_json() for key, seen in outcomes.items()}


def _wanted(request: pytest.FixtureRequest) -> set[str]:
    """The keys of the rows whose tests were chosen."""
    params = (item.callspec.params for item in request.session.items if hasattr(item, "callspec"))
    return {given["row"].key for given in params if isinstance(given.get("row"), Row)}
