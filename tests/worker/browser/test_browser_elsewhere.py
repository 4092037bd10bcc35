"""A browser on another machine: used like one's own, left without a trace, and lost without harm."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from cli.ops.doctor import browser as doctor
from shared.errors import BrowserAway, BrowserFailed, ConfigError
from shared.settings import load
from tests.conftest import REPO
from tests.worker.elsewhere import TOKEN, Elsewhere, Machine, chromium, playwright_server
from tests.worker.instagram import settings_for
from worker.browser.elsewhere import public_part, speaks_devtools
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.browser.watch import Patience

COOKIE: Any = {"name": "sessionid", "value": "canary", "domain": "127.0.0.1", "path": "/", "expires": -1}
SESSION = BrowserSession(storage_state={"cookies": [COOKIE], "origins": []}, timezone_id="Asia/Tokyo")
AT_WORK = """
import asyncio, sys
from tests.worker.browser.test_browser_elsewhere import SESSION, pool_of

async def work():
    async with pool_of(sys.argv[1]) as pool, pool.context(SESSION) as context:
        await context.new_page()
        print("at work", flush=True)
        await asyncio.Event().wait()

asyncio.run(work())
"""
PATIENT = Patience(0.3, 10)
NOTHING_THERE = "ws://user:word@127.0.0.1:1/canary-path?token=canary-token"


@pytest.mark.parametrize(
    ("endpoint", "is_devtools", "told"),
    [
        ("ws://host:3000/secret?token=x", False, "ws://host:3000 (Playwright server)"),
        ("wss://me:word@host/secret", False, "wss://host (Playwright server)"),
        ("http://127.0.0.1:9222", True, "http://127.0.0.1:9222 (DevTools)"),
        ("https://host?token=x", True, "https://host (DevTools)"),
        ("ws://[::1]:9222/devtools/browser/ab-12", True, "ws://[::1]:9222 (DevTools)"),
    ],
)
def test_the_address_says_what_is_spoken_there_and_only_its_host_is_told(
    endpoint: str, is_devtools: bool, told: str
) -> None:
    assert (speaks_devtools(endpoint), public_part(endpoint)) == (is_devtools, told)
    assert endpoint not in repr(load({"BROWSER_ENDPOINT": endpoint}))


@pytest.mark.parametrize("endpoint", ["ftp://canary", "ws://", "ws://host:canary", "http://host:99999/canary"])
def test_an_address_that_leads_nowhere_is_refused_without_being_shown(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="BROWSER_ENDPOINT: its value ") as refused:
        load({"BROWSER_ENDPOINT": endpoint})
    assert "canary" not in refused.value.message


@pytest.fixture(scope="module", autouse=True)
def found() -> None:
    """Looks for a browser before there is an event loop, in which it could not."""
    chromium()


@pytest.fixture(params=["server", "devtools"])
def machine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    # A machine that runs other tests beside this one may take long to answer.
    monkeypatch.setattr("worker.browser.elsewhere._CONNECT_MS", 180_000)
    made = Machine(request.param, tmp_path / "profile")
    yield made
    made.stop()


@asynccontextmanager
async def pool_of(endpoint: str, patience: Patience = PATIENT, **changes: Any) -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9", browser_endpoint=endpoint, **changes), patience=patience)
    try:
        yield pool
    finally:
        await pool.close()


async def use(pool: BrowserPool) -> None:
    async with pool.context(SESSION) as context:
        assert await (await context.new_page()).evaluate("1 + 1") == 2


async def what_is_left(endpoint: str) -> tuple[list[str], list[str]]:
    """The contexts of others and the cookies of its own that a Chromium has, as someone sees who looks from there."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(endpoint)
        session = await browser.new_browser_cdp_session()
        contexts = await session.send("Target.getBrowserContexts")
        cookies = await session.send("Storage.getCookies")
        await browser.close()
    return contexts["browserContextIds"], [cookie["name"] for cookie in cookies["cookies"]]


@pytest.mark.slow
async def test_a_page_there_sees_that_browser_and_the_session_and_nothing_of_it_stays(machine: Machine) -> None:
    there = machine.there
    async with pool_of(there.endpoint) as pool:
        async with pool.context(SESSION) as context:
            page = await context.new_page()
            agent, zone = await page.evaluate("[navigator.userAgent, Intl.DateTimeFormat().resolvedOptions().timeZone]")
            assert [cookie["name"] for cookie in await context.cookies()] == ["sessionid"]
            if machine.kind == "devtools":
                contexts, cookies = await what_is_left(there.endpoint)
                assert (len(contexts), cookies) == (1, [])
        assert ("HeadlessChrome" in agent, zone) == (True, "Asia/Tokyo")
        if machine.kind == "devtools":
            assert await what_is_left(there.endpoint) == ([], [])
    assert there.process.poll() is None
    if machine.kind == "devtools":
        assert await what_is_left(there.endpoint) == ([], [])
    else:
        await until_no_browser(there)


@pytest.mark.slow
async def test_a_worker_that_dies_leaves_nothing_there_either(machine: Machine) -> None:
    there = machine.there
    worker = subprocess.Popen([sys.executable, "-c", AT_WORK, there.endpoint], cwd=REPO, stdout=subprocess.PIPE)
    assert worker.stdout is not None
    with worker.stdout:
        assert await asyncio.to_thread(lambda lines: b"at work\n" in lines, worker.stdout)
        worker.kill()
        worker.wait()
    if machine.kind == "devtools":
        async with asyncio.timeout(240):
            while (await what_is_left(there.endpoint))[0]:
                await asyncio.sleep(0.1)
        assert await what_is_left(there.endpoint) == ([], [])
    else:
        await until_no_browser(there)


