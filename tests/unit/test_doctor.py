"""`rollcall doctor` tells what is missing and how to mend it."""

import socket
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from shared import doctor
from shared.db.version import newest
from shared.errors import BrowserMissing
from shared.settings import load
from shared.vault import keyfiles


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        check = doctor.port(load({"PORT": str(taken.getsockname()[1])}))
    assert not check.ok
    assert "Set PORT" in check.mend


def test_a_port_that_is_rollcalls_own_is_well() -> None:
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        Thread(target=server.handle_request, daemon=True).start()
        check = doctor.port(load({"PORT": str(server.server_port)}))
    assert check.ok
    assert "Rollcall's own" in check.says


def test_a_free_port_is_well() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    assert doctor.port(load({"PORT": str(number)})).ok


def test_keys_are_found_and_a_backup_is_advised(tmp_path: Path) -> None:
    settings = load({"ROLLCALL_DATA_DIR": str(tmp_path)})
    assert "made at the first start" in doctor.keys(settings).says
    keyfiles.create(tmp_path, datetime(2026, 11, 20, tzinfo=UTC))
    check = doctor.keys(settings)
    assert check.ok
    assert "Back this file up" in check.mend


def test_keys_that_others_may_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyfiles.create(tmp_path, datetime(2026, 11, 20, tzinfo=UTC))
    keyfiles.ring_path(tmp_path).chmod(0o644)
    monkeypatch.setenv("ROLLCALL_DATA_DIR", str(tmp_path))
    found = {c.name: c for c in doctor.examine({})}
    assert not found["keys"].ok
    assert "chmod 600" in found["keys"].says + found["keys"].mend


def test_a_database_that_does_not_answer_is_told() -> None:
    check = doctor.database(load({"DATABASE_URL": "postgresql://me:canary@127.0.0.1:1/none"}))
    assert not check.ok
    assert "does not answer" in check.says
    assert "canary" not in check.says


def test_a_missing_browser_is_a_result_and_not_a_traceback() -> None:
    def missing() -> doctor.Check:
        raise BrowserMissing

    found = {c.name: c for c in doctor.examine({"browser": missing})}
    assert not found["browser"].ok
    assert "playwright install chromium" in found["browser"].mend


def test_a_wrong_setting_is_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    found = {c.name: c for c in doctor.examine({})}
    assert not found["settings"].ok
    assert found["settings"].says.startswith("PORT: ")


def test_a_file_where_the_data_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not doctor.data_folder(tmp_path / "file" / "data").ok


def test_all_wrong_settings_are_told_at_once_and_called_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"PORT": "many", "PACE_SECONDS": "-1", "DATABASE_URL": "postgresql://u:%zz@h/d", "SECRET_KEY": "short"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    wrong = [c for c in doctor.examine({}) if c.word == "WRONG"]
    assert {c.says.split()[0].strip(":") for c in wrong} == set(given)


def test_a_folder_that_takes_nothing_is_not_called_well() -> None:
    check = doctor.data_folder(Path("/proc/rollcall"))
    assert check.word == "WRONG"


def test_version_schema_and_disk_are_told(tmp_path: Path) -> None:
    assert newest() in doctor.version().says
    assert "GB free" in doctor.disk(tmp_path / "new").says
