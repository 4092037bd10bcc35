"""The web starts only where it is safe, says why when it is not, and stops when told."""

from __future__ import annotations

import json
import logging
import os
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
import structlog
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.ops.launcher import free_port
from cli.web import web
from shared.errors import DatabaseError, KeyFileError
from shared.settings import load
from shared.vault import KeyRing, keyfiles
from shared.vault.configured import sealing_key
from tests.conftest import REPO, Database
from web.serve import load_secret_key, open_database


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """The command sends this process's logs to its own stderr; other tests get theirs back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_the_webs_own_role_is_let_in(database: Database) -> None:
    with open_database(load({}, database_url=database.web)) as pool, pool.connection() as conn:
        assert conn.execute("select current_user as role").fetchall() == [{"role": "rollcall_web"}]


def test_a_superuser_is_refused(database: Database) -> None:
    with pytest.raises(DatabaseError, match="people could see each other's data"):
        open_database(load({}, database_url=database.owner)).__enter__()


def test_a_role_that_bypasses_row_security_is_refused(database: Database) -> None:
    with pytest.raises(DatabaseError, match="bypasses row-level security"):
        open_database(load({}, database_url=database.worker)).__enter__()


def test_a_table_without_row_security_is_refused(database: Database) -> None:
    with psycopg.connect(database.owner) as conn:
        conn.execute("alter table public.media disable row level security")
    with pytest.raises(DatabaseError, match=r"public.media has row-level security switched off"):
        open_database(load({}, database_url=database.web)).__enter__()


def _as_url(conninfo: str) -> str:
    return "postgresql:///?" + urlencode(conninfo_to_dict(conninfo))


def _refusal(monkeypatch: pytest.MonkeyPatch, **env: str) -> str:
    for name in ("DATABASE_URL", "SEALING_KEY", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(web)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    return result.output


def test_a_missing_database_or_key_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database
) -> None:
    there = {"ROLLCALL_DATA_DIR": str(tmp_path)}
    assert "There is no sealing key" in _refusal(monkeypatch, **there, DATABASE_URL=_as_url(database.web))
    keyfiles.create(tmp_path, datetime(2026, 11, 20, tzinfo=UTC))
    assert "DATABASE_URL is not set" in _refusal(monkeypatch, **there)
    assert "people could see" in _refusal(monkeypatch, **there, DATABASE_URL=_as_url(database.owner))
    away = make_conninfo(database.web, dbname="missing", password="canary-password")
    monkeypatch.setattr("web.serve._PATIENCE", 0.5)
    said = _refusal(monkeypatch, **there, DATABASE_URL=_as_url(away))
    assert "does not answer" in said
    assert "canary" not in said


def test_the_sealing_key_comes_from_its_setting_or_the_data_folder(tmp_path: Path) -> None:
    ring = keyfiles.create(tmp_path, datetime(2026, 11, 20, tzinfo=UTC))
    assert sealing_key(load({}, data_dir=tmp_path)) == ring.sealing_key
    other = KeyRing.generate(datetime(2026, 11, 20, tzinfo=UTC)).sealing_key
    assert sealing_key(load({"SEALING_KEY": other.to_text()}, data_dir=tmp_path)) == other
    with pytest.raises(KeyFileError, match=r"^SEALING_KEY cannot be used: "):
        sealing_key(load({"SEALING_KEY": "nonsense"}, data_dir=tmp_path))


def test_the_secret_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = load({}, data_dir=tmp_path)
    first = load_secret_key(settings)
    assert len(first) == 64
    assert load_secret_key(settings) == first
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_secret_key(load({"SECRET_KEY": "s" * 40}, data_dir=tmp_path)) == "s" * 40


@pytest.mark.slow
def test_the_command_serves_on_a_free_port_and_ends_on_sigterm(database: Database, tmp_path: Path) -> None:
    keyfiles.create(tmp_path, datetime(2026, 11, 20, tzinfo=UTC))
    env = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
        "DATABASE_URL": _as_url(database.web),
        "ROLLCALL_DATA_DIR": str(tmp_path),
        "PORT": "0",
        "LOG_FORMAT": "json",
    }
    command = [sys.executable, "-c", "from cli.web import web; web()"]
    with subprocess.Popen(command, cwd=REPO, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        address = line.removeprefix("Rollcall is at ").strip()
        with urllib.request.urlopen(f"{address}/healthz", timeout=240) as answer:
            assert json.load(answer) == {"status": "ok"}
            assert "Server" not in answer.headers
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0
    events = [json.loads(entry)["event"] for entry in err.decode().splitlines()]
    assert events[0] == "web_listening"
    assert events[-1] == "web_stopped"
    assert database.web not in err.decode()


@pytest.mark.slow
def test_the_command_shows_its_measures_on_the_pages_port_and_on_one_of_its_own(
    database: Database, tmp_path: Path
) -> None:
    keyfiles.create(tmp_path, datetime(2026, 11, 20, tzinfo=UTC))
    port = free_port(0)
    env = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
        "DATABASE_URL": _as_url(database.web),
        "ROLLCALL_DATA_DIR": str(tmp_path),
        "PORT": "0",
        "METRICS_PORT": str(port),
        "METRICS_TOKEN": "a-token-of-the-tests",
    }
    command = [sys.executable, "-c", "from cli.web import web; web()"]
    with subprocess.Popen(command, cwd=REPO, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().removeprefix("Rollcall is at ").strip()
        for place in (address, f"http://127.0.0.1:{port}"):
            asked = urllib.request.Request(f"{place}/metrics", headers={"Authorization": "Bearer a-token-of-the-tests"})
            with urllib.request.urlopen(asked, timeout=240) as answer:
                assert b"rollcall_database_up 1.0" in answer.read()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0
    assert "a-token-of-the-tests" not in err.decode()
