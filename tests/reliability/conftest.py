"""The faults are played once in a run, whichever process comes first; the others read what was seen."""

import fcntl
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.reliability.stage import Outcome, connect, house, play, read_first
from tests.reliability.table import PLATFORM_ROWS

# What the rows are about is how long a profile rests, so nothing is shortened there.
_SETTINGS = {"RATE_LIMIT_REST_HOURS": "4"}


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What was seen under each row's fault, by the row's key."""
    shared = tmp_path_factory.getbasetemp()
    # Processes of one run have folders of their own below one that they share.
    shared = shared.parent if shared.name.startswith("popen-") else shared
    told = shared / "outcomes.json"
    with (shared / "outcomes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps({key: seen.to_json() for key, seen in _played().items()}))
    return {key: Outcome(**seen) for key, seen in json.loads(told.read_text()).items()}


def _played() -> dict[str, Outcome]:
    # Short enough for a socket's path.
    with (
        TemporaryDirectory(prefix="rm", ignore_cleanup_errors=True) as name,
        house(Path(name), PLATFORM_ROWS, **_SETTINGS) as there,
    ):
        connect(there)
        read_first(there, PLATFORM_ROWS)
        return play(there, PLATFORM_ROWS)
