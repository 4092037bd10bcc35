"""The way in by hand: a window with the platform's own login, where the person does everything and Rollcall waits."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from shared.errors import NobodyAnswered
from worker.jobs.connect.connection import ConnectionContext
from worker.jobs.connect.method import LoginMethod
from worker.jobs.connect.window_session import WindowSession

_LOOK_EVERY = 0.5


class ManualLogin(LoginMethod):
    """Opens the login page and waits until the window's session answers; nothing is typed, pressed or read there."""

    def __init__(self, connection: ConnectionContext, username: str, patience: timedelta) -> None:
        self._connection, self.username, self._patience = connection, username, patience

    async def sign_in(self, context: BrowserContext) -> None:
        """Returns once the window's session answers.

        Raises NobodyAnswered when the window is closed or the time is over, SiteUnreachable, LoginThrottled, SiteFailed
        or UnexpectedAnswer where the login page does not come, and what `JobContext.check` raises.
        """
        try:
            await self._connection.login.open_login_page(context)
            await self._wait(context)
        except PlaywrightError:
            failure = NobodyAnswered().as_variant("closed")
        else:
            return
        raise failure

    async def _wait(self, context: BrowserContext) -> None:
        session = WindowSession(self._connection, self.username, context)
        deadline = monotonic() + self._patience.total_seconds()
        while monotonic() < deadline:
            self._connection.ctx.check()
            if not context.pages:
                raise NobodyAnswered().as_variant("closed")
            if await session.answers():
                return
            await asyncio.sleep(_LOOK_EVERY)
        minutes = round(self._patience.total_seconds() / 60)
        raise NobodyAnswered().as_variant("minutes", minutes=minutes)
