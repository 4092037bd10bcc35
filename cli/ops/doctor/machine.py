"""The checks of `rollcall doctor` on every machine: each says what it found, and the remedy for a fault."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import psycopg

from cli.ops.doctor.check import Check, Look, leave_out, wrong
from cli.ops.doctor.keys import keys
from cli.ops.doctor.port import health_port, port
from cli.ops.doctor.schema import database
from shared import release
from shared import settings as all_settings
from shared.database_reasons import reason
from shared.db.version import newest
from shared.errors import BrowserMissing, KeyFileError, RollcallError
from shared.settings import Settings, setting_fields

_LEAST_FREE = 1024**3
_OTHER_FOLDER = "Set ROLLCALL_DATA_DIR to a folder of yours."


class _NotUsable(Exception):
    """A check needs a setting whose value cannot be used."""


class _Usable:
    """The settings without wrong ones: reading a wrong one raises, instead of returning a default."""

    def __init__(self, given: Settings, wrong_ones: Mapping[str, str]) -> None:
        self._given, self._wrong = given, wrong_ones

    def __getattr__(self, name: str) -> Any:
        if name in self._wrong:
            raise _NotUsable(self._wrong[name])
        return getattr(self._given, name)


def examine(others: Mapping[str, Look]) -> list[Check]:
    """Every wrong setting, then every check, ours and the caller's; a check that fails is a result, never a traceback.

    A check that would need a wrong setting is not tried.
    """
    faults = all_settings.wrong()
    names = {f.name: str(f.metadata["name"]) for f in setting_fields() if f.name in faults}
    given = all_settings.load_usable()
    usable = cast(Settings, _Usable(given, names))
    looks: dict[str, Look] = {
        "rollcall": lambda _: version(),
        "python": lambda _: python(),
        "data": lambda those: data_folder(those.data_dir),
        "disk": lambda those: disk(those.data_dir),
        "database": database,
        "keys": keys,
        "port": port,
        **({"health port": health_port} if given.health_port not in (None, given.port) else {}),
        **others,
    }
    found = [_guarded(name, partial(look, usable)) for name, look in looks.items()]
    return [*found[:2], *(wrong("settings", error.message) for error in faults.values()), *found[2:]]


def _guarded(name: str, look: partial[Check]) -> Check:
    try:
        return look()
    except _NotUsable as setting:
        return leave_out(name, f"not tried, because {setting} is wrong")
    except (BrowserMissing, KeyFileError) as error:
        return Check(name, False, error.sentence, error.next_step, wrong=isinstance(error, KeyFileError))
    except RollcallError as error:
        return wrong(name, error.sentence, error.next_step)
    except psycopg.Error as error:
        return wrong(name, f"cannot be looked at: {reason(error)}")
    except OSError as error:
        return wrong(name, f"cannot be looked at ({error.strerror or type(error).__name__})")


def python() -> Check:
    """Whether this Python is new enough."""
    ok = sys.version_info >= (3, 11)
    return Check("python", ok, platform.python_version(), "" if ok else "Install Python 3.11 or later.", wrong=True)


def version() -> Check:
    """Which version this is, and the schema that it needs."""
    return Check("rollcall", True, f"version {release.VERSION}, schema {newest()}")


def data_folder(folder: Path) -> Check:
    """Whether the data folder, or the nearest one above it that exists, can be written."""
    try:
        # Rights alone are no proof: some file systems accept no writes at all.
        with TemporaryDirectory(prefix=".rollcall-", dir=_nearest(folder)) as made:
            (Path(made) / "tried").write_bytes(b"tried")
        there = folder.exists()
    except OSError as error:
        return wrong("data", f"{folder} cannot be written ({error.strerror})", _OTHER_FOLDER)
    return Check("data", True, f"{folder}{'' if there else ' (made at the first start)'}")


def disk(folder: Path) -> Check:
    """Whether the data folder's disk has a gigabyte left."""
    usage = shutil.disk_usage(_nearest(folder))
    if not usage.total:
        return wrong("disk", f"{folder} is on no disk", _OTHER_FOLDER)
    says, enough = f"{usage.free / 1024**3:.1f} GB free for {folder}", usage.free >= _LEAST_FREE
    return Check("disk", enough, says, "" if enough else "Make room, or set ROLLCALL_DATA_DIR.")


def _nearest(folder: Path) -> Path:
    return next(p for p in (folder, *folder.parents) if p.exists())
