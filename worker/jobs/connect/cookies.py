"""The cookies of the person's own browser: with them the browser is signed in as soon as it starts."""

from __future__ import annotations

from playwright.async_api import BrowserContext

from shared.errors import JobError, LoginRejected, UserAgentMismatch
from shared.errors.effect import SessionEffect
from worker.browser.session import BrowserSession
from worker.jobs.connect.credentials import CookieCredentials
from worker.jobs.connect.method import LoginMethod

_TIED = "Instagram ties a session to the browser that made it, and Rollcall does not pretend to be another browser."
_OTHER_BROWSER = f"Instagram refuses these cookies because another browser made their session. {_TIED}"
# Instagram's pages send either to the login without saying which it is; only its data calls name the browser.
_NOT_TAKEN = f"Instagram refuses these cookies: another browser made their session, or it is over. {_TIED}"
_OWN_LOGIN = (
    "Connect by the login form instead, or in a window: `rollcall connect instagram --headed`,"
    " with BROWSER_HEADLESS=false."
)


class CookieLogin(LoginMethod):
    """Does nothing in the browser; cookies that are not taken end in LoginRejected.

    The device of cookies that failed is another browser's, and not remembered.
    """

    keeps_device = False

    def __init__(self, entered: CookieCredentials) -> None:
        self.username, self._cookies = entered.username, entered.cookies

    def start_from(self, device: BrowserSession) -> BrowserSession:
        return device.with_cookies(self._cookies)

    async def sign_in(self, context: BrowserContext) -> None:
        return

    async def explain(self, error: JobError) -> JobError:
        if isinstance(error, UserAgentMismatch):
            return LoginRejected(_OTHER_BROWSER, next_step=_OWN_LOGIN)
        if error.effect.session is SessionEffect.OVER:
            return LoginRejected(_NOT_TAKEN, next_step=_OWN_LOGIN)
        return error
