"""Folders that are their owner's alone, at every level below the one that was given."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from shared.errors import ConfigError

_MODE = 0o700


def private_folder(folder: Path, below: Path | None = None) -> Path:
    """Makes the folder 0700, and every one that is missing above it; closes those that are wider, from `below` on.

    Without `below` the folder itself alone is closed. Raises ConfigError where one of these belongs to somebody else
    or is a link.
    """
    make_private(folder)
    above = [] if below is None else [one for one in reversed(folder.parents) if one.is_relative_to(below)]
    for one in [*above, folder]:
        _close(one)
    return folder


def make_private(folder: Path) -> Path:
    """Makes the folder and every one that is missing above it, each 0700; what is there already stays as it is."""
    # `mkdir(parents=True)` gives its mode to the last one only.
    for one in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        one.mkdir(mode=_MODE, exist_ok=True)
    return folder


def _close(folder: Path) -> None:
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in (0, os.geteuid()):
        raise ConfigError(f"{folder} is a link, or belongs to another user. Name a folder of your own.")
    if stat.S_IMODE(seen.st_mode) & 0o077:
        folder.chmod(_MODE)
