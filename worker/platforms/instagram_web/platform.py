"""Instagram by its web pages, as the worker's half of the platform."""

from __future__ import annotations

from shared.platforms.instagram import INSTAGRAM
from shared.platforms.platform import WayIn
from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.platforms.client import PlatformClient
from worker.platforms.instagram_web.client import opener
from worker.platforms.instagram_web.login.browser_login import InstagramLogin


def client_of(browser: BrowserPool, settings: Settings) -> PlatformClient:
    """What opens stored sessions in this browser, and logs in."""
    return PlatformClient(INSTAGRAM.name, {WayIn.BROWSER: opener(browser, settings)}, InstagramLogin(settings))
