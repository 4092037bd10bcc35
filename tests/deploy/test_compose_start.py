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

from cli.ops.launcher import free_port
from shared.db.embedded import embedded_database
from shared.vault import keyfiles
from tests.compose import services
from tests.conftest import REPO
from tests.deploy.container import started
from tests.rig.image import build, here
from tests.rig.scratch import scratch
from tests.worker.fleet import until

SECRETS = {"owner_password", "owner_url", "web_url", "worker_url", "secret_key", "sealing_key"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The folder of the socket of a new PostgreSQL, which asks the two roles for their passwords."""
    with scratch("rc") as name, embedded_database(Path(name), durable=False) as url:
        rules = Path(name) / "postgres" / "pg_hba.conf"
        asked = "local all rollcall_web,rollcall_worker scram-sha-256\n"
        rules.write_text(asked + rules.read_text(encoding="utf-8"), encoding="utf-8")
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("create database rollcall")
            owner.execute("select pg_reload_conf()")
        yield str(conninfo_to_dict(url)["host"])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[Path]:
    """What the image holds after the first start, with a `docker` on the path that starts processes."""
    folder = tmp_path_factory.mktemp("compose")
    app = folder / "app"
    for made in (app / "bin", folder / "path"):
        made.mkdir(parents=True)
    build(app)
    shutil.copy(REPO / "bin" / "compose-setup", app / "bin")
    docker = folder / "path" / "docker"
    search = f"PYTHONPATH={REPO}${{PYTHONPATH:+:$PYTHONPATH}}"
    docker.write_text(f'#!/bin/sh\n{search} exec {sys.executable} -m tests.deploy.container "$@"\n')
    docker.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{docker.parent}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("DATABASE_AT", f"@/rollcall?host={quote(server, safe='')}")
        patch.chdir(app)
        set_up(app)
        yield app


def set_up(checkout: Path) -> None:
    done = subprocess.run([checkout / "bin" / "compose-setup"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ready." in done.stderr


def secrets(checkout: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8").strip() for path in (checkout / "secrets").iterdir()}


def sealing_key(checkout: Path) -> str:
    """The public half of the ring in the worker's volume."""
    return keyfiles.load(checkout.parent / "worker").sealing_key.to_text()


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
def test_the_secrets_are_made_once_and_closed_to_others(checkout: Path) -> None:
    made = secrets(checkout)
    assert set(made) == SECRETS
    assert len({*made.values()}) == len(made)
    assert made["sealing_key"] == sealing_key(checkout)
    assert (checkout / "secrets").stat().st_mode & 0o777 == 0o700
    # The containers' users are not the one who ran the script.
    assert {(checkout / "secrets" / name).stat().st_mode & 0o444 for name in made} == {0o444}
    set_up(checkout)
    assert secrets(checkout) == made


@pytest.mark.slow
def test_the_worker_starts_with_what_the_script_made(checkout: Path) -> None:
    with running(checkout, "worker") as (worker, log, environ):
        until(lambda: "worker_started" in log.read_text(), what=log.read_text)
        assert is_healthy(checkout, "worker", environ)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0


@pytest.mark.slow
def test_the_web_starts_with_what_the_script_made_and_without_a_key_ring(checkout: Path) -> None:
    with running(checkout, "web") as (web, log, environ):
        until(lambda: "Rollcall is at" in log.read_text(), what=log.read_text)
        for path in ("/healthz", "/login", "/signup"):
            with urllib.request.urlopen(f"http://127.0.0.1:{environ['PORT']}{path}", timeout=240) as answer:
                assert answer.status == 200
        assert is_healthy(checkout, "web", environ)
        web.send_signal(signal.SIGTERM)
        assert web.wait(60) == 0
    assert not (checkout.parent / "web" / "keys").exists()


@pytest.mark.slow
def test_after_a_rotation_the_script_gives_the_web_the_new_sealing_key(checkout: Path) -> None:
    before = secrets(checkout)
    subprocess.run(["docker", "compose", "run", "--rm", "worker", "keys", "rotate"], check=True)
    (checkout / "secrets" / "sealing_key").unlink()
    set_up(checkout)
    after = secrets(checkout)
    assert {name for name in SECRETS if after[name] != before[name]} == {"sealing_key"}
    assert after["sealing_key"] == sealing_key(checkout)
