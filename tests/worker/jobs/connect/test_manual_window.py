"""`--headed` with a window that is really there, on a display of its own; skipped where no such display can be made."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from cli.local_login import ConnectRequest, connect_account
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Running
from shared.settings import Settings
from tests.cli.test_local_login import RING, Windows, by_hand, own_agent
from tests.conftest import Personas
from tests.worker.handling import claim
from tests.worker.instagram import RULES, Owner, Pool, services_for, settings_for, stand_in
from worker.bootstrap import handlers
from worker.runner.attempt import attempt
from worker.services import Services

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A display in memory; its name."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed, so no window can be opened without a screen")
    told, tell = os.pipe()
    command = [program, "-displayfd", str(tell), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[tell], stderr=subprocess.DEVNULL) as server:
        os.close(tell)
        with os.fdopen(told) as lines:
            name = f":{lines.readline().strip()}"
        before = os.environ.get("DISPLAY")
        os.environ["DISPLAY"] = name
        try:
            yield name
        finally:
            os.environ.pop("DISPLAY")
            os.environ |= {"DISPLAY": before} if before else {}
            server.terminate()


@pytest.fixture
async def windows(display: str) -> AsyncIterator[Windows]:
    pool = Windows(settings_for("http://127.0.0.1:9", browser_headless=False))
    yield pool
    await pool.close()


@pytest.fixture
def site() -> Iterator[Running]:
    running = stand_in(TwoFactor.TOTP)
    yield running
    running.stop()


async def test_who_logs_in_in_a_real_window_is_read_by_the_same_browser_afterwards(
    windows: Windows, site: Running, worker_pool: Pool, people: Personas, owner: Owner
) -> None:
    services = services_for(worker_pool, windows, settings_for(site.url, browser_headless=False), RING)

    @asynccontextmanager
    async def services_of(_: Settings, __: int) -> AsyncIterator[Services]:
        yield services

    request = ConnectRequest(site.credentials.username, "alice@example.org")
    await asyncio.gather(
        by_hand(windows, site), connect_account(services.settings, request, asyncio.Event(), services_of)
    )
    assert "Headless" not in await own_agent(windows)
    reading = await claim(worker_pool)
    await attempt(reading, handlers(services)[reading.job.kind], RULES, worker_pool)
    jobs = owner.execute("select kind, state from public.sync_jobs order by seq").fetchall()
    assert [tuple(job.values()) for job in jobs][:2] == [("LOGIN", "COMPLETED"), ("SYNC", "COMPLETED")]
    profile = owner.execute("select state, followers from public.profiles").fetchone()
    assert profile == {"state": "CONNECTED", "followers": len(site.site.world.population.followers.members)}
