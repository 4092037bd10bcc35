"""The launcher: children end with it, come back when they fall, and get only their own secrets."""

import json
import os
import sys
from pathlib import Path

import pytest

from cli.ops import launcher
from shared.errors import ConfigError
from shared.settings import load


def python(code: str, **env: str) -> launcher.Child:
    return launcher.Child("child", [sys.executable, "-c", code], env)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_children_end_with_the_block() -> None:
    child = python("import time; time.sleep(600)")
    with launcher.running([child], grace=5):
        assert child.process is not None
        pid = child.process.pid
        assert alive(pid)
    assert not alive(pid)


@pytest.mark.slow
def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = (
        "import signal, time, pathlib, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"
    )
    child = python(code)
    with launcher.running([child], grace=0.5):
        while not ready.exists():
            assert not child.ended()
    assert child.process is not None
    assert child.process.returncode == -9


def test_a_child_that_never_stays_up_is_told() -> None:
    child = python("raise SystemExit(3)")
    child.start()
    with pytest.raises(ConfigError, match="child process does not stay up"):
        launcher.supervise([child], most_restarts=1)
    assert child.restarts == 2


def test_a_child_that_ends_at_once_is_told_instead_of_waited_for() -> None:
    child = python("raise SystemExit(3)")
    child.start()
    assert child.process is not None
    child.process.wait()
    with pytest.raises(ConfigError, match="ended at once"):
        launcher.wait_until_up("http://127.0.0.1:1/healthz", child, seconds=30)


def test_a_child_gets_no_secret_that_is_not_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_KEYS", "canary-ring")
    monkeypatch.setenv("DATABASE_URL_FILE", "/canary")
    monkeypatch.setenv("ANOTHER_PROGRAMS_TOKEN", "canary-token")
    monkeypatch.setenv("PGPASSWORD", "canary-of-libpq")
    monkeypatch.setenv("PACE_SECONDS", "7")
    seen = tmp_path / "env.json"
    child = python(f"import json, os; json.dump(dict(os.environ), open({str(seen)!r}, 'w'))", SECRET_KEY="own")
    child.start()
    assert child.process is not None
    child.process.wait()
    env = json.loads(seen.read_text())
    assert env["SECRET_KEY"] == "own"
    assert "WORKER_KEYS" not in env
    assert "DATABASE_URL_FILE" not in env
    assert "canary" not in str(env)
    assert env["PACE_SECONDS"] == "7"


@pytest.mark.slow
def test_the_house_gives_each_part_its_own_role_and_keys(tmp_path: Path) -> None:
    names = ("GOOGLE_CLIENT_SECRET", "INSTAGRAM_APP_SECRET", "META_APP_SECRET", "TIKTOK_CLIENT_SECRET")
    apps = dict.fromkeys(names, "canary")
    settings = load({"SUPABASE_SECRET_KEY": "sb_secret_canary", **apps}, data_dir=tmp_path)
    with launcher.house(settings) as first:
        pass
    with launcher.house(settings) as again:
        pass
    assert first.web_env["DATABASE_URL"].startswith("postgresql://rollcall_web@/")
    assert first.worker_env["DATABASE_URL"].startswith("postgresql://rollcall_worker@/")
    assert "WORKER_KEYS" not in first.web_env
    assert "SECRET_KEY" not in first.worker_env
    assert first.worker_env["SUPABASE_SECRET_KEY"] == "sb_secret_canary"
    assert "SUPABASE_SECRET_KEY" not in first.web_env
    assert {name: first.worker_env[name] for name in apps} == apps
    assert not apps.keys() & first.web_env.keys()
    assert dict(first.web_env) == dict(again.web_env)
    assert "canary" not in repr(first)
    assert first.web_env["SECRET_KEY"] not in repr(first)


@pytest.mark.slow
def test_the_secret_of_a_cron_reaches_the_web_alone(tmp_path: Path) -> None:
    with launcher.house(load({}, data_dir=tmp_path, cron_secret="canary-of-a-cron")) as ready:
        assert ready.web_env["CRON_SECRET"] == "canary-of-a-cron"
        assert "CRON_SECRET" not in ready.worker_env


@pytest.mark.slow
def test_a_legacy_projects_secret_reaches_the_web_alone(tmp_path: Path) -> None:
    with launcher.house(load({}, data_dir=tmp_path, supabase_jwt_secret="canary")) as ready:
        assert ready.web_env["SUPABASE_JWT_SECRET"] == "canary"
        assert "SUPABASE_JWT_SECRET" not in ready.worker_env


def test_a_wished_port_is_taken_when_free_and_another_when_not() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert launcher.free_port(number) != number
    assert launcher.free_port(number) == number


def test_web_and_worker_of_one_machine_show_their_measures_on_ports_of_their_own() -> None:
    assert launcher._next_port(load({})) == {}
    assert launcher._next_port(load({"METRICS_PORT": "9464"}))["METRICS_PORT"] == "9465"
