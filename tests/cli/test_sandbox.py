"""The command: one line, then service until a signal."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

REPO = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_json_line_serves_and_ends_with_0(ending: signal.Signals) -> None:
    command = [
        sys.executable,
        "-m",
        "cli.sandbox",
        "--seed",
        "3",
        "--followers",
        "0",
        "--posts",
        "0",
        "--two-factor",
        "sms",
    ]
    command += ["--username", "quiet.one", "--known-device", "confirmed", "--two-step", "encrypted", "--no-ds-user-id"]
    command += ["--start", "2025-01-02T03:04:05+01:00", "--private"]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        truth = httpx.get(f"{line['url']}/_sandbox/truth/quiet.one").json()
        process.send_signal(ending)
        assert process.stdout.read() == ""
        assert process.wait(timeout=240) == 0
    assert " ".join(line) == "url username password totp_secret backup_codes two_factor user_id phone_url now"
    assert (line["username"], line["two_factor"], line["totp_secret"]) == ("quiet.one", "sms", None)
    assert line["now"] == truth["now"] == "2025-01-02T02:04:05+00:00"
    assert (truth["followers"], truth["media"]) == ([], [])


def test_it_serves_google_over_the_same_world_on_request() -> None:
    command = [sys.executable, "-m", "cli.sandbox", "--followers", "9", "--following", "0", "--posts", "0"]
    command += ["--username", "quiet.one", "--google", "http://localhost:5000/api/auth/google/callback"]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        google = line["google"]["GOOGLE_ACCOUNTS_URL"]
        httpx.post(f"{line['url']}/_sandbox/advance", json={"days": 1}).raise_for_status()
        now = httpx.get(f"{google}/_sandbox/now").json()
        truth = httpx.get(f"{google}/_sandbox/truth/quiet.one").json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=240) == 0
    assert now == {"now": truth["now"]}
    assert truth["now"] > line["now"]


def test_it_serves_meta_and_tiktok_over_the_same_world_on_request() -> None:
    command = [sys.executable, "-m", "cli.sandbox", "--followers", "9", "--following", "0", "--posts", "2"]
    command += ["--username", "quiet.one", "--meta", "http://localhost:5000/api/auth/instagram/callback"]
    command += ["--tiktok", "http://localhost:5000/api/auth/tiktok/callback"]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        graph = line["meta"]["INSTAGRAM_GRAPH_URL"]
        browsed = httpx.get(f"{line['url']}/_sandbox/truth/quiet.one").json()
        truth = httpx.get(f"{graph}/_sandbox/truth/quiet.one").json()
        clips = httpx.get(f"{line['tiktok']['TIKTOK_API_URL']}/_sandbox/truth/quiet.one").json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=240) == 0
    assert clips["now"] == browsed["now"]
    assert (truth["now"], truth["followers"]) == (browsed["now"], len(browsed["followers"]))
    assert [row["code"] for row in truth["media"]] == [row["code"] for row in browsed["media"]]


@pytest.mark.parametrize(
    "option",
    [
        ["--followers", "-1"],
        ["--start", "soon"],
        ["--two-factor", "magic"],
        ["--port", "70000"],
        ["--google", "http://example.org/"],
        ["--meta", "http://example.org/"],
        ["--tiktok", "http://localhost/callback"],
    ],
)
def test_nonsense_is_refused_before_anything_is_served(option: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.sandbox", *option],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: Invalid value" in done.stderr
