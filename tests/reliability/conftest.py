"""Plays the faults of a part once in a run, in the process that comes first; the others read what was seen."""

import fcntl
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.reliability import official, tiktok
from tests.reliability.own_cells import OwnCells
from tests.reliability.play import played
from tests.reliability.rows import Row
from tests.reliability.scenarios import SCENARIOS
from tests.reliability.stage import Outcome
from tests.reliability.table import OFFICIAL_ROWS, PARTS, PLATFORM_ROWS, TIKTOK_ROWS

_BROKE_OFF = "broke off"


Outcomes = Callable[[str], dict[str, Outcome]]
"""outcomes(part) -> what was seen under the fault of each row of the part that this run wants, by the row's key."""


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Outcomes:
    shared = tmp_path_factory.getbasetemp()
    # Processes of one run have folders of their own below one that they share.
    shared = shared.parent if shared.name.startswith("popen-") else shared

    def of(part: str) -> dict[str, Outcome]:
        told = shared / f"outcomes-{part}.json"
        with (shared / f"outcomes-{part}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                told.write_text(json.dumps(_told(part, _wanted(request))))
        seen = json.loads(told.read_text())
        if _BROKE_OFF in seen:
            pytest.fail(seen[_BROKE_OFF])
        return {key: Outcome(**outcome) for key, outcome in seen.items()}

    return of


def _told(part: str, keys: set[str]) -> dict[str, Any]:
    """What was seen as JSON; where the whole house broke off, why, so that no other process plays it again."""
    wanted = [row for row in PARTS[part] if row.key in keys]
    platform = [row for row in wanted if row in PLATFORM_ROWS]
    by_api = [row for row in wanted if row in OFFICIAL_ROWS]
    clips = [row for row in wanted if row in TIKTOK_ROWS]
    machine = [row for row in wanted if row not in PLATFORM_ROWS + OFFICIAL_ROWS + TIKTOK_ROWS]
    outcomes: dict[str, Outcome] = {}
    with OwnCells(house := Outcome()):
        if by_api or clips:
            outcomes = (official.played(by_api) if by_api else {}) | (tiktok.played(clips) if clips else {})
        else:
            outcomes = played(platform, machine, SCENARIOS)
    if not house.goes_on:
        return {_BROKE_OFF: house.broke or house.skipped}
    return {key: seen.to_json() for key, seen in outcomes.items()}


def _wanted(request: pytest.FixtureRequest) -> set[str]:
    """The keys of the rows whose tests were chosen."""
    params = (item.callspec.params for item in request.session.items if hasattr(item, "callspec"))
    return {given["row"].key for given in params if isinstance(given.get("row"), Row)}
