"""The field for a checkpoint's code: the page's words or its next address tell a right code from a wrong one.

After an accepted code the page stays the same for some seconds, which looks like a rejection (IG-3.4); so time alone
never counts as one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from playwright.async_api import ElementHandle, Locator, Page
from playwright.async_api import Error as PlaywrightError

from shared.errors import UnexpectedAnswer
from worker.platforms.instagram_web.login.checkpoint import kinds
from worker.platforms.instagram_web.login.checkpoint.responses import Heard
from worker.platforms.instagram_web.login.checkpoint.snapshot import BUTTONS, FIELDS, Shown, look
from worker.platforms.instagram_web.site import selectors

_LOOK_SECONDS = 0.2
_SEND_SECONDS = 15.0
# A warning from before the code counts only after this long without any other sign.
_OLD_WARNING_SECONDS = 25.0
_PATIENCE_SECONDS = 75.0
_REFUSED = 'input[aria-invalid="true"]'
_SILENT = "Instagram's page neither took nor refused the code."


class CodeEntry:
    """The page that asks for a code, and the results of its calls."""

    def __init__(self, page: Page, heard: Heard) -> None:
        self._page, self._heard = page, heard

    async def is_taken(self, digits: str, is_still_here: Callable[[], Awaitable[bool]]) -> bool:
        """Enters the code: True once the page has moved on, False when the code was refused.

        Raises UnexpectedAnswer when neither is seen for a while.
        """
        self._heard.forget_verdict()
        field = await self._field()
        await field.fill(digits)
        before = await self._warnings()
        await self._submit(field)
        began = monotonic()
        while monotonic() - began < _PATIENCE_SECONDS:
            if not await is_still_here():
                return True
            if self._heard.is_accepted is None and await self._refused(before, monotonic() - began):
                return False
            if self._heard.is_accepted is False:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        raise UnexpectedAnswer(_SILENT)

    async def send_again(self) -> bool:
        """Requests another code; False where the page does not allow it now."""
        shown = await look(self._page)
        button = kinds.again(shown) if shown else None
        if button is None or button.button.disabled or button.seconds != 0:
            return False
        known, before = self._heard.again_at, await self._warnings()
        await self._page.locator(BUTTONS).nth(button.button.place).click(no_wait_after=True)
        began = monotonic()
        while monotonic() - began < _SEND_SECONDS:
            if self._heard.again_at != known or not await self._can_send():
                return True
            if await self._is_new(before):
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return True

    def again_at(self, shown: Shown) -> datetime | None:
        """The time of the next allowed request for a code, by the page's countdown or its calls; None for never."""
        button = kinds.again(shown)
        if button is None:
            return None
        if button.seconds is not None:
            return datetime.now(UTC) + timedelta(seconds=button.seconds)
        return self._heard.again_at

    async def _can_send(self) -> bool:
        shown = await look(self._page)
        button = kinds.again(shown) if shown else None
        return button is not None and button.seconds == 0

    async def _field(self) -> Locator:
        """The field with a code's signs, else the first text field."""
        shown = await look(self._page)
        fields = [one for one in shown.fields if one.type != "file"] if shown else []
        place = next((place for place, one in enumerate(fields) if kinds.is_code(one)), 0)
        return self._page.locator(FIELDS).filter(visible=True).nth(place)

    async def _submit(self, field: Locator) -> None:
        shown = await look(self._page)
        button = kinds.go_on(shown) if shown else None
        if button is None:
            await field.press("Enter", no_wait_after=True)
        else:
            await self._page.locator(BUTTONS).nth(button.place).click(no_wait_after=True)

    async def _refused(self, before: list[ElementHandle], seconds: float) -> bool:
        if await self._is_new(before):
            return True
        return bool(before) and seconds > _OLD_WARNING_SECONDS and bool(await self._warnings())

    async def _is_new(self, before: list[ElementHandle]) -> bool:
        """Whether there is a warning that was not there before."""
        try:
            for now in await self._warnings():
                if not any([await now.evaluate("(now, before) => now === before", known) for known in before]):
                    return True
        except PlaywrightError:
            if self._page.is_closed():
                raise
        return False

    async def _warnings(self) -> list[ElementHandle]:
        """Signs of a fault: a text, or a field marked as wrong."""
        signs_of_it = (selectors.warning(self._page), self._page.locator(_REFUSED).filter(visible=True).first)
        return [await found.element_handle() for found in signs_of_it if await found.is_visible()]
