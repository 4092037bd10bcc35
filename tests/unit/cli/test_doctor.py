"""`rollcall doctor` tells what is missing and how to mend it."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from cli.ops.doctor import machine
from cli.ops.doctor.check import Check
from cli.ops.doctor.keys import keys
from cli.ops.doctor.port import port
from cli.ops.doctor.schema import database
from shared import release
from shared.db.version import newest
from shared.domain.input.hosts import Host
from shared.errors import BrowserMissing
from shared.folders import private_folder
from shared.installation import proof, secret_path
from shared.settings import Settings, load
from shared.vault import keyfiles
from shared.vault.keyring import KeyRing
from tests.conftest import REPO

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@contextmanager
def answering(answer: Callable[[str], bytes], status: int = 200) -> Iterator[int]:
    """The port of a server of this machine whose body is made of the nonce that it is asked with."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer(parse_qs(urlsplit(self.path).query)["nonce"][0]))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "0.0.0.0", "*", "::1", "[::1]", "::", "[::]", "localhost"])
def test_a_free_port_is_well_and_a_taken_one_is_told_in_every_form_of_host(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What listens here never answers.
    monkeypatch.setattr("cli.ops.doctor.port._PATIENCE", 0.1)
    at = Host.parse(load({"HOST": host}).host)
    with socket.socket(socket.AF_INET6 if ":" in at.reach else socket.AF_INET) as taken:
        taken.bind((at.reach, 0))
        number = str(taken.getsockname()[1])
        taken.listen()
        taken.settimeout(0)
        refused = port(load({"HOST": host, "PORT": number}))
    assert refused.word == "WRONG"
    assert "is taken" in refused.says
    assert "Set PORT" in refused.mend
    assert port(load({"HOST": host, "PORT": number})).word == "ok"


def test_an_address_of_another_machine_is_wrong_and_not_a_taken_port() -> None:
    check = port(load({"HOST": "192.0.2.1"}))
    assert check.word == "WRONG"
    assert check.says.startswith("HOST=192.0.2.1 cannot be listened on")


def test_nobody_is_asked_where_the_port_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address of another machine is that machine's business."""
    asked: list[str] = []
    monkeypatch.setattr("cli.ops.doctor.port.fetch", lambda url, _: asked.append(url))
    assert port(load({"HOST": "192.0.2.1"})).word == "WRONG"
    assert asked == []


def test_the_port_for_the_health_check_is_looked_at_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.ops.doctor.port._PATIENCE", 0.1)
    monkeypatch.setenv("PORT", "0")
    assert "health port" not in {c.name for c in machine.examine({})}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        taken.settimeout(0)
        monkeypatch.setenv("HEALTH_PORT", str(taken.getsockname()[1]))
        found = {c.name: c for c in machine.examine({})}
    assert found["health port"].word == "WRONG"
    assert "HEALTH_PORT=" in found["health port"].says


OURS, OTHERS = "0123456789" * 4, "another" * 8


def of_rollcall(secret: str, nonce: str) -> bytes:
    return json.dumps({"status": "as it is", "proof": proof(secret, nonce)}).encode()


@pytest.mark.parametrize("kept", ["in the setting", "in the data folder"])
def test_our_own_answer_is_known_by_its_proof_and_anothers_is_told_apart(kept: str, tmp_path: Path) -> None:
    own = {"ROLLCALL_DATA_DIR": str(tmp_path), "SECRET_KEY": OURS}
    if kept == "in the data folder":
        private_folder(tmp_path / "keys")
        secret_path(tmp_path).write_text(f"{own.pop('SECRET_KEY')}\n")
    found = {}
    for secret, status in ((OURS, 200), (OURS, 503), (OTHERS, 200)):
        with answering(partial(of_rollcall, secret), status) as number:
            found[secret, status] = port(load({**own, "PORT": str(number)}))
    assert [check.word for check in found.values()] == ["ok", "WRONG", "WRONG"]
    assert "this installation's own" in found[OURS, 200].says
    assert "as it is" in found[OURS, 503].says
    assert "another installation" in found[OTHERS, 200].says


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"ok", b'{"status": "ok"}', b"\xff"])
def test_any_other_answer_is_not_taken_for_rollcalls(body: bytes, tmp_path: Path) -> None:
    with answering(lambda _: body) as number:
        check = port(load({"PORT": str(number), "ROLLCALL_DATA_DIR": str(tmp_path)}))
    assert check.word == "WRONG"
    assert "something listens there" in check.says


@pytest.mark.parametrize("given", ["null", "1", '""', '"\\u00e9"', f'"{proof(OURS, "an earlier nonce")}"'])
def test_a_proof_that_is_none_is_anothers(given: str) -> None:
    told = f'{{"proof": {given}}}'.encode()
    with answering(lambda _: told) as number:
        check = port(load({"PORT": str(number), "SECRET_KEY": OURS}))
    assert (check.word, "another installation" in check.says) == ("WRONG", True)


