"""The browser: found in order, started once, renewed, and never disguised."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from playwright.async_api import Page, Playwright

from shared.errors import BrowserFailed, BrowserMissing, SandboxUnusable, SiteUnreachable, VaultError
from tests.worker.instagram import settings_for
from worker.browser import find as finding
from worker.browser.find import find
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.browser.watch import Patience
from worker.platforms.base import SessionSecret
from worker.platforms.instagram_web.cookies import DEVICE_COOKIES, account_id

BUNDLED, CONFIGURED, SYSTEM = Path("/pw/chrome"), Path("/own/chrome"), Path("/usr/bin/google-chrome")
SHELLS = {"sh", "bash", "dash"}
WINDOWLESS = Path("/usr/bin/chromium-headless-shell")
Make = Callable[..., BrowserPool]


def on_system(name: str) -> str | None:
    return str(SYSTEM) if name == "google-chrome" else None


@pytest.mark.parametrize(
    ("configured", "bundled", "there", "found"),
    [
        (CONFIGURED, BUNDLED, {CONFIGURED, BUNDLED, SYSTEM}, CONFIGURED),
        (None, BUNDLED, {BUNDLED, SYSTEM}, BUNDLED),
        (None, BUNDLED, {SYSTEM}, SYSTEM),
        (None, None, {SYSTEM}, SYSTEM),
    ],
)
def test_the_configured_browser_goes_before_playwrights_and_that_before_the_systems(
    configured: Path | None, bundled: Path | None, there: set[Path], found: Path
) -> None:
    assert find(configured, bundled, which=on_system, is_there=there.__contains__) == found


@pytest.mark.parametrize(("headless", "found"), [(True, WINDOWLESS), (False, SYSTEM)])
def test_the_systems_headless_shell_goes_first_where_no_window_is_needed(headless: bool, found: Path) -> None:
    both = {"google-chrome": str(SYSTEM), "chromium-headless-shell": str(WINDOWLESS)}
    assert find(None, BUNDLED, headless=headless, which=both.get, is_there={SYSTEM, WINDOWLESS}.__contains__) == found


def test_a_missing_browser_names_every_way_to_get_one() -> None:
    with pytest.raises(BrowserMissing) as missing:
        find(None, BUNDLED, which=lambda _: None, is_there=lambda _: False)
    for way in ("playwright install", "chromium package", "BROWSER_PATH"):
        assert way in missing.value.message
    with pytest.raises(BrowserMissing, match="/own/chrome"):
        find(CONFIGURED, BUNDLED, which=on_system, is_there={BUNDLED, SYSTEM}.__contains__)


def test_installing_goes_on_to_the_next_way_and_says_so_when_none_works(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def runs(command: list[str]) -> bool:
        tried.append(" ".join(command[-2:]))
        return command[0] == "apt-get"

    monkeypatch.setattr(finding, "_runs", runs)
    monkeypatch.setattr(finding, "is_root", lambda: True)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(finding, "playwrights_own", lambda: Path("/nowhere/chrome"))
    monkeypatch.setattr(finding, "find", lambda configured, bundled: SYSTEM)
    assert finding.install() == SYSTEM
    assert tried == ["install chromium", "update -q", "chromium libatomic1"]
    monkeypatch.setattr(finding, "_runs", lambda command: False)
    with pytest.raises(BrowserMissing):
        finding.install()


def test_a_session_comes_back_from_its_secret_and_hides_it() -> None:
    session = BrowserSession.fresh("Europe/Berlin")
    assert BrowserSession.from_secret(session.to_secret()) == session
    assert BrowserSession.fresh("Mars/Olympus").timezone_id == "UTC"
    secret = with_cookies(sessionid="77%3Acanary%3A1", mid="device")
    assert "canary" not in repr(secret) + repr(secret.to_secret())
    with pytest.raises(VaultError):
        BrowserSession.from_secret(SessionSecret('{"unknown": 1}'))


def test_a_device_without_its_login_keeps_what_the_site_knows_it_by() -> None:
    device = with_cookies(sessionid="77%3Aa%3A1", ds_user_id="77", csrftoken="c", mid="m", datr="d").device_only(
        DEVICE_COOKIES
    )
    assert (device.cookie("mid"), device.cookie("datr")) == ("m", "d")
    assert (device.cookie("sessionid"), device.cookie("csrftoken"), account_id(device)) == (None, None, None)


def test_the_account_is_told_by_either_cookie() -> None:
    assert account_id(with_cookies(ds_user_id="77")) == "77"
    assert account_id(with_cookies(sessionid="88%3Atoken%3A1")) == "88"


def with_cookies(**values: str) -> BrowserSession:
    cookies: Any = [{"name": name, "value": value} for name, value in values.items()]
    return BrowserSession(storage_state={"cookies": cookies, "origins": []})


@pytest.fixture
async def make_pool() -> AsyncIterator[Make]:
    """make_pool(idle_seconds=…, **settings): a pool that is closed with the test."""
    made: list[BrowserPool] = []

    def make(idle_seconds: float = 60, **changes: Any) -> BrowserPool:
        made.append(BrowserPool(settings_for("http://127.0.0.1:9", **changes), idle_seconds))
        return made[-1]

    yield make
    for pool in made:
        await pool.close()


def chromiums() -> set[int]:
    """The main processes of the Chromiums that this process has started."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        try:
            line, is_script = process.cmdline(), Path(process.exe()).name in SHELLS
        except psutil.Error:
            continue
        # A distribution's script that starts the browser may wait for it, with the same command line.
        if (
            not is_script
            and any("--remote-debugging-pipe" in part for part in line)
            and not any("--type=" in part for part in line)
        ):
            found.add(process.pid)
    return found


