"""Short-lived folders for the files of a server."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 * 1024**3


def scratch(prefix: str) -> tempfile.TemporaryDirectory[str]:
    """A folder that goes with its block, its name short enough for a socket's path.

    It is in memory where this machine has room there: each test copies a database, and disks are slow to make files.
    """
    return tempfile.TemporaryDirectory(prefix=prefix, dir=_in_memory(), ignore_cleanup_errors=True)


def _in_memory() -> Path | None:
    try:
        roomy = shutil.disk_usage(_MEMORY).free >= _ROOM
    except OSError:
        return None
    return _MEMORY if roomy and os.access(_MEMORY, os.W_OK | os.X_OK) else None