@pytest.mark.slow
async def test_whoever_is_at_work_there_is_told_when_it_is_lost_and_the_next_job_has_it_again(
    machine: Machine,
) -> None:

    async def lose(pool: BrowserPool) -> None:
        async with pool.context(SESSION) as context:
            page = await context.new_page()
            machine.there.kill()
            await page.evaluate("() => new Promise(() => {})")

    async with pool_of(machine.there.endpoint) as pool:
        with pytest.raises(BrowserFailed):
            await lose(pool)
        # The end of the connection may be heard of a moment after the page's.
        await asyncio.sleep(0.1)
        with pytest.raises(BrowserAway):
            await use(pool)
    machine.start()
    async with pool_of(machine.there.endpoint) as pool:
        await use(pool)


@pytest.mark.slow
async def test_one_that_hangs_is_let_go_and_nobody_waits_for_it(machine: Machine) -> None:

    async def hang(pool: BrowserPool) -> None:
        async with pool.context(SESSION) as context:
            await context.new_page()
            machine.there.freeze()
            await asyncio.Event().wait()

    async with pool_of(machine.there.endpoint, Patience(0.3, 4)) as pool:
        with pytest.raises(BrowserFailed):
            await hang(pool)
        machine.there.thaw()
        await use(pool)
    assert machine.there.process.poll() is None


@pytest.mark.slow
async def test_two_workers_share_a_machine_and_see_nothing_of_each_other(machine: Machine) -> None:
    endpoint = machine.there.endpoint
    async with pool_of(endpoint) as one, pool_of(endpoint) as other, one.context(SESSION) as mine:
        async with other.context(BrowserSession()) as theirs:
            assert await theirs.cookies() == []
            await (await theirs.new_page()).evaluate("1")
        await (await mine.new_page()).evaluate("1")
        assert [cookie["name"] for cookie in await mine.cookies()] == ["sessionid"]


@pytest.mark.slow
async def test_it_is_connected_to_anew_after_so_many_jobs(machine: Machine) -> None:
    async with pool_of(machine.there.endpoint, browser_context_jobs=1) as pool:
        async with pool.context(SESSION), pool.context(SESSION) as context:
            await (await context.new_page()).evaluate("1")
        async with pool.context(SESSION) as context:
            await (await context.new_page()).evaluate("1")
    assert machine.there.process.poll() is None


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        (NOTHING_THERE, "Nothing listens at ws://127.0.0.1:1 "),
        ("http://127.0.0.1:1?token=canary-token", "Nothing listens at http://127.0.0.1:1 "),
        ("ws://127.0.0.1:1/devtools/browser/canary", "Nothing listens at ws://127.0.0.1:1 "),
        ("ws://no-such-name.invalid:1/canary", "does not answer"),
    ],
)
@pytest.mark.slow
def test_the_doctor_says_why_a_browser_elsewhere_cannot_be_had(endpoint: str, reason: str) -> None:
    check = doctor.browser(load({"BROWSER_ENDPOINT": endpoint}))
    assert not check.ok
    assert reason in check.says
    assert check.mend
    assert "canary" not in check.says + check.mend
    assert "word" not in check.says + check.mend


@pytest.mark.slow
def test_the_doctor_says_which_browser_elsewhere_will_be_used(machine: Machine) -> None:
    check = doctor.browser(load({"BROWSER_ENDPOINT": machine.there.endpoint}))
    assert check.ok, check.says
    assert check.says.startswith("Chromium ")
    assert "127.0.0.1" in check.says
    assert TOKEN not in check.says


@pytest.mark.slow
def test_a_wrong_way_to_a_playwright_server_is_told_apart() -> None:
    with playwright_server("/nowhere/chromium") as there:
        address = there.endpoint.partition("?")[0]
        for endpoint, reason in (
            (there.endpoint, "has no Chromium to start"),
            (address.replace(TOKEN, "wrong"), "does not let the worker in"),
            (address.replace("ws://", "http://"), "not as a browser"),
        ):
            check = doctor.browser(load({"BROWSER_ENDPOINT": endpoint}))
            assert (check.ok, reason in check.says) == (False, True), check
            assert TOKEN not in check.says + check.mend


@pytest.mark.slow
def test_a_playwright_server_of_another_version_is_told_with_both_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        # Playwright's own means to say another version than it has; the refusal is the server's real one.
        older.setenv("PW_VERSION_OVERRIDE", "1.20")
        starting = playwright_server(chromium())
        there = starting.__enter__()
    try:
        check = doctor.browser(load({"BROWSER_ENDPOINT": there.endpoint}))
    finally:
        starting.__exit__(None, None, None)
    assert "is of version 1.20, the worker's Playwright of version 1." in check.says
    assert "Run the server with Playwright 1." in check.mend
    assert TOKEN not in check.says


@pytest.mark.slow
async def test_one_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.browser.elsewhere._CONNECT_MS", 300)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for scheme in ("ws", "http"):
            async with pool_of(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/") as pool:
                with pytest.raises(BrowserAway) as away:
                    await use(pool)
                assert "does not answer" in away.value.reason


async def until_no_browser(there: Elsewhere) -> None:
    async with asyncio.timeout(240):
        while there.browsers():
            await asyncio.sleep(0.05)
