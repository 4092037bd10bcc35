"""Makes folders private to their owner, at every level below a given one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from shared.errors import ConfigError

_MODE = 0o700


def private_folder(folder: Path, below: Path | None = None) -> Path:
    """Makes the folder 0700, and every missing one above it; closes wider ones, from `below` on.

    Without `below` only the folder itself is closed. Raises ConfigError where one of these belongs to another user or
    is a link.
    """
    make_private(folder)
    above = [] if below is None else [one for one in reversed(folder.parents) if one.is_relative_to(below)]
    for one in [*above, folder]:
        _close(one)
    return folder


def make_private(folder: Path) -> Path:
    """Makes the folder and every missing one above it, each 0700; existing folders stay as they are."""
    # `mkdir(parents=True)` sets the mode of the last folder only.
    for one in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        one.mkdir(mode=_MODE, exist_ok=True)
    return folder


def _close(folder: Path) -> None:
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in (0, os.geteuid()):
        raise ConfigError(f"{folder} is a link, or belongs to another user. Name a folder of your own.")
    if stat.S_IMODE(seen.st_mode) & 0o077:
        folder.chmod(_MODE)
