"""`rollcall demo --once`: the whole main job, held against the truth by a process of its own."""

import json
import subprocess
import sys

import pytest

from tests.conftest import REPO

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("words", [["sms"], ["totp"], ["none"], ["sms", "--hosted"]], ids="-".join)
def test_the_whole_job_matches_the_truth(words: list[str]) -> None:
    done = subprocess.run(
        [
            sys.executable, "rollcall.py", "demo", "--once", "--followers", "600", "--following", "80", "--posts", "20",
            "--two-factor", *words,
        ],
        cwd=REPO, capture_output=True, text=True, check=False, timeout=1500,
    )  # fmt: skip
    assert done.returncode == 0, f"{_reason(done.stderr)}\n{done.stderr[-4000:]}{done.stdout}"
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["matches_truth"] is True
    assert set(told) == {
        "followers", "following", "gained", "lost", "renamed", "media", "csv", "xlsx", "matches_truth", "seconds",
        "bad_day",
    }  # fmt: skip
    assert told["followers"] == told["csv"] == told["xlsx"] > 0
    assert told["gained"] > 0
    assert told["lost"] > 0
    assert set(told["bad_day"]) == {"cut_short", "challenge", "session_dead"}


def test_an_empty_account_is_whole_too() -> None:
    done = subprocess.run(
        [sys.executable, "rollcall.py", "demo", "--once", "--followers", "0", "--following", "0", "--posts", "0"],
        cwd=REPO, capture_output=True, text=True, check=False, timeout=1500,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1]) if done.stdout else done.stderr
    assert done.returncode == 0, told


def _reason(stderr: str) -> str:
    return next((line for line in stderr.splitlines() if line.startswith("The demo failed")), "")
