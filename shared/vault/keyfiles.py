"""The keys as files in the data directory: the worker's ring for its owner only, and the sealing key.

`keys/` is 0700, `keys/worker-keys.json` 0600, `keys/sealing-key.txt` 0644. A file is replaced as a whole (new file,
sync, rename), and one process at a time makes or rotates keys, so neither a crash nor two concurrent starts lose any.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from shared.errors import KeyFileError
from shared.folders import private_folder
from shared.vault.keyring import KeyRing
from shared.vault.sealing import SealingKey

_FOLDER_MODE = 0o700
_RING_MODE = 0o600
_SEALING_MODE = 0o644


def ring_path(data_dir: Path) -> Path:
    """Return the path of the worker's ring: the file to back up."""
    return data_dir / "keys" / "worker-keys.json"


def sealing_path(data_dir: Path) -> Path:
    """Return the path of the public sealing key."""
    return data_dir / "keys" / "sealing-key.txt"


def load(data_dir: Path) -> KeyRing:
    """Return the ring in the data directory; raise KeyFileError when it is missing, readable by others or broken."""
    return replace(_read_ring(data_dir), reread=partial(_read_ring, data_dir))


def load_sealing_key(data_dir: Path) -> SealingKey:
    """Return the public sealing key; raise KeyFileError when it is missing or broken."""
    path = sealing_path(data_dir)
    try:
        return SealingKey.from_text(path.read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        raise KeyFileError(f"There is no sealing key at {path}.", next_step="Run `rollcall keys generate`.") from None


def create(data_dir: Path, now: datetime) -> KeyRing:
    """Make the first keys and return them; raise KeyFileError when there are keys already."""
    with _one_at_a_time(data_dir):
        path = ring_path(data_dir)
        if path.exists():
            raise KeyFileError(f"There are keys at {path} already.", next_step="For new ones: `rollcall keys rotate`.")
        _write(data_dir, KeyRing.generate(now))
    return load(data_dir)


def load_or_create(data_dir: Path, now: datetime) -> KeyRing:
    """Return the ring in the data directory, made at the first call; the sealing key is written if it is missing."""
    with _one_at_a_time(data_dir):
        if not ring_path(data_dir).exists():
            _write(data_dir, KeyRing.generate(now))
        ring = load(data_dir)
        if not sealing_path(data_dir).exists():
            _write_sealing_key(data_dir, ring)
    return ring


def rotate(data_dir: Path, now: datetime) -> KeyRing:
    """Put fresh keys of both kinds in front of the ring and return it; the older ones stay in it."""
    with _one_at_a_time(data_dir):
        _write(data_dir, load(data_dir).with_new_keys(now))
    return load(data_dir)


def _read_ring(data_dir: Path) -> KeyRing:
    path = ring_path(data_dir)
    try:
        _refuse_folder(path.parent)
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8", errors="replace") as file:
            _refuse_open_to_others(path, os.fstat(file.fileno()))
            return KeyRing.from_json(file.read())
    except FileNotFoundError:
        raise KeyFileError(f"There are no worker keys at {path}.", next_step="Run `rollcall keys generate`.") from None
    except PermissionError:
        raise KeyFileError(f"{path} belongs to another user.", next_step="Run the worker as its owner.") from None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise KeyFileError(f"{path} is a link.", next_step="Put the file itself there.") from None


def _refuse_folder(folder: Path) -> None:
    """Refuse a folder that others may write to, because they could put another ring there."""
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode):
        raise KeyFileError(f"{folder} is no folder, or a link to one.", next_step="Put the folder itself there.")
    if seen.st_uid not in (0, os.geteuid()):
        raise KeyFileError(f"{folder} belongs to another user.", next_step="Run the worker as its owner.")
    if stat.S_IMODE(seen.st_mode) & 0o077:
        raise KeyFileError(
            f"Others on this machine may use {folder} (mode {stat.S_IMODE(seen.st_mode):04o}).",
            next_step=f"Run `chmod 700 {folder}`.",
        )


def _refuse_open_to_others(path: Path, seen: os.stat_result) -> None:
    permissions = stat.S_IMODE(seen.st_mode)
    if not stat.S_ISREG(seen.st_mode):
        raise KeyFileError(f"{path} is no file.", next_step="Put the ring's file there.")
    if seen.st_uid not in (0, os.geteuid()):
        raise KeyFileError(f"{path} belongs to another user.", next_step="Run the worker as its owner.")
    if permissions & 0o077:
        raise KeyFileError(
            f"Others on this machine may use {path} (mode {permissions:04o}).", next_step=f"Run `chmod 600 {path}`."
        )


def _write(data_dir: Path, ring: KeyRing) -> None:
    # The ring goes first: a sealing key that no ring opens must never exist.
    _replace(ring_path(data_dir), ring.to_json() + "\n", _RING_MODE)
    _write_sealing_key(data_dir, ring)


def _write_sealing_key(data_dir: Path, ring: KeyRing) -> None:
    _replace(sealing_path(data_dir), ring.sealing_key.to_text() + "\n", _SEALING_MODE)


def _replace(path: Path, text: str, mode: int) -> None:
    # The lock is held, so a file of this name can only be the remains of a crash.
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _RING_MODE), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _one_at_a_time(data_dir: Path) -> Iterator[None]:
    """Hold the lock of the key folder; a missing folder is made, closed to others."""
    folder = ring_path(data_dir).parent
    private_folder(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
