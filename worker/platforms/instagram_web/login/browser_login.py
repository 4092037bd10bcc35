"""Instagram's login as a `LoginFlow`: its form, its page for a person, and the view of a browser that is signed in."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from shared.errors import SiteUnreachable
from shared.settings import Settings
from worker.browser.failures import typed_errors
from worker.browser.session import BrowserSession
from worker.browser.visit import visit
from worker.platforms.base import LiveSource, RateLimiter
from worker.platforms.instagram_web.client import LiveInstagram
from worker.platforms.instagram_web.cookies import DEVICE_COOKIES
from worker.platforms.instagram_web.login import screenshot
from worker.platforms.instagram_web.login.flow import log_in
from worker.platforms.instagram_web.site.responses import login_page_refusal
from worker.platforms.instagram_web.site.selectors import LOGIN_PATH
from worker.platforms.login import Ask, LoginDetails


class InstagramLogin:
    """The login of the site that the settings name. Errors as `LoginFlow` says."""

    device_cookies = DEVICE_COOKIES

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def sign_in(self, context: BrowserContext, details: LoginDetails, ask: Ask) -> None:
        """Logs in by the form, in a page that is closed afterwards."""
        with typed_errors():
            page = await context.new_page()
        await log_in(page, self._settings.instagram_base_url, details, ask)
        with typed_errors():
            await page.close()

    async def open_login_page(self, context: BrowserContext) -> None:
        """Opens the login page and leaves it to the person."""
        page = await context.new_page()
        try:
            seen = await visit(page, self._settings.instagram_base_url + LOGIN_PATH)
        except PlaywrightError:
            if page.is_closed():
                raise
            raise SiteUnreachable from None
        if (refused := login_page_refusal(seen.status, is_empty=seen.is_empty)) is not None:
            raise refused

    def open_view(self, context: BrowserContext, session: BrowserSession, limiter: RateLimiter) -> LiveSource:
        """Instagram as the context's session sees it."""
        return LiveInstagram(context, session, self._settings, limiter)

    async def take_screenshot(self, context: BrowserContext, secrets: Sequence[str]) -> bytes | None:
        """The page at which the login stopped, covered."""
        return await screenshot.take(context, self._settings.instagram_base_url, secrets)
