"""A real PgBouncer in front of a test's database."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from cli.ops.launcher import free_port
from shared.db import roles
from tests.conftest import Database
from tests.worker.fleet import until

PROGRAM = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
_CONFIG = """\
[databases]
{name} = host={host} port={port} dbname={name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = 3
"""


@contextmanager
def pgbouncer(database: Database, mode: str) -> Iterator[Database]:
    """The same database through a pooler of `mode`, which keeps three sessions for each role; else the test skips."""
    if not Path(PROGRAM).is_file():
        pytest.skip("pgbouncer is not installed on this machine")
    where = conninfo_to_dict(database.owner)
    owner = Path(str(where["host"])).owner()
    with TemporaryDirectory(prefix="pgb") as name:
        folder, listen = Path(name), free_port(0)
        folder.chmod(0o755)
        users = (str(where["user"]), roles.WEB, roles.WORKER)
        (folder / "users.txt").write_text("".join(f'"{user}" ""\n' for user in users))
        (folder / "pgbouncer.ini").write_text(
            _CONFIG.format(
                name=where["dbname"],
                host=where["host"],
                port=where.get("port", 5432),
                listen=listen,
                folder=folder,
                mode=mode,
            )
        )
        switch = ["-u", owner] if os.geteuid() == 0 else []
        process = subprocess.Popen(
            [PROGRAM, "-q", *switch, str(folder / "pgbouncer.ini")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until(lambda: process.poll() is not None or _listens(listen), 30)
            assert process.poll() is None, "pgbouncer did not start"
            urls = [f"postgresql://{user}@127.0.0.1:{listen}/{where['dbname']}" for user in users]
            psycopg.connect(urls[0]).close()
            yield Database(*urls)
        finally:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
