"""`rollcall up`: refused before anything starts where its port is taken, its own answer told from another's."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cli.near_misses import near_misses
from cli.ops import launcher
from cli.ops.local_http import fetch
from shared.db.version import newest
from shared.domain.input.hosts import Host
from shared.errors import ConfigError
from shared.settings import load
from tests.conftest import REPO
from tests.rig.scratch import scratch

FORMS = {
    "127.0.0.1": "http://127.0.0.1:80",
    "127.0.0.2": "http://127.0.0.2:80",
    "0.0.0.0": "http://127.0.0.1:80",
    "*": "http://127.0.0.1:80",
    "::": "http://[::1]:80",
    "[::]": "http://[::1]:80",
    "::1": "http://[::1]:80",
    "[::1]": "http://[::1]:80",
    "0:0:0:0:0:0:0:1": "http://[::1]:80",
    "localhost": "http://localhost:80",
    "box.example.org": "http://box.example.org:80",
}


@pytest.mark.parametrize(("given", "shown"), FORMS.items())
def test_each_form_of_host_gives_an_address_that_can_be_opened(given: str, shown: str) -> None:
    settings = load({"HOST": given})
    assert Host.parse(settings.host).url(80) == shown


@pytest.mark.parametrize("given", ["http://x", "a b", "1.2.3", "256.1.1.1", "[localhost]", "h:80", "::g", "h/x"])
def test_what_is_no_host_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match=r"^HOST: its value is neither an address nor a name"):
        load({"HOST": given})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::", "localhost"])
def test_a_taken_port_is_one_sentence_that_names_it(host: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as taken:
        taken.bind((Host.parse(host).reach, 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"^PORT={number} is taken .* for example PORT=\d+\.?$"):
            launcher.require_free(host, number)
    launcher.require_free(host, number)


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(ConfigError, match=r"^HOST=192\.0\.2\.1 cannot be listened on"):
        launcher.require_free("192.0.2.1", 0)


def test_up_starts_nothing_where_its_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        done = ran("up", PORT=str(number), ROLLCALL_DATA_DIR=str(tmp_path / "new"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(rf"Error: PORT={number} is taken .*\n", done.stderr)
    assert not (tmp_path / "new").exists()


def test_another_programs_answer_is_not_taken_for_the_childs_own() -> None:
    child = launcher.part("web", {})
    with answering([{"status": "ok"}, {"status": "ok", "start": "another"}, {"start": child.env[launcher.START]}]) as (
        address,
        left,
    ):
        launcher.wait_until_up(address, child, 60)
        assert not left
    assert launcher.part("web", {}).env[launcher.START] != child.env[launcher.START]


UNREACHABLE = "postgresql://me:hunter2@127.0.0.1:1/db"


@pytest.mark.parametrize("arguments", [("up",), ("migrate",), ("roles",), ("doctor",)])
def test_a_database_that_does_not_answer_is_one_sentence(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = ran(*arguments, DATABASE_URL=UNREACHABLE, ROLLCALL_DATA_DIR=str(tmp_path), PORT="0")
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert "answer" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PACE_SECOND", "PACE_SECONDS"),
        ("PACE_SECNODS", "PACE_SECONDS"),
        ("pace_seconds", "PACE_SECONDS"),
        ("REQUEST_PER_DAY", "REQUESTS_PER_DAY"),
        ("ROLLCALL_PACE_SECONDS", "PACE_SECONDS"),
        ("ROLLCALL_DATADIR", "ROLLCALL_DATA_DIR"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("DATABSE_URL_FILE", "DATABASE_URL_FILE"),
    ],
)
def test_a_name_that_is_nearly_a_settings_is_told(name: str, meant: str) -> None:
    assert near_misses([name, "PATH"]) == [(name, meant)]


def test_names_of_settings_and_of_others_are_no_near_misses() -> None:
    others = ["HOME", "HOSTNAME", "PATH", "LOGNAME", "LANG", "PWD", "SHELL", "TERM", "PGHOST", "XDG_RUNTIME_DIR"]
    assert near_misses([*others, "PACE_SECONDS", "DATABASE_URL_FILE", "ROLLCALL_VENV", "AWS_SECRET_KEY"]) == []


def test_a_near_miss_is_warned_of_on_the_console(tmp_path: Path) -> None:
    done = ran("doctor", PACE_SECOND="hunter2", ROLLCALL_DATA_DIR=str(tmp_path), PORT="0")
    assert "Warning: PACE_SECOND is no setting" in done.stderr
    assert "PACE_SECONDS" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("host", ["127.0.0.2", "[::1]"])
def test_up_serves_where_it_says_and_brings_a_killed_database_back(host: str, tmp_path: Path) -> None:
    with scratch("up") as folder, (tmp_path / "out").open("wb") as out:
        data, number = Path(folder) / "data", launcher.free_port(0)
        env = {"HOST": host, "PORT": str(number), "ROLLCALL_DATA_DIR": str(data), "BROWSER_PATH": sys.executable}
        process = subprocess.Popen(command("up"), env={**bare(), **env}, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = Host.parse(load({"HOST": host}).host).url(number)
            until(lambda: f"Rollcall is at {address}" in (tmp_path / "out").read_text(), process)
            assert fetch(f"{address}/login", 60)[0] == 200
            assert ran("health", **env).returncode == 0
            own, another = (
                ran("doctor", **env).stdout,
                ran("doctor", **env | {"ROLLCALL_DATA_DIR": str(tmp_path)}).stdout,
            )
            assert re.search(r"^ok +port .*this installation's own, and it answers$", own, re.M), own
            assert re.search(rf"^ok +database .* schema {newest()}, ours {newest()}$", own, re.M), own
            assert re.search(r"^ok +keys .* sealed and opened again$", own, re.M), own
            assert re.search(r"^WRONG +port .*another installation of Rollcall answers there$", another, re.M), another
            os.kill(int((data / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            until(lambda: "database_started_again" in (tmp_path / "out").read_text(), process)
            until(lambda: answers(f"{address}/healthz"), process)
            assert fetch(f"{address}/login", 60)[0] == 200
            told = (tmp_path / "out").read_text()
            assert told.count("Rollcall is at") == 1
            until(lambda: "worker_started" in (tmp_path / "out").read_text(), process)
            assert "SYNC_FOLLOWERS" not in (tmp_path / "out").read_text()
            listed = ran("user", "list", **env)
            assert (listed.returncode, "There is no account yet." in listed.stdout) == (0, True)
            assert "request_answered" not in told
            web = child_of(process.pid, "web")
            os.kill(web, signal.SIGSTOP)
            try:
                assert ran("health", **env, DATABASE_URL=UNREACHABLE).returncode == 1
            finally:
                os.kill(web, signal.SIGCONT)
        finally:
            process.terminate()
            process.wait()


def answers(url: str) -> bool:
    try:
        return fetch(url, 10)[0] == 200
    except OSError:
        return False


def until(is_so, process: subprocess.Popen[bytes]) -> None:  # type: ignore[no-untyped-def]
    """Waits for a sign; a process that has ended gives none any more."""
    while not is_so():
        assert process.poll() is None
        time.sleep(0.1)


def child_of(parent: int, part: str) -> int:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            above = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            line = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if above == str(parent) and part.encode() in line:
            return int(folder.name)
    raise AssertionError(f"no {part} below {parent}")


def bare() -> dict[str, str]:
    """The environment of this process without what would be a setting."""
    return {n: v for n, v in os.environ.items() if n in ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR")}


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(REPO / "rollcall.py"), *arguments]


def ran(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """What a command did; where it asks the platform, no one is there."""
    return subprocess.run(
        command(*arguments),
        env={**bare(), "INSTAGRAM_BASE_URL": "http://127.0.0.1:1", **env},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@contextmanager
def answering(answers: list[dict[str, str]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server that gives these answers in their order, and the list of those that are left."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answers.pop(0)).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/healthz", answers
        finally:
            server.shutdown()