async def page_in(pool: BrowserPool, session: BrowserSession | None = None) -> dict[str, Any]:
    async with pool.context(session or BrowserSession.fresh("Asia/Tokyo")) as context:
        return await what_a_page_sees(await context.new_page())


async def what_a_page_sees(page: Page) -> dict[str, Any]:
    seen: dict[str, Any] = await page.evaluate(
        """() => ({
          webdriver: navigator.webdriver, agent: navigator.userAgent, language: navigator.language,
          zone: Intl.DateTimeFormat().resolvedOptions().timeZone, width: innerWidth,
        })"""
    )
    return seen


@pytest.mark.slow
async def test_a_page_sees_the_browser_as_it_is_and_the_session_as_it_was(make_pool: Make) -> None:
    pool = make_pool()
    seen = await page_in(pool)
    assert seen["webdriver"] is True
    assert "Headless" in seen["agent"]
    old = SessionSecret('{"timezone_id": "Asia/Tokyo", "user_agent": "Old/1", "given_user_agent": "Another/1"}')
    assert await page_in(pool, BrowserSession.from_secret(old)) == seen
    assert (seen["language"], seen["zone"], seen["width"]) == ("en-US", "Asia/Tokyo", 1280)
    assert await page_in(pool) == seen


@pytest.mark.slow
async def test_one_browser_serves_several_contexts_and_is_renewed_after_so_many(make_pool: Make) -> None:
    pool = make_pool(browser_context_jobs=2)
    async with pool.context(BrowserSession()):
        # A process that the browser has just forked has the browser's command line until it becomes another.
        await until(lambda: len(chromiums()) == 1)
        first = chromiums()
        async with pool.context(BrowserSession()):
            await until(lambda: chromiums() == first)
        async with pool.context(BrowserSession()):
            await until(lambda: len(chromiums()) == 2)
    await until(lambda: len(chromiums()) == 1)
    assert not chromiums() & first


@pytest.mark.slow
async def test_a_browser_that_crashed_is_a_passing_fault_and_the_next_job_has_a_new_one(make_pool: Make) -> None:
    pool = make_pool()

    async def crash() -> None:
        async with pool.context(BrowserSession()) as context:
            page = await context.new_page()
            for pid in chromiums():
                os.kill(pid, signal.SIGKILL)
            await page.evaluate("() => new Promise(() => {})")

    with pytest.raises(BrowserFailed) as failed:
        await crash()
    assert failed.value.__suppress_context__
    assert (await page_in(pool))["width"] == 1280


@pytest.mark.slow
async def test_whoever_hears_nothing_of_a_crash_is_told_all_the_same(make_pool: Make) -> None:
    pool = make_pool()

    async def wait_for_ever() -> None:
        async with pool.context(BrowserSession()):
            for pid in chromiums():
                os.kill(pid, signal.SIGKILL)
            await asyncio.Event().wait()

    with pytest.raises(BrowserFailed):
        await wait_for_ever()


@pytest.mark.slow
async def test_a_browser_that_hangs_is_killed_and_the_next_job_has_a_new_one() -> None:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"), patience=Patience(every=0.2, answer=8.0))

    async def hang() -> None:
        async with pool.context(BrowserSession()) as context:
            page = await context.new_page()
            for pid in chromiums():
                os.kill(pid, signal.SIGSTOP)
            await page.evaluate("1")

    try:
        with pytest.raises(BrowserFailed):
            await hang()
        assert (await page_in(pool))["width"] == 1280
        await until(lambda: len(chromiums()) == 1)
    finally:
        await pool.close()


@pytest.mark.slow
async def test_a_time_limit_of_the_work_itself_is_no_fault_of_the_browser(make_pool: Make) -> None:
    async def too_slow() -> None:
        async with make_pool().context(BrowserSession()), asyncio.timeout(0.01):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await too_slow()


@pytest.mark.slow
async def test_a_site_that_does_not_answer_is_not_the_browsers_fault(make_pool: Make) -> None:
    pool = make_pool()

    async def visit() -> None:
        async with pool.context(BrowserSession()) as context:
            await (await context.new_page()).goto("http://127.0.0.1:9/?token=canary")

    with pytest.raises(SiteUnreachable) as failed:
        await visit()
    assert "canary" not in failed.value.message


@pytest.mark.slow
async def test_nothing_runs_before_the_first_job_nor_for_long_after_the_last(make_pool: Make) -> None:
    pool = make_pool(idle_seconds=0.05)
    assert chromiums() == set()
    await page_in(pool)
    await until(lambda: not chromiums())
    assert (await page_in(pool))["width"] == 1280


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(240):
        while not holds():
            await asyncio.sleep(0.02)


class Circle:
    """A driver whose objects refer to each other, as Playwright's do."""

    def __init__(self) -> None:
        self.itself = self

    async def stop(self) -> None: ...


async def test_the_objects_of_a_driver_that_stopped_are_collected_at_once() -> None:
    pool, driver = BrowserPool(settings_for("http://127.0.0.1:9")), Circle()
    kept = weakref.ref(driver)
    pool._playwright = cast(Playwright, driver)
    del driver
    gc.disable()
    try:
        await pool.close()
        assert kept() is None
    finally:
        gc.enable()


async def test_a_sandbox_that_does_not_work_here_is_said_with_what_to_do(make_pool: Make, tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho 'FATAL: zygote_host_impl_linux.cc No usable sandbox!' >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(SandboxUnusable) as told:
        async with make_pool(browser_path=program).context(BrowserSession()):
            pass
    assert "BROWSER_SANDBOX=false" in told.value.next_step
