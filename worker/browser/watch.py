"""Notices a browser that died or hangs, so that nobody waits for its answer for ever."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from playwright.async_api import Browser, CDPSession
from playwright.async_api import Error as PlaywrightError

from shared import logs
from shared.errors import BrowserFailed

# Whoever waits for something in a browser that died mostly hears of it at once; the others after so long.
_GRACE = 3.0
_log = logs.get("browser")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds between two questions to the browser itself, and how long it may take to answer one."""

    every: float = 5.0
    answer: float = 15.0


async def watched(browser: Browser, patience: Patience) -> asyncio.Task[None]:
    """Starts asking whether the browser still answers; one that does not is killed. Ends with the browser."""
    session = await browser.new_browser_cdp_session()
    told = await session.send("SystemInfo.getProcessInfo")
    pid = next(int(process["id"]) for process in told["processInfo"] if process["type"] == "browser")
    return asyncio.create_task(_ask(session, pid, patience))


async def _ask(session: CDPSession, pid: int, patience: Patience) -> None:
    with suppress(PlaywrightError):
        while True:
            await asyncio.sleep(patience.every)
            try:
                async with asyncio.timeout(patience.answer):
                    await session.send("Browser.getVersion")
            except TimeoutError:
                _log.warning("browser_hangs", pid=pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                return


@asynccontextmanager
async def while_it_lives(browser: Browser) -> AsyncIterator[None]:
    """Ends the block with BrowserFailed some seconds after the browser died, whatever it waits for then."""
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(None)

    def died(_: Browser) -> None:
        limit.reschedule(loop.time() + _GRACE)

    try:
        async with limit:
            browser.on("disconnected", died)
            try:
                if not browser.is_connected():
                    died(browser)
                yield
            finally:
                browser.remove_listener("disconnected", died)
    except TimeoutError:
        if not limit.expired():
            raise
        raise BrowserFailed from None
