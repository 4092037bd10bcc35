"""`rollcall keys` makes keys once, rotates them in place or as lines to copy, and says what to do next."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from cli.keys import keys
from shared.errors import KeyFileError
from shared.settings import load
from shared.vault import KeyRing, SealingKey, keyfiles
from shared.vault.configured import sealing_key, worker_ring

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALICE = uuid4()


def run(data_dir: Path, *words: str, **environment: str) -> Result:
    nothing = {"DATABASE_URL": None, "WORKER_KEYS": None, "SEALING_KEY": None}
    return CliRunner(env={**nothing, "ROLLCALL_DATA_DIR": str(data_dir), **environment}).invoke(keys, words)


def as_a_shell_reads(lines: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(lines))


def test_generate_makes_the_files_once_and_asks_for_a_backup(tmp_path: Path) -> None:
    first = run(tmp_path, "generate")
    assert first.exit_code == 0
    assert str(keyfiles.ring_path(tmp_path)) in first.output
    assert "Back that file up" in first.output
    before = keyfiles.load(tmp_path).to_json()
    second = run(tmp_path, "generate")
    assert second.exit_code == 1
    assert "already" in second.output
    assert "Traceback" not in second.output
    assert keyfiles.load(tmp_path).to_json() == before


def test_generate_print_gives_lines_that_fit_together_and_writes_nothing(tmp_path: Path) -> None:
    result = run(tmp_path, "generate", "--print")
    lines = as_a_shell_reads(result.stdout)
    ring = KeyRing.from_json(lines["WORKER_KEYS"])
    assert SealingKey.from_text(lines["SEALING_KEY"]) == ring.sealing_key
    assert list(tmp_path.iterdir()) == []


def test_rotate_keeps_the_older_keys_and_says_what_it_did(tmp_path: Path) -> None:
    run(tmp_path, "generate")
    before = keyfiles.load(tmp_path)
    result = run(tmp_path, "rotate")
    assert result.exit_code == 0
    assert "New keys are in front" in result.output
    assert "no database yet" in result.output
    after = keyfiles.load(tmp_path)
    assert after.kek_id != before.kek_id
    wrapped = before.new_data_key(ALICE)
    assert after.unwrap(wrapped, ALICE) == before.unwrap(wrapped, ALICE)


def test_rotate_without_keys_says_how_to_make_them(tmp_path: Path) -> None:
    result = run(tmp_path, "rotate")
    assert result.exit_code == 1
    assert "rollcall keys generate" in result.output


def test_rotate_of_hosted_keys_prints_the_new_ones_and_the_order_of_steps(tmp_path: Path) -> None:
    ring = KeyRing.generate(NOW)
    result = run(tmp_path, "rotate", WORKER_KEYS=ring.to_json())
    lines = as_a_shell_reads(result.stdout)
    rotated = KeyRing.from_json(lines["WORKER_KEYS"])
    assert rotated.kek_id != ring.kek_id
    assert rotated.wrapping[1].kek_id == ring.kek_id
    assert SealingKey.from_text(lines["SEALING_KEY"]) == rotated.sealing_key
    assert "rollcall keys rewrap" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_command_but_the_printing_ones_shows_a_secret(tmp_path: Path) -> None:
    shown = run(tmp_path, "generate").output + run(tmp_path, "rotate").output + run(tmp_path, "rewrap").output
    stored = keyfiles.ring_path(tmp_path).read_text()
    for entry in stored.split('"key":"')[1:]:
        assert entry[:43] not in shown


def test_the_settings_decide_where_the_keys_come_from(tmp_path: Path) -> None:
    files = load({"ROLLCALL_DATA_DIR": str(tmp_path)})
    with pytest.raises(KeyFileError):
        sealing_key(files)
    ring = worker_ring(files, NOW)
    assert sealing_key(files) == ring.sealing_key
    other = KeyRing.generate(NOW)
    hosted = load(
        {
            "ROLLCALL_DATA_DIR": str(tmp_path),
            "WORKER_KEYS": other.to_json(),
            "SEALING_KEY": other.sealing_key.to_text(),
        }
    )
    assert worker_ring(hosted, NOW).to_json() == other.to_json()
    assert sealing_key(hosted) == other.sealing_key
