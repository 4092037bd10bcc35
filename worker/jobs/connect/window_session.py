"""The session in a window where a person logs in: asked now and then whether the platform knows it yet."""

from __future__ import annotations

from time import monotonic

from playwright.async_api import BrowserContext

from shared.errors import JobError
from shared.errors.effect import JobEffect
from worker.browser.session import BrowserSession
from worker.jobs.connect.connection import ConnectionContext

# Between two questions with the same session: the person may still be answering what comes after the password.
_ASK_EVERY = 10.0


class WindowSession:
    """Asks about a session only when it is new or was not asked about lately."""

    def __init__(self, connection: ConnectionContext, username: str, context: BrowserContext) -> None:
        self._connection, self._username, self._context = connection, username, context
        self._asked: tuple[str, float] | None = None

    async def answers(self) -> bool:
        """Whether the window is signed in; raises Playwright's error where it was closed."""
        session = await self._connection.device.read_from(self._context)
        return self._is_due(session) and await self._is_known(session)

    def _is_due(self, session: BrowserSession) -> bool:
        cookie, now = session.cookie("sessionid"), monotonic()
        if cookie is None or (self._asked and self._asked[0] == cookie and now - self._asked[1] < _ASK_EVERY):
            return False
        self._asked = cookie, now
        return True

    async def _is_known(self, session: BrowserSession) -> bool:
        """Whether the platform says who is signed in; asked in a tab of its own, which is closed again."""
        before = list(self._context.pages)
        try:
            await self._connection.open_view(self._context, session).check(self._username)
        except JobError as error:
            if not (error.effect.ends_session or error.effect.job is JobEffect.RETRY):
                raise
            self._connection.ctx.log.info("window_not_in_yet", error_code=error.code)
            return False
        finally:
            for page in self._context.pages:
                if page not in before:
                    await page.close()
        return True
