"""`rollcall demo --once`: the whole main job, held against the truth by a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPO

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder for temporary files whose path is short enough for the sockets of a database."""
    with tempfile.TemporaryDirectory(prefix="rc") as name:
        yield Path(name)


def _own_port(**more: str) -> dict[str, str]:
    """The environment with a port that is free now: demos that start together would choose the same one."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return {**os.environ, "PORT": str(free.getsockname()[1]), **more}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["sms"], id="sms"),
        pytest.param(["totp", "--hosted"], id="totp-hosted"),
    ],
)
def test_the_whole_job_matches_the_truth(words: list[str]) -> None:
    done = subprocess.run(
        [
            sys.executable, "rollcall.py", "demo", "--once", "--followers", "600", "--following", "80", "--posts", "20",
            "--two-factor", *words,
        ],
        cwd=REPO, capture_output=True, text=True, check=False, timeout=1500, env=_own_port(),
    )  # fmt: skip
    assert done.returncode == 0, f"{_reason(done.stderr)}\n{done.stderr[-4000:]}{done.stdout}"
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["matches_truth"] is True
    assert set(told) == {
        "followers", "following", "gained", "lost", "renamed", "media", "csv", "xlsx", "matches_truth", "seconds",
        "bad_day", "channel", "clips", "official",
    }  # fmt: skip
    assert told["followers"] == told["csv"] == told["xlsx"] > 0
    assert told["gained"] > 0
    assert told["lost"] > 0
    assert told["channel"]["subscribers"] > 0
    assert told["channel"]["days"] > 0
    assert told["channel"]["videos"] == told["channel"]["csv"] > 0
    assert told["clips"]["followers"] > 0
    assert told["clips"]["videos"] == told["clips"]["csv"] > 0
    assert told["official"]["days"] > 0
    assert told["official"]["rows"] > 0
    assert set(told["bad_day"]) == {"cut_short", "challenge", "session_dead"}


def test_an_empty_account_without_a_second_factor_is_whole_too() -> None:
    done = subprocess.run(
        [
            sys.executable, "rollcall.py", "demo", "--once", "--followers", "0", "--following", "0", "--posts", "0",
            "--two-factor", "none",
        ],
        cwd=REPO, capture_output=True, text=True, check=False, timeout=1500, env=_own_port(),
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1]) if done.stdout else done.stderr
    assert done.returncode == 0, told


def _reason(stderr: str) -> str:
    return next((line for line in stderr.splitlines() if line.startswith("The demo failed")), "")


def test_the_default_demo_arrives_and_ends_with_ctrl_c(tmp_path: Path, short: Path) -> None:
    """The whole way with a few days, a bad one among them: to its last line, then Ctrl-C as a terminal sends it."""
    output = tmp_path / "output"
    command = [sys.executable, "rollcall.py", "demo", "--days", "12", "--followers", "500", "--following", "60"]
    with output.open("wb") as file:
        demo = subprocess.Popen(
            [*command, "--posts", "20"],
            cwd=REPO, stdout=file, stderr=file, start_new_session=True, env=_own_port(TMPDIR=str(short)),
        )  # fmt: skip
        try:
            lines = _until(demo, output, "Ready")
            sign_in = next(line for line in lines if line.startswith("sign in:"))
            assert lines.index(sign_in) == lines.index(_one(lines, "Rollcall is at http://127.0.0.1:")) + 1
            assert re.fullmatch(r"Ready after \d+ seconds\. .*", lines[-1])
            assert re.fullmatch(r"YouTube: +http://127.0.0.1:\d+/profiles/[0-9a-f-]+", _one(lines, "YouTube:"))
            address = _one(lines, "Rollcall is at ").removeprefix("Rollcall is at ")
            with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
                assert answer.status == 200
            os.killpg(demo.pid, signal.SIGINT)
            assert demo.wait(240) == 0
        finally:
            if demo.poll() is None:
                os.killpg(demo.pid, signal.SIGKILL)
    said = output.read_text(encoding="utf-8")
    assert said.splitlines()[-1] == "Stopped."
    assert "Traceback" not in said
    # What stays is the embedded database's lock, one for all databases of a user.
    left = [path.name for path in short.iterdir() if not path.name.startswith(f"rollcall-{os.getuid()}")]
    assert left == [], "something is left behind"


@pytest.mark.parametrize("sign", ["Making", "day 2 of 12"])
def test_ctrl_c_in_the_middle_ends_the_demo_in_order(tmp_path: Path, short: Path, sign: str) -> None:
    output = tmp_path / "output"
    command = [sys.executable, "rollcall.py", "demo", "--days", "12", "--followers", "300", "--following", "30"]
    with output.open("wb") as file:
        demo = subprocess.Popen(
            [*command, "--posts", "5"],
            cwd=REPO, stdout=file, stderr=file, start_new_session=True, env=_own_port(TMPDIR=str(short)),
        )  # fmt: skip
        try:
            _until(demo, output, sign)
            os.killpg(demo.pid, signal.SIGINT)
            assert demo.wait(240) == 0
        finally:
            if demo.poll() is None:
                os.killpg(demo.pid, signal.SIGKILL)
    said = output.read_text(encoding="utf-8")
    assert said.splitlines()[-1] == "Stopped."
    assert ("never retrieved" in said, "Traceback" in said) == (False, False)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "rollcall.py", "demo", "--days", "1"],
            cwd=REPO, capture_output=True, text=True, check=False, timeout=240, env={**os.environ, "PORT": port},
        )  # fmt: skip
    assert done.returncode == 1
    assert f"PORT={port} is taken" in done.stderr


def _until(demo: subprocess.Popen[bytes], output: Path, begins: str) -> list[str]:
    """The lines so far, once one begins with `begins`; AssertionError when the demo ends before."""
    while True:
        ended = demo.poll() is not None
        lines = output.read_text(encoding="utf-8").splitlines()
        if any(line.startswith(begins) for line in lines):
            return lines
        assert not ended, "\n".join(lines[-40:])
        time.sleep(0.1)


def _one(lines: list[str], begins: str) -> str:
    (line,) = (line for line in lines if line.startswith(begins))
    return line
