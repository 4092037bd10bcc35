"""The key files belong to their owner, are replaced as a whole, and are neither lost nor made twice."""

from __future__ import annotations

import multiprocessing
import os
import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from shared.errors import KeyFileError
from shared.vault import keyfiles

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALICE = uuid4()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_at_the_first_call_and_kept_at_the_next(tmp_path: Path) -> None:
    first = keyfiles.load_or_create(tmp_path / "deep" / "data", NOW)
    assert keyfiles.load_or_create(tmp_path / "deep" / "data", NOW).to_json() == first.to_json()
    assert keyfiles.load(tmp_path / "deep" / "data").to_json() == first.to_json()


def test_only_their_owner_can_read_the_keys(tmp_path: Path) -> None:
    keyfiles.load_or_create(tmp_path, NOW)
    keyfiles.rotate(tmp_path, NOW)
    assert mode(tmp_path / "keys") == 0o700
    assert mode(tmp_path / "keys" / "worker-keys.json") == 0o600
    assert mode(tmp_path / "keys" / "sealing-key.txt") == 0o644


def test_the_web_gets_the_public_half_of_the_current_key(tmp_path: Path) -> None:
    ring = keyfiles.load_or_create(tmp_path, NOW)
    assert keyfiles.load_sealing_key(tmp_path) == ring.sealing_key
    rotated = keyfiles.rotate(tmp_path, NOW)
    assert keyfiles.load_sealing_key(tmp_path) == rotated.sealing_key != ring.sealing_key


def test_the_public_half_can_be_made_again_from_the_ring(tmp_path: Path) -> None:
    ring = keyfiles.load_or_create(tmp_path, NOW)
    keyfiles.sealing_path(tmp_path).unlink()
    keyfiles.load_or_create(tmp_path, NOW)
    assert keyfiles.load_sealing_key(tmp_path) == ring.sealing_key


@pytest.mark.parametrize("permissions", [0o640, 0o604, 0o622, 0o777])
def test_a_ring_that_others_may_use_is_refused_with_the_remedy(tmp_path: Path, permissions: int) -> None:
    keyfiles.load_or_create(tmp_path, NOW)
    path = keyfiles.ring_path(tmp_path)
    path.chmod(permissions)
    for call in (keyfiles.load, lambda d: keyfiles.load_or_create(d, NOW), lambda d: keyfiles.rotate(d, NOW)):
        with pytest.raises(KeyFileError, match=f"chmod 600 {path}"):
            call(tmp_path)
    path.chmod(0o600)
    keyfiles.load(tmp_path)


@pytest.mark.parametrize("permissions", [0o777, 0o750, 0o701, 0o722])
def test_a_folder_that_others_may_use_is_refused_by_load_with_the_remedy(tmp_path: Path, permissions: int) -> None:
    keyfiles.create(tmp_path, NOW)
    folder = tmp_path / "keys"
    folder.chmod(permissions)
    with pytest.raises(KeyFileError, match=f"chmod 700 {folder}"):
        keyfiles.load(tmp_path)
    folder.chmod(0o700)
    keyfiles.load(tmp_path)


def test_a_ring_or_a_folder_that_is_a_link_is_refused_by_load(tmp_path: Path) -> None:
    keyfiles.create(tmp_path / "real", NOW)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "keys").symlink_to(tmp_path / "real" / "keys")
    with pytest.raises(KeyFileError, match="is no folder, or a link to one"):
        keyfiles.load(tmp_path / "linked")
    path = keyfiles.ring_path(tmp_path / "real")
    path.rename(path.with_name("elsewhere.json"))
    path.symlink_to(path.with_name("elsewhere.json"))
    with pytest.raises(KeyFileError, match="is a link"):
        keyfiles.load(tmp_path / "real")


@pytest.mark.parametrize("of", ["keys", "keys/worker-keys.json"])
def test_a_ring_or_a_folder_of_somebody_else_is_refused(
    tmp_path: Path, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyfiles.create(tmp_path, NOW)
    if os.geteuid() == 0:
        os.chown(tmp_path / of, 12345, -1)
    else:
        # No one but root gives a file away; then it is this process that seems to be someone else.
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(KeyFileError, match="belongs to another user"):
        keyfiles.load(tmp_path)


def test_making_keys_refuses_to_replace_any(tmp_path: Path) -> None:
    ring = keyfiles.create(tmp_path, NOW)
    with pytest.raises(KeyFileError, match="keys rotate"):
        keyfiles.create(tmp_path, NOW)
    assert keyfiles.load(tmp_path).to_json() == ring.to_json()


def test_a_broken_ring_is_never_replaced(tmp_path: Path) -> None:
    keyfiles.create(tmp_path, NOW)
    path = keyfiles.ring_path(tmp_path)
    path.write_text("{}")
    for call in (keyfiles.load_or_create, keyfiles.rotate):
        with pytest.raises(KeyFileError):
            call(tmp_path, NOW)
    assert path.read_text() == "{}"


def test_missing_keys_say_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="keys generate"):
        keyfiles.load(tmp_path)
    with pytest.raises(KeyFileError, match="keys generate"):
        keyfiles.load_sealing_key(tmp_path)


def test_rotation_keeps_the_older_keys(tmp_path: Path) -> None:
    before = keyfiles.create(tmp_path, NOW)
    wrapped = before.new_data_key(ALICE)
    after = keyfiles.rotate(tmp_path, NOW)
    assert [key.kek_id for key in after.wrapping[1:]] == [before.kek_id]
    assert [key.sealing_key for key in after.opening[1:]] == [before.sealing_key]
    assert after.unwrap(wrapped, ALICE).key == before.unwrap(wrapped, ALICE).key


def test_a_ring_in_use_follows_its_file_through_a_rotation(tmp_path: Path) -> None:
    running = keyfiles.create(tmp_path, NOW)
    after = keyfiles.rotate(tmp_path, NOW)
    wrapped = after.new_data_key(ALICE)
    assert running.unwrap(wrapped, ALICE).key == after.unwrap(wrapped, ALICE).key


def test_a_write_that_fails_leaves_the_old_keys_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keyfiles.create(tmp_path, NOW)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            keyfiles.rotate(tmp_path, NOW)
    assert keyfiles.load(tmp_path).to_json() == before.to_json()
    keyfiles.rotate(tmp_path, NOW)
    assert sorted(p.name for p in (tmp_path / "keys").iterdir()) == ["sealing-key.txt", "worker-keys.json"]


def make(data_dir: Path) -> str:
    return keyfiles.load_or_create(data_dir, NOW).to_json()


def turn(data_dir: Path) -> str:
    return keyfiles.rotate(data_dir, NOW).kek_id


def test_processes_that_start_together_make_one_ring_and_rotations_lose_no_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert len(set(pool.map(make, [tmp_path] * 6))) == 1
        list(pool.map(turn, [tmp_path] * 6))
    assert len(keyfiles.load(tmp_path).wrapping) == 7
