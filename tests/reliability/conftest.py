"""The faults are played once in a run, whichever process comes first; the others read what was seen."""

import fcntl
import json
import traceback
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.disks import database_disk
from tests.reliability.planting import connect
from tests.reliability.play import play, read_first, strike
from tests.reliability.rows import Row
from tests.reliability.scenarios import SCENARIOS
from tests.reliability.stage import Outcome, house
from tests.reliability.table import MACHINE_ROWS, PLATFORM_ROWS
from tests.scratch import scratch

_BROKE_OFF = "broke off"
# A profile rests as long as it does in earnest, and its requests are counted.
_SETTINGS = {"RATE_LIMIT_REST_HOURS": "4", "REQUESTS_PER_DAY": "100000"}


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
    """What was seen as JSON; where the play broke off, why, so that no other process plays it again."""
    try:
        return {key: seen.to_json() for key, seen in _played(keys).items()}
    except AssertionError as error:
        return {_BROKE_OFF: f"the play broke off: {error}\n{traceback.format_exc()}"}


def _wanted(request: pytest.FixtureRequest) -> set[str]:
    """The keys of the rows whose tests were chosen."""
    params = (item.callspec.params for item in request.session.items if hasattr(item, "callspec"))
    return {given["row"].key for given in params if isinstance(given.get("row"), Row)}


def _played(keys: set[str]) -> dict[str, Outcome]:
    platform = [row for row in PLATFORM_ROWS if row.key in keys]
    machine = [row for row in MACHINE_ROWS if row.key in keys]
    # Short enough for a socket's path.
    with (
        scratch("rm") as name,
        database_disk(Path(name)),
        house(Path(name), [*platform, *machine], **_SETTINGS) as there,
    ):
        connect(there, [*platform, *machine])
        read_first(there, [*platform, *machine])
        return play(there, platform) | strike(there, machine, SCENARIOS)
