"""Watches a checkpoint's page until it changes, and presses its buttons."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum, auto
from time import monotonic

from playwright.async_api import Page, Request

from shared.errors import CaptchaRequired, CheckpointRequired, SuspectedAutomation
from worker.platforms.instagram_web.login.checkpoint import kinds
from worker.platforms.instagram_web.login.checkpoint.kinds import Kind
from worker.platforms.instagram_web.login.checkpoint.snapshot import BUTTONS, CHOICES, Button, Choice, Shown, look
from worker.platforms.instagram_web.login.page import has_session
from worker.platforms.instagram_web.site import selectors
from worker.platforms.instagram_web.site.responses import error_for_redirect

_LOOK_SECONDS = 0.25
_REACH_SECONDS = 30.0
_QUIET_SECONDS = 10.0
# A fully loaded, idle page without anything known for this long counts as unknown.
_KNOWN_SECONDS = 6.0


class After(Enum):
    """The place after a passed checkpoint: in, the login's form, or the second step of the login."""

    IN = auto()
    FORM = auto()
    SECOND_STEP = auto()


class CheckpointView:
    """The page of a checkpoint; `shown` is its last snapshot."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.shown = Shown("")
        self._under_way: set[Request] = set()
        page.on("request", lambda request: self._under_way.add(request))
        page.on("requestfinished", lambda request: self._under_way.discard(request))
        page.on("requestfailed", lambda request: self._under_way.discard(request))

    async def reach(self, asked: CheckpointRequired) -> None:
        """Returns when the page is there, since an answer may announce a checkpoint first; raises `asked` otherwise."""
        deadline = monotonic() + _REACH_SECONDS
        while selectors.place(self.page.url) is not selectors.Place.STOP and not await has_session(self.page):
            if monotonic() > deadline:
                raise asked
            await asyncio.sleep(_LOOK_SECONDS)

    async def recognise(self, asked: CheckpointRequired) -> Kind | After:
        """The page's question or its next place; raises `asked` for a page with nothing known."""
        began, ready_since = monotonic(), None
        while True:
            found = await self.look()
            if found is not None:
                return found
            now = monotonic()
            ready_since = (ready_since or now) if self.shown.is_ready and not self._under_way else None
            if now - began > _REACH_SECONDS or (ready_since and now - ready_since > _KNOWN_SECONDS):
                raise asked
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> Kind | After | None:
        """The page's question or its next place; None where neither is known now.

        Raises Suspended, ConsentRequired and SuspectedAutomation where the page is theirs.
        """
        url, shown = self.page.url, await look(self.page)
        place = selectors.place(url)
        if place is selectors.Place.CODE:
            return After.SECOND_STEP
        if place is not selectors.Place.STOP and await has_session(self.page):
            return After.IN
        if shown is None or self.page.url != url:
            return None
        self.shown = shown
        if place is not selectors.Place.STOP:
            return After.FORM if any(one.type == "password" for one in shown.fields) else None
        if await selectors.suspicion(self.page).is_visible():
            raise SuspectedAutomation
        stop = error_for_redirect(url)
        if type(stop) not in (CheckpointRequired, CaptchaRequired):
            raise stop
        return kinds.kind(shown)

    async def settle(self) -> None:
        """Returns when the page has loaded all that it shows; does not wait for a page that never stops loading."""
        deadline = monotonic() + _QUIET_SECONDS
        quiet = 0
        while quiet < 2 and monotonic() < deadline:
            await self.look()
            quiet = quiet + 1 if self.shown.is_ready and not self._under_way else 0
            await asyncio.sleep(_LOOK_SECONDS)

    async def is_still(self, standing: Kind) -> bool:
        """Whether the page still has that question; a page on its way to another place has not arrived."""
        return await self.look() in (standing, None)

    async def wait_until_gone(self, standing: Kind) -> None:
        """Returns when the page no longer has that question."""
        while True:
            if not await self.is_still(standing):
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def leaves(self, standing: Kind, seconds: float) -> bool:
        """Whether the page drops that question within `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wait_until_gone(standing)
                return True
        return False

    async def press(self, one: Choice | Button) -> None:
        """Clicks an element of the snapshot."""
        locator = self.page.locator(CHOICES if isinstance(one, Choice) else BUTTONS).nth(one.place)
        if isinstance(one, Choice) and not await locator.is_visible():
            await locator.dispatch_event("click")
        else:
            await locator.click(no_wait_after=True)
