"""Starts the browser of the settings: one on this machine, or a connection to a remote one."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Browser, Playwright, async_playwright

from shared import logs
from shared.environment import needed_variables, only_needed_variables
from shared.errors import BrowserAway
from shared.settings import Settings
from worker.browser import elsewhere, switches
from worker.browser.find import find, is_root

_log = logs.get("browser")


async def start(playwright: Playwright, settings: Settings) -> Browser:
    """A browser to work in. Raises BrowserMissing, BrowserAway, or Playwright's own error when it does not start."""
    if settings.browser_endpoint is not None:
        return await _connected(playwright, settings, settings.browser_endpoint)
    bundled = Path(playwright.chromium.executable_path)
    path = find(settings.browser_path, bundled, headless=settings.browser_headless)
    browser = await playwright.chromium.launch(
        executable_path=path,
        headless=settings.browser_headless,
        chromium_sandbox=settings.browser_sandbox and not is_root(),
        args=list(switches.LOCAL),
        env=dict(needed_variables()),
    )
    _log.info("browser_started", version=browser.version, path=str(path))
    return browser


async def _connected(playwright: Playwright, settings: Settings, endpoint: str) -> Browser:
    try:
        browser = await elsewhere.connect(playwright.chromium, endpoint, settings.browser_headless, switches.REMOTE)
    except BrowserAway as away:
        _log.warning("browser_away", reason=away.reason)
        raise
    _log.info("browser_connected", version=browser.version, where=elsewhere.public_part(endpoint))
    return browser


async def killer(browser: Browser) -> Callable[[], Awaitable[None]]:
    """Returns a function that ends a browser of this machine that no longer answers."""
    session = await browser.new_browser_cdp_session()
    described = await session.send("SystemInfo.getProcessInfo")
    pid = next(int(process["id"]) for process in described["processInfo"] if process["type"] == "browser")
    await session.detach()

    async def kill() -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    return kill


async def try_endpoint(settings: Settings, endpoint: str) -> str:
    """Connects once and describes the browser; raises BrowserAway."""
    with only_needed_variables():
        async with async_playwright() as playwright:
            browser = await elsewhere.connect(playwright.chromium, endpoint, settings.browser_headless, switches.REMOTE)
            described = f"Chromium {browser.version} at {elsewhere.public_part(endpoint)}"
            await browser.close()
    return described
