"""Notices a browser that died, hangs or is out of reach, so that no job waits for it for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from playwright.async_api import Browser, CDPSession
from playwright.async_api import Error as PlaywrightError

from shared import logs
from shared.errors import BrowserFailed

# Most waiting calls fail at once when the browser dies; the others end after this long.
_GRACE = 3.0
_log = logs.get("browser")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds between two checks of the browser, and the longest time that it may take to answer one."""

    every: float = 5.0
    answer: float = 15.0


class Life:
    """One browser's life: it ends with a disconnect, or when it is declared over."""

    def __init__(self, browser: Browser) -> None:
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        browser.on("disconnected", self.end)
        if not browser.is_connected():
            self.end()

    @property
    def is_over(self) -> bool:
        return self._over.done()

    def end(self, _: Browser | None = None) -> None:
        if not self._over.done():
            self._over.set_result(None)

    @asynccontextmanager
    async def lasting(self) -> AsyncIterator[None]:
        """Ends the block with BrowserFailed some seconds after the browser died, whatever the block waits for."""
        loop = asyncio.get_running_loop()
        limit, ended = asyncio.timeout(None), False

        def died(_: asyncio.Future[None]) -> None:
            # A callback that is on its way is called although the block has removed it.
            if not ended:
                limit.reschedule(loop.time() + _GRACE)

        try:
            async with limit:
                self._over.add_done_callback(died)
                try:
                    yield
                finally:
                    ended = True
                    self._over.remove_done_callback(died)
        except TimeoutError:
            if not limit.expired():
                raise
            raise BrowserFailed from None


async def watch(
    browser: Browser, life: Life, patience: Patience, give_up: Callable[[], Awaitable[None]]
) -> asyncio.Task[None]:
    """Starts checking that the browser still answers; `give_up` ends one that does not. Ends with the browser."""
    session = await browser.new_browser_cdp_session()
    return asyncio.create_task(_ask(session, life, patience, give_up))


async def _ask(session: CDPSession, life: Life, patience: Patience, give_up: Callable[[], Awaitable[None]]) -> None:
    try:
        with suppress(PlaywrightError):
            while True:
                await asyncio.sleep(patience.every)
                try:
                    async with asyncio.timeout(patience.answer):
                        await session.send("Browser.getVersion")
                except TimeoutError:
                    _log.warning("browser_hangs")
                    await give_up()
                    return
    finally:
        life.end()