def test_the_keys_are_tried_and_a_backup_is_advised(tmp_path: Path) -> None:
    settings = load({"ROLLCALL_DATA_DIR": str(tmp_path)})
    assert keys(settings).word == "not tried"
    keyfiles.create(tmp_path, NOW)
    check = keys(settings)
    assert (check.word, "sealed and opened again" in check.says) == ("ok", True)
    assert "Back this file up" in check.mend


def test_keys_of_two_rings_are_wrong() -> None:
    ring, other = KeyRing.generate(NOW), KeyRing.generate(NOW)
    both = {"WORKER_KEYS": ring.to_json(), "SEALING_KEY": other.sealing_key.to_text()}
    assert keys(load(both)).word == "WRONG"
    assert keys(load({**both, "SEALING_KEY": ring.sealing_key.to_text()})).word == "ok"
    assert keys(
        load({**both, "WORKER_KEYS": ring.with_new_keys(NOW).to_json(), "SEALING_KEY": ring.sealing_key.to_text()})
    ).ok


def test_the_webs_half_alone_is_not_called_well() -> None:
    given = {"SEALING_KEY": KeyRing.generate(NOW).sealing_key.to_text(), "ROLLCALL_DATA_DIR": "/nonexistent"}
    assert keys(load(given)).word == "not tried"


def test_keys_that_cannot_be_read_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_KEYS", "canary")
    found = {c.name: c for c in machine.examine({})}
    assert found["keys"].word == "WRONG"
    assert "canary" not in found["keys"].says + found["keys"].mend


def test_keys_that_others_may_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyfiles.create(tmp_path, NOW)
    keyfiles.ring_path(tmp_path).chmod(0o644)
    monkeypatch.setenv("ROLLCALL_DATA_DIR", str(tmp_path))
    found = {c.name: c for c in machine.examine({})}
    assert not found["keys"].ok
    assert "chmod 600" in found["keys"].says + found["keys"].mend


def test_a_database_that_does_not_answer_is_told() -> None:
    check = database(load({"DATABASE_URL": "postgresql://me:canary@127.0.0.1:1/none"}))
    assert not check.ok
    assert "does not answer" in check.says
    assert "canary" not in check.says


def test_a_missing_browser_is_a_result_and_not_a_traceback() -> None:
    def missing(_: Settings) -> Check:
        raise BrowserMissing

    found = {c.name: c for c in machine.examine({"browser": missing})}
    assert not found["browser"].ok
    assert "playwright install chromium" in found["browser"].mend


def test_a_wrong_setting_is_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    found = {c.name: c for c in machine.examine({})}
    assert not found["settings"].ok
    assert found["settings"].says.startswith("PORT: ")


def test_a_file_where_the_data_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not machine.data_folder(tmp_path / "file" / "data").ok


def test_all_wrong_settings_are_told_at_once_and_called_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"PORT": "many", "PACE_SECONDS": "-1", "DATABASE_URL": "postgresql://u:%zz@h/d", "SECRET_KEY": "short"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    wrong = [c for c in machine.examine({}) if c.word == "WRONG"]
    assert {c.says.split()[0].strip(":") for c in wrong} == set(given)


def test_a_folder_that_takes_nothing_is_not_called_well() -> None:
    check = machine.data_folder(Path("/proc/rollcall"))
    assert check.word == "WRONG"


def test_version_schema_and_disk_are_told(tmp_path: Path) -> None:
    assert newest() in machine.version().says
    assert "GB free" in machine.disk(tmp_path / "new").says


@pytest.mark.parametrize("folder", ["/proc/x", "/sys/x", "/dev/null/x", "/proc/1/x/y"])
def test_folders_that_are_no_place_for_data_are_wrong(folder: str) -> None:
    assert machine.data_folder(Path(folder)).word == "WRONG"


def test_a_wrong_setting_leaves_out_only_what_needs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("PACE_SECONDS", "-1")
    monkeypatch.setenv("ROLLCALL_DATA_DIR", str(tmp_path / "new"))
    found = {c.name: c for c in machine.examine({})}
    assert found["port"].word == "not tried"
    assert "PORT is wrong" in found["port"].says
    assert found["data"].word == "ok"
    assert str(tmp_path) in found["data"].says


def test_an_embedded_database_that_does_not_run_is_not_called_well(tmp_path: Path) -> None:
    settings = load({"ROLLCALL_DATA_DIR": str(tmp_path)})
    assert database(settings).word == "not tried"
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16")
    assert "does not run" in database(settings).says
    gone = f"1\n{tmp_path}\n1\n5432\n{tmp_path / 'nowhere'}\n\n1 1\nready"
    (tmp_path / "postgres" / "postmaster.pid").write_text(gone)
    check = database(settings)
    assert (check.word, "does not run" in check.says) == ("not tried", True)


def test_the_version_stands_once() -> None:
    whole = [*REPO.glob("*.py"), *REPO.glob("*.toml"), *(REPO / "shared").rglob("*.py")]
    holding = [path.name for path in whole if f'"{release.VERSION}"' in path.read_text(encoding="utf-8")]
    assert holding == ["release.py"]
