"""One Chromium per worker: started when needed, a context per profile, replaced after a number of jobs or a crash."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from playwright.async_api import Browser, BrowserContext, Playwright
from playwright.async_api import Error as PlaywrightError

from shared import logs
from shared.errors import BrowserFailed, BrowserMissing, SandboxUnusable
from shared.settings import Settings
from worker.browser import driver
from worker.browser.failures import typed_errors
from worker.browser.session import BrowserSession
from worker.browser.start import killer, start
from worker.browser.watch import Life, Patience, watch

_log = logs.get("browser")
_IDLE_SECONDS = 60.0
_PATIENCE = Patience()
_NAVIGATION_MS = 45_000
_ACTION_MS = 15_000
_CLOSING_SECONDS = 20.0
_LETTING_GO_SECONDS = 2.0
# Playwright's own message replaces Chromium's.
_NO_SANDBOX = "sandboxing failed"


@dataclass(slots=True)
class _Running:
    """A started or connected Chromium, with the numbers of all its contexts and of the open ones."""

    browser: Browser
    life: Life
    watch: asyncio.Task[None]
    opened: int = 0
    open_now: int = 0


class BrowserPool:
    """Gives out contexts of one Chromium, started when needed; `close` ends it and Playwright's driver.

    A remote browser is never ended, only disconnected; our contexts there end with the connection.
    """

    def __init__(self, settings: Settings, idle_seconds: float = _IDLE_SECONDS, patience: Patience = _PATIENCE) -> None:
        self._settings = settings
        self._patience = patience
        self._idle_seconds = idle_seconds
        self._lock = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._running: _Running | None = None
        self._open = 0
        self._idle: asyncio.TimerHandle | None = None
        self._endings: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def context(self, session: BrowserSession) -> AsyncIterator[BrowserContext]:
        """A context that is the session's browser again, always closed at the end.

        Raises BrowserMissing without a browser, BrowserFailed when it does not start, dies or hangs.
        """
        running = await self._claim()
        try:
            async with running.life.lasting():
                with typed_errors():
                    context = await _new_context(running.browser, session)
                    try:
                        yield context
                    finally:
                        await _closed(context)
        finally:
            await asyncio.shield(self._release(running))

    async def close(self) -> None:
        """Ends the browser and the driver; the pool may be used again afterwards."""
        async with self._lock:
            await self._end()

    async def _claim(self) -> _Running:
        async with self._lock:
            self._stay_awake()
            running = self._running
            if running is None or running.life.is_over:
                running = self._running = await self._launch()
            running.opened += 1
            running.open_now += 1
            self._open += 1
            if running.opened >= self._settings.browser_context_jobs:
                self._running = None
            return running

    async def _release(self, running: _Running) -> None:
        async with self._lock:
            running.open_now -= 1
            self._open -= 1
            if running is not self._running and not running.open_now:
                await _ended(running)
            if self._open or self._playwright is None:
                return
            if self._running is None:
                # The driver's memory is freed with its last browser.
                await self._stop_driver()
            else:
                self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._fall_asleep)

    async def _launch(self) -> _Running:
        try:
            if self._playwright is None:
                self._playwright = await driver.start()
            browser = await start(self._playwright, self._settings)
            life = Life(browser)
            local = self._settings.browser_endpoint is None
            give_up = await killer(browser) if local else partial(self._let_go, browser)
            return _Running(browser, life, await watch(browser, life, self._patience, give_up))
        except (BrowserMissing, BrowserFailed):
            await self._stop_unused_driver()
            raise
        except PlaywrightError as error:
            _log.warning("browser_start_failed", reason=error.message.partition("\n")[0][:200])
            await self._stop_unused_driver()
            if _NO_SANDBOX in error.message:
                raise SandboxUnusable from error
        raise BrowserFailed().as_variant("start")

    async def _let_go(self, browser: Browser) -> None:
        """Disconnects from a remote browser, which no signal from here reaches; if need be by ending the driver."""
        try:
            async with asyncio.timeout(_LETTING_GO_SECONDS):
                await browser.close()
        except (PlaywrightError, TimeoutError):
            await self._stop_driver()

    async def _stop_unused_driver(self) -> None:
        # Other jobs may still use an earlier browser of this driver.
        if not self._open:
            await self._stop_driver()

    async def _stop_driver(self) -> None:
        self._stay_awake()
        playwright, self._playwright = self._playwright, None
        if playwright is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await playwright.stop()
            # Its objects refer to each other in circles, which would stay until some later collection.
            del playwright
            gc.collect()

    def _stay_awake(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _fall_asleep(self) -> None:
        task = asyncio.get_running_loop().create_task(self._close_if_idle())
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    async def _close_if_idle(self) -> None:
        async with self._lock:
            if not self._open:
                await self._end()
                _log.info("browser_idle_closed")

    async def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await _ended(running)
        await self._stop_driver()


async def _new_context(browser: Browser, session: BrowserSession) -> BrowserContext:
    context = await browser.new_context(
        locale=session.locale,
        timezone_id=session.timezone_id,
        viewport=session.viewport,
        storage_state=session.storage_state,
        accept_downloads=False,
        service_workers="block",
    )
    context.set_default_navigation_timeout(_NAVIGATION_MS)
    context.set_default_timeout(_ACTION_MS)
    return context


async def _ended(running: _Running) -> None:
    running.watch.cancel()
    await _closed(running.browser)


async def _closed(what: Browser | BrowserContext) -> None:
    try:
        async with asyncio.timeout(_CLOSING_SECONDS):
            await what.close()
    except (PlaywrightError, TimeoutError):
        _log.debug("browser_already_gone")
