"""What `rollcall doctor` looks at: each check says what it found, and how to mend what is missing."""

import platform
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

import psycopg

from shared.db.migrate import pending
from shared.db.poolers import sessions_last
from shared.db.version import newest
from shared.errors import RollcallError
from shared.settings import Settings, faults, load
from shared.vault import keyfiles

VERSION = "0.1.0"
_LEAST_FREE = 1024**3
_UNSEEN = "; only its owner sees whether it is up to date"
_POOLED = "through a transaction pooler"
_POOLER = (
    "Good for the web. The worker and `rollcall migrate` need a direct connection or a session pooler "
    "(Supabase: port 5432 of the same host)."
)


@dataclass(frozen=True, slots=True)
class Check:
    """`mend` is what to do: a must where `ok` is false, advice where it is true."""

    name: str
    ok: bool
    says: str
    mend: str = ""
    wrong: bool = False

    @property
    def word(self) -> str:
        """One word for what was found: a wrong value is not a missing one, and what was not tried is not well."""
        return "ok" if self.ok else "WRONG" if self.wrong else "MISSING"


def examine(others: Mapping[str, Callable[[], Check]]) -> list[Check]:
    """Every check, ours and the caller's; a check that fails is a result, never a traceback."""
    wrong = [Check("settings", False, error.message, wrong=True) for error in faults()]
    if wrong:
        return [version(), python(), *wrong]
    settings = load()
    checks: dict[str, Callable[[], Check]] = {
        "rollcall": version,
        "python": python,
        "data": lambda: data_folder(settings.data_dir),
        "disk": lambda: disk(settings.data_dir),
        "database": lambda: database(settings),
        "keys": lambda: keys(settings),
        "port": lambda: port(settings),
        **others,
    }
    return [_guarded(name, check) for name, check in checks.items()]


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except RollcallError as error:
        return Check(name, False, error.sentence, error.next_step)


def python() -> Check:
    """Whether this Python is new enough."""
    ok = sys.version_info >= (3, 11)
    return Check("python", ok, platform.python_version(), "" if ok else "Install Python 3.11 or later.")


def data_folder(folder: Path) -> Check:
    """Whether the data folder, or the nearest one above it that exists, can be written."""
    nearest = _nearest(folder)
    try:
        # Rights alone do not tell: some file systems take nothing from anybody.
        with TemporaryDirectory(prefix=".rollcall-", dir=nearest) as made:
            (Path(made) / "tried").write_bytes(b"tried")
    except OSError as error:
        return Check(
            "data",
            False,
            f"{folder} cannot be written ({error.strerror})",
            "Set ROLLCALL_DATA_DIR to a folder of yours.",
            wrong=True,
        )
    return Check("data", True, f"{folder}{'' if folder.exists() else ' (made at the first start)'}")


def _nearest(folder: Path) -> Path:
    return next(p for p in (folder, *folder.parents) if p.exists())


def version() -> Check:
    """Which version this is, and the schema that it needs."""
    return Check("rollcall", True, f"version {VERSION}, schema {newest()}")


def disk(folder: Path) -> Check:
    """Whether the data folder's disk has a gigabyte left."""
    free = shutil.disk_usage(_nearest(folder)).free
    says = f"{free / 1024**3:.1f} GB free for {folder}"
    return Check(
        "disk", free >= _LEAST_FREE, says, "" if free >= _LEAST_FREE else "Make room, or set ROLLCALL_DATA_DIR."
    )


def database(settings: Settings) -> Check:
    """Whether the configured database answers and has this version's schema."""
    if settings.database_url is None:
        made = (settings.data_dir / "postgres" / "PG_VERSION").exists()
        return Check("database", True, f"embedded PostgreSQL, {'not tried' if made else 'made at the first start'}")
    try:
        missing = _missing(settings.database_url)
        lasting = sessions_last(settings.database_url)
    except psycopg.Error as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return Check("database", False, f"DATABASE_URL does not answer: {first}", "Check the address and that it runs.")
    if missing:
        return Check("database", False, f"{len(missing)} migrations are missing", "Run `rollcall migrate`.")
    well = f"DATABASE_URL answers{_UNSEEN if missing is None else ' and is up to date'}"
    return Check("database", True, well) if lasting else Check("database", True, f"{well}, {_POOLED}", _POOLER)


def _missing(url: str) -> list[str] | None:
    """The migrations that are not applied; None where the role, as the web's and the worker's, may not look."""
    try:
        return pending(url)
    except psycopg.errors.InsufficientPrivilege:
        return None


def keys(settings: Settings) -> Check:
    """Whether the worker's key ring is there and readable by its owner alone."""
    if settings.worker_keys is not None:
        return Check("keys", True, "WORKER_KEYS is set", "Keep a copy of it somewhere safe.")
    path = keyfiles.ring_path(settings.data_dir)
    if not path.exists():
        return Check("keys", True, "none yet (made at the first start)")
    keyfiles.load(settings.data_dir)
    mode = stat.S_IMODE(path.stat().st_mode)
    return Check(
        "keys", True, f"{path} (mode {mode:o})", "Back this file up: without it no stored session opens again."
    )


def port(settings: Settings) -> Check:
    """Whether the web's port is free, or already Rollcall's."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            if _is_rollcall(settings.port):
                return Check("port", True, f"{where} is Rollcall's own, and it answers")
            return Check("port", False, f"{where} cannot be used ({error.strerror})", "Set PORT to another one.")
    return Check("port", True, f"{settings.host}:{settings.port} is free")


def _is_rollcall(number: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{number}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False
