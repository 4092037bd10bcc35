"""The demo starts its database again when that dies, in both of its forms."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from cli import demo
from sandbox.demo.outside import instagram_alone
from tests.rig.scratch import scratch

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


NOWHERE = instagram_alone("http://127.0.0.1:1")


@pytest.mark.parametrize(("stage", "folder"), [(demo.stage, "data"), (demo.hosted_stage, "supabase")])
def test_the_demo_brings_a_killed_database_back(
    stage: Any, folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`supervise` calls `keep` each time round; here it does so once."""
    kept: list[bool] = []

    def once(children: object, keep: Callable[[], bool]) -> None:
        kept.append(keep())

    monkeypatch.setattr(demo, "supervise", once)
    monkeypatch.delenv("PORT", raising=False)
    with (
        scratch("demo") as short,
        stage(NOWHERE, Path(short) / "data", tmp_path / "log") as ready,
    ):
        ready.keep_going()
        server = int((Path(short) / folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(server)] if psutil.pid_exists(server) else [])
        ready.keep_going()
        assert int((Path(short) / folder / "postgres" / "postmaster.pid").read_text().split()[0]) != server
    assert kept == [False, True]
