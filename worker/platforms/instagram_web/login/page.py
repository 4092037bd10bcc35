"""Operates the login's page: enters values, and returns the first sign of the result."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import CDPSession, Locator, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shared.errors import LoginRejected, UnexpectedAnswer
from worker.platforms.instagram_web.login.responses import ANY_METHOD, Outcome, Verdict, outcome
from worker.platforms.instagram_web.site import selectors
from worker.platforms.instagram_web.site.responses import Answer, error_for_redirect

T = TypeVar("T")
_PATIENCE_SECONDS = 45.0
_READY_SECONDS = 15.0
_FRIENDLY_NAME = "x-fb-friendly-name"
_NAME_FIELD = "fb_api_req_friendly_name"


class Silent(UnexpectedAnswer):
    """No known sign appeared on the page."""

    def __init__(self) -> None:
        super().__init__("Instagram's login page did nothing that Rollcall knows.")


class Warned(Exception):
    """The page shows a warning and its own calls gave no result; `text` is the page's."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class LoginPage:
    """One page, and the answers to its own login calls in order."""

    def __init__(self, page: Page, listening: CDPSession) -> None:
        self.page, self._listening = page, listening
        self._answers: asyncio.Queue[Answer] = asyncio.Queue()
        self._reading: set[asyncio.Task[None]] = set()

    @classmethod
    async def listen(cls, page: Page) -> LoginPage:
        """The page, with its login calls recorded from now on.

        Their answers are held in the browser until they are read here, because the page moves on at once and a browser
        forgets the answers of the page before.
        """
        listening = await page.context.new_cdp_session(page)
        heard = cls(page, listening)
        listening.on("Fetch.requestPaused", heard._heard)
        patterns = [{"urlPattern": url, "requestStage": "Response"} for url in selectors.CALL_PATTERNS]
        await listening.send("Fetch.enable", {"patterns": patterns})
        return heard

    def forget(self) -> None:
        """Drops earlier answers, before a new action."""
        while not self._answers.empty():
            self._answers.get_nowait()

    async def ready(self) -> None:
        """Returns when the page's own scripts have run: input before that is lost, however early the field shows."""
        with suppress(PlaywrightTimeout):
            await self.page.wait_for_load_state("domcontentloaded", timeout=_READY_SECONDS * 1000)

    async def submit(self, field: Locator, value: str) -> Outcome:
        """Enters the value and returns the result: by the page's own call, else its address, else a new warning.

        Raises the typed errors of `login.responses` and `site.responses`, Warned, and Silent after a while.
        """
        await self.ready()
        before = await self._before()
        await field.fill(value)
        await field.press("Enter", no_wait_after=True)
        return await _in_time(self._first_sign(*before))

    async def press(self, button: Locator, other: Locator) -> Outcome | None:
        """Presses the button and returns the result, as `submit` does; None when `other` shows instead."""
        await self.ready()
        before = await self._before()
        await button.click(no_wait_after=True)
        return await _in_time(first([self._first_sign(*before), other.wait_for(timeout=_PATIENCE_SECONDS * 1000)]))

    async def next_outcome(self, seconds: float) -> Outcome | None:
        """The next call's outcome within `seconds`; None when there is none."""
        try:
            async with asyncio.timeout(seconds):
                return outcome(await self._answers.get())
        except TimeoutError:
            return None

    async def _before(self) -> tuple[str, bool]:
        """The page's address and whether it shows a warning, before a new action."""
        self.forget()
        return _path(self.page), await selectors.warning(self.page).is_visible()

    async def _first_sign(self, start: str, warned_before: bool) -> Outcome:
        watching: list[Coroutine[Any, Any, Outcome | str | None]] = [self._answered(), self._moved(start)]
        if not warned_before:
            watching.append(self._warned())
        sign = await first(watching)
        if not isinstance(sign, str | None):
            return sign
        if self._reading:
            await asyncio.wait(self._reading)
        while not self._answers.empty():
            known = outcome(self._answers.get_nowait())
            if known is not None:
                return known
        if sign is not None:
            raise Warned(sign)
        return await self._by_place()

    async def _answered(self) -> Outcome:
        while True:
            known = outcome(await self._answers.get())
            if known is not None:
                return known

    async def _moved(self, start: str) -> None:
        def is_elsewhere(url: str) -> bool:
            return _path_of(url) != start

        await self.page.wait_for_url(is_elsewhere, wait_until="commit", timeout=_PATIENCE_SECONDS * 1000)

    async def _warned(self) -> str:
        warning = selectors.warning(self.page)
        await warning.wait_for(timeout=_PATIENCE_SECONDS * 1000)
        return await warning.inner_text()

    async def _by_place(self) -> Outcome:
        """The result by the address alone, where no call could be read."""
        place = selectors.place(self.page.url)
        if place is selectors.Place.STOP:
            raise error_for_redirect(self.page.url)
        if place is selectors.Place.CODE:
            return ANY_METHOD
        if place is selectors.Place.IN or await has_session(self.page):
            return Verdict.IN
        raise LoginRejected

    def _heard(self, paused: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._read(paused))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, paused: dict[str, Any]) -> None:
        held, asked = {"requestId": paused["requestId"]}, paused["request"]
        with suppress(PlaywrightError):
            if selectors.is_login_call(asked["url"], _friendly_name(asked)):
                text = await self._text(held)
                headers = {h["name"].lower(): h["value"] for h in paused.get("responseHeaders", ())}
                self._answers.put_nowait(Answer(paused.get("responseStatusCode", 0), text, headers))
            await self._listening.send("Fetch.continueRequest", held)

    async def _text(self, held: dict[str, Any]) -> str:
        """The held answer's body; empty where it has none."""
        try:
            body = await self._listening.send("Fetch.getResponseBody", held)
        except PlaywrightError:
            return ""
        raw = b64decode(body["body"]) if body["base64Encoded"] else body["body"].encode()
        return raw.decode("utf-8", "replace")


def _friendly_name(asked: dict[str, Any]) -> str | None:
    """The name of a GraphQL operation, which stands in a header, in the form, or in both."""
    names = {name.lower(): value for name, value in asked["headers"].items()}
    if _FRIENDLY_NAME in names:
        return str(names[_FRIENDLY_NAME])
    return next(iter(parse_qs(asked.get("postData") or "").get(_NAME_FIELD, ())), None)


async def _in_time(waiting: Coroutine[Any, Any, T]) -> T:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await waiting
    except TimeoutError:
        raise Silent from None


async def has_session(page: Page) -> bool:
    """Whether the site has given the browser a session."""
    return any(c.get("name") == "sessionid" and c.get("value") for c in await page.context.cookies(page.url))


def _path(page: Page) -> str:
    return _path_of(page.url)


def _path_of(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


async def first(watching: list[Coroutine[Any, Any, T]]) -> T:
    """The result of the first task to end, or its error; the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in watching]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def shows(sign: Locator, seconds: float) -> bool:
    """Whether this becomes visible within `seconds`."""
    try:
        await sign.first.wait_for(timeout=seconds * 1000)
    except PlaywrightTimeout:
        return False
    return True
