"""The first start of compose.yaml, with a process in place of each container: secrets, schema, keys, web and worker."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from shared.db.embedded import embedded
from shared.launcher import free_port
from shared.vault import keyfiles
from tests.compose import services
from tests.conftest import REPO
from tests.deploy.container import started
from tests.image import build, here
from tests.scratch import scratch
from tests.worker.fleet import until

SECRETS = {"owner_password", "owner_url", "web_url", "worker_url", "secret_key", "sealing_key"}


@pytest.fixture
def server() -> Iterator[str]:
    """The folder of the socket of a new PostgreSQL, which asks the two roles for their passwords."""
    with scratch("rc") as name, embedded(Path(name), durable=False) as url:
        rules = Path(name) / "postgres" / "pg_hba.conf"
        asked = "local all rollcall_web,rollcall_worker scram-sha-256\n"
        rules.write_text(asked + rules.read_text(encoding="utf-8"), encoding="utf-8")
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("create database rollcall")
            owner.execute("select pg_reload_conf()")
        yield str(conninfo_to_dict(url)["host"])


@pytest.fixture
def checkout(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the image holds, with the script beside it and a `docker` on the path that starts processes."""
    app = tmp_path / "app"
    for folder in (app / "bin", tmp_path / "path"):
        folder.mkdir(parents=True)
    build(app)
    shutil.copy(REPO / "bin" / "compose-setup", app / "bin")
    docker = tmp_path / "path" / "docker"
    search = f"PYTHONPATH={REPO}${{PYTHONPATH:+:$PYTHONPATH}}"
    docker.write_text(f'#!/bin/sh\n{search} exec {sys.executable} -m tests.deploy.container "$@"\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DATABASE_AT", f"@/rollcall?host={quote(server, safe='')}")
    monkeypatch.chdir(app)
    return app


def set_up(checkout: Path) -> dict[str, str]:
    done = subprocess.run([checkout / "bin" / "compose-setup"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ready." in done.stderr
    return {path.name: path.read_text(encoding="utf-8") for path in (checkout / "secrets").iterdir()}


@contextmanager
def running(checkout: Path, service: str) -> Iterator[tuple[subprocess.Popen[bytes], Path, dict[str, str]]]:
    command, environ = started(service, [])
    # A free port of this machine alone, in place of those of a container's own network.
    environ |= {"HOST": "127.0.0.1", "PORT": str(free_port(0)), "HEALTH_PORT": ""}
    log = checkout.parent / f"{service}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)
    try:
        yield process, log, environ
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def is_healthy(checkout: Path, service: str, environ: dict[str, str]) -> bool:
    """What the service's own health check says."""
    check = here(["tini", "--", *services()[service].health["test"][1:]], checkout)
    return subprocess.run(check, env=environ, check=False).returncode == 0


@pytest.mark.slow
def test_the_secrets_are_made_once_and_for_their_owner_alone(checkout: Path) -> None:
    made = set_up(checkout)
    assert set(made) == SECRETS
    assert (checkout / "secrets").stat().st_mode & 0o777 == 0o700
    assert len({*made.values()}) == len(made)
    assert set_up(checkout) == made
    # The containers' users are not the one who ran the script.
    assert {(checkout / "secrets" / name).stat().st_mode & 0o444 for name in made} == {0o444}


@pytest.mark.slow
def test_web_and_worker_start_with_what_the_script_made(checkout: Path) -> None:
    made = set_up(checkout)
    with running(checkout, "worker") as (worker, log, environ):
        until(lambda: "worker_started" in log.read_text(), what=log.read_text)
        assert is_healthy(checkout, "worker", environ)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    with running(checkout, "web") as (web, log, environ):
        until(lambda: "Rollcall is at" in log.read_text(), what=log.read_text)
        for path in ("/healthz", "/login", "/signup"):
            with urllib.request.urlopen(f"http://127.0.0.1:{environ['PORT']}{path}", timeout=240) as answer:
                assert answer.status == 200
        assert is_healthy(checkout, "web", environ)
        web.send_signal(signal.SIGTERM)
        assert web.wait(60) == 0
    ring = keyfiles.load(checkout.parent / "worker")
    assert made["sealing_key"].strip() == ring.sealing_key.to_text()
    assert not (checkout.parent / "web" / "keys").exists()


@pytest.mark.slow
def test_after_a_rotation_the_script_gives_the_web_the_new_sealing_key(checkout: Path) -> None:
    before = set_up(checkout)
    subprocess.run(["docker", "compose", "run", "--rm", "worker", "keys", "rotate"], check=True)
    (checkout / "secrets" / "sealing_key").unlink()
    after = set_up(checkout)
    assert {name for name in SECRETS if after[name] != before[name]} == {"sealing_key"}
    assert after["sealing_key"].strip() == keyfiles.load(checkout.parent / "worker").sealing_key.to_text()
