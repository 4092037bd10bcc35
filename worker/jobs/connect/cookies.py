"""The cookies of the person's own browser: with them the browser is signed in as soon as it starts."""

from __future__ import annotations

from playwright.async_api import BrowserContext

from shared.errors import JobError, LoginRejected, UserAgentMismatch
from shared.errors.effect import SessionEffect
from worker.browser.session import BrowserSession
from worker.jobs.connect.credentials import CookieCredentials
from worker.jobs.connect.method import LoginMethod


class CookieLogin(LoginMethod):
    """Does nothing in the browser; cookies that are not taken end in LoginRejected.

    The device of cookies that failed is another browser's, and not remembered.
    """

    keeps_device = False

    def __init__(self, entered: CookieCredentials, device_cookies: frozenset[str]) -> None:
        self.username, self._cookies, self._device_cookies = entered.username, entered.cookies, device_cookies

    def start_from(self, device: BrowserSession) -> BrowserSession:
        return device.with_cookies(self._cookies, self._device_cookies)

    async def sign_in(self, context: BrowserContext) -> None:
        return

    async def explain(self, error: JobError) -> JobError:
        if isinstance(error, UserAgentMismatch):
            return LoginRejected().as_variant("other_browser")
        if error.effect.session is SessionEffect.OVER:
            return LoginRejected().as_variant("cookies")
        return error
