"""Instagram by all ways in, as the worker's half of the platform."""

from __future__ import annotations

from shared.platforms.instagram import INSTAGRAM
from shared.platforms.platform import WayIn
from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.platforms.client import PlatformClient
from worker.platforms.instagram_graph.platform import authorizers_of, openers_of
from worker.platforms.instagram_web.client import opener
from worker.platforms.instagram_web.login.browser_login import InstagramLogin


def client_of(browser: BrowserPool, settings: Settings) -> PlatformClient:
    """What opens stored sessions in this browser and tokens by the API, logs in, and takes a consent."""
    return PlatformClient(
        INSTAGRAM.name,
        {WayIn.BROWSER: opener(browser, settings), **openers_of(settings)},
        InstagramLogin(settings),
        authorizers_of(settings),
    )
