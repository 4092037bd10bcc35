"""The image holds all that its commands need: they run from what the Dockerfile copies, and from nothing else."""

import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from shared.vault import KeyRing
from tests.conftest import Database
from tests.rig.image import build, copied, dockerfile, entrypoint, environment, here, sent
from tests.worker.fleet import as_url, until

RING = KeyRing.generate(datetime(2026, 11, 20, tzinfo=UTC))
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    return build(tmp_path / "app")


def started_with(app: Path, **environ: str) -> dict[str, str]:
    """The image's own environment and a container's: nothing of this process but where programs are."""
    own = environment() | {"PYTHONPATH": str(app), "ROLLCALL_DATA_DIR": str(app.parent / "data")}
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | own | environ


def run(app: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = here([*entrypoint(), *words], app)
    return subprocess.run(
        command, cwd=app, env=started_with(app, **environ), capture_output=True, text=True, check=False
    )


@contextmanager
def running(app: Path, word: str, **environ: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = app.parent / f"{word}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            here([*entrypoint(), word], app), cwd=app, env=started_with(app, **environ), stdout=out, stderr=out
        )
    try:
        yield process, log
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_what_is_copied_is_let_through_by_the_ignore_file() -> None:
    wanted = {*copied(), "requirements.lock"}
    assert wanted == sent()


def test_the_last_user_is_not_root_and_nothing_runs_through_a_shell() -> None:
    said = dict(dockerfile())
    assert said["USER"] == "10001"
    assert entrypoint()[:2] == ["tini", "--"]
    assert environment()["HOST"] == "0.0.0.0"


@pytest.mark.slow
def test_every_command_of_the_image_runs_from_what_is_copied(app: Path, database: Database) -> None:
    before = sorted(app.rglob("*"))
    helped = run(app, "--help").stdout
    assert "worker" in helped
    assert "sandbox" not in helped
    owner, web, worker = as_url(database.owner), as_url(database.web), as_url(database.worker)
    assert run(app, "migrate", DATABASE_URL=owner).stdout.strip() == "nothing to do"
    looked = run(app, "doctor", DATABASE_URL=owner, WORKER_KEYS=RING.to_json(), INSTAGRAM_BASE_URL=NOWHERE)
    assert "ok         database" in looked.stdout, looked.stdout + looked.stderr
    assert "Traceback" not in looked.stderr
    keys = {"SEALING_KEY": RING.sealing_key.to_text(), "SECRET_KEY": "s" * 40}
    with running(app, "web", DATABASE_URL=web, HOST="127.0.0.1", PORT="0", **keys) as (process, log):
        until(lambda: "Rollcall is at" in log.read_text(), what=log.read_text)
        address = log.read_text().split("Rollcall is at ")[1].split()[0]
        for path in ("/healthz", "/login", "/signup"):
            with urllib.request.urlopen(f"{address}{path}", timeout=240) as answer:
                assert answer.status == 200
        port = address.rpartition(":")[2]
        assert run(app, "health", DATABASE_URL=web, PORT=port).returncode == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    with running(app, "worker", DATABASE_URL=worker, WORKER_KEYS=RING.to_json()) as (process, log):
        until(lambda: "worker_started" in log.read_text(), what=log.read_text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert sorted(app.rglob("*")) == before


@pytest.mark.skipif(shutil.which("ldd") is None, reason="there is no ldd to ask")
def test_libraries_of_the_browsers_driver_are_in_the_image() -> None:
    """The slim image holds the C and C++ libraries; what else Playwright's driver loads has to be installed."""
    node = compute_driver_executable()[0]
    told = subprocess.run(["ldd", node], capture_output=True, text=True, check=True).stdout
    loaded = {line.split()[0].partition(".so")[0].rpartition("/")[2] for line in told.splitlines()}
    in_base = {"linux-vdso", "ld-linux-x86-64", "libc", "libdl", "libm", "libpthread", "libstdc++", "libgcc_s"}
    installed = next(rest for word, rest in dockerfile() if word == "RUN" and "apt-get install" in rest)
    assert [name for name in loaded - in_base if f" {name}1 " not in installed] == []
