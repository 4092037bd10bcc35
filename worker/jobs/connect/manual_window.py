"""The way in by hand: a window with the platform's own login, in which the person does everything."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from shared.errors import JobError, NobodyAnswered, SiteUnreachable
from shared.errors.effect import JobEffect
from worker.browser.visit import visit
from worker.jobs.base import JobContext
from worker.jobs.connect.flow import Rows
from worker.platforms.instagram_web.client import LiveInstagram
from worker.platforms.instagram_web.site.responses import login_page_refused
from worker.platforms.instagram_web.site.selectors import LOGIN_PATH
from worker.rate_limiter import gate
from worker.services import Services

_LOOK_EVERY = 0.5
# The time between two checks of the same session: the person may still be busy with steps after the password.
_ASK_EVERY = 10.0


class Window:
    """Opens the login page and returns once the window's session answers; it types, presses and reads nothing there."""

    def __init__(self, ctx: JobContext, services: Services, rows: Rows, username: str, patience: timedelta) -> None:
        self._ctx, self._services, self._username, self._start = ctx, services, username, rows.device
        self._connection_id = rows.connection.id
        self._patience = patience
        self._asked: tuple[str, float] | None = None

    async def enter(self, context: BrowserContext) -> None:
        """Returns once the window's session answers.

        Raises NobodyAnswered when the window is closed or the time is over, SiteUnreachable, LoginThrottled, SiteFailed
        or UnexpectedAnswer where the login page does not come, and the errors of `ctx.check`.
        """
        try:
            await self._opened(context)
            await self._watched(context)
        except PlaywrightError:
            failure = NobodyAnswered().as_variant("closed")
        else:
            return
        raise failure

    async def _opened(self, context: BrowserContext) -> None:
        page = await context.new_page()
        try:
            seen = await visit(page, self._services.settings.instagram_base_url + LOGIN_PATH)
        except PlaywrightError:
            if page.is_closed():
                raise
            raise SiteUnreachable from None
        if (refused := login_page_refused(seen.status, is_empty=seen.is_empty)) is not None:
            raise refused

    async def _watched(self, context: BrowserContext) -> None:
        deadline = monotonic() + self._patience.total_seconds()
        while monotonic() < deadline:
            self._ctx.check()
            if not context.pages:
                raise NobodyAnswered().as_variant("closed")
            if await self._is_due(context) and await self._answers(context):
                return
            await asyncio.sleep(_LOOK_EVERY)
        minutes = round(self._patience.total_seconds() / 60)
        raise NobodyAnswered().as_variant("minutes", minutes=minutes)

    async def _is_due(self, context: BrowserContext) -> bool:
        """Whether there is a session that was not checked lately."""
        session = (await self._start.stored(context)).cookie("sessionid")
        now = monotonic()
        if session is None or (self._asked and self._asked[0] == session and now - self._asked[1] < _ASK_EVERY):
            return False
        self._asked = session, now
        return True

    async def _answers(self, context: BrowserContext) -> bool:
        """Whether the platform answers who is logged in; asked in a tab of its own, which is closed again."""
        before = list(context.pages)
        session = await self._start.stored(context)
        live = LiveInstagram(
            context, session, self._services.settings, gate(self._ctx, self._services, self._connection_id)
        )
        try:
            await live.check(self._username)
        except JobError as error:
            if not (error.effect.ends_session or error.effect.job is JobEffect.RETRY):
                raise
            self._ctx.log.info("window_not_in_yet", error_code=error.code)
            return False
        finally:
            for page in context.pages:
                if page not in before:
                    await page.close()
        return True
