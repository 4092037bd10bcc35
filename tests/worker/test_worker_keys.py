"""`rollcall worker` with keys that cannot be used ends in one sentence, before it asks for the database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from rollcall import main
from shared.vault import KeyRing

NOW = datetime(2026, 11, 20, tzinfo=UTC)
GOOD = KeyRing.generate(NOW).to_json()
BAD = {
    "no JSON": "canary",
    "another object": '{"canary": 1}',
    "cut": GOOD[: len(GOOD) // 2],
    "no keys": '{"rollcall_keys": 1, "opening": [], "wrapping": []}',
    "the web's half": KeyRing.generate(NOW).sealing_key.to_text(),
}


class Asked(AssertionError):
    """The database was asked."""


def never(*_: object) -> None:
    raise Asked


@pytest.fixture(autouse=True)
def nobody_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The database is away for good, and who asks for it all the same is told."""
    monkeypatch.setattr("worker.main.require_sessions", never)
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@127.0.0.1:1/none")
    monkeypatch.setenv("ROLLCALL_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_keys_that_cannot_be_used_are_told_by_the_name_of_the_setting(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKER_KEYS", text)
    done = CliRunner().invoke(main, ["worker"])
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert done.output.startswith("Error: WORKER_KEYS cannot be used: ")
    assert "canary" not in done.output


def test_a_missing_ring_is_told_too() -> None:
    done = CliRunner().invoke(main, ["worker"])
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "There are no worker keys at " in done.output


def test_with_good_keys_the_database_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_KEYS", GOOD)
    assert isinstance(CliRunner().invoke(main, ["worker"]).exception, Asked)
