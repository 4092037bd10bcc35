"""TikTok by its official interfaces, as the worker's half of the platform."""

from __future__ import annotations

from shared.platforms.platform import WayIn
from shared.platforms.tiktok import TIKTOK
from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.platforms.client import PlatformClient
from worker.platforms.tiktok.app import TikTokApp
from worker.platforms.tiktok.authorizer import TikTokAuthorizer
from worker.platforms.tiktok.source import opener


def client_of(browser: BrowserPool, settings: Settings) -> PlatformClient:
    """What opens accounts from stored tokens, and takes a consent where the installation's app is set up."""
    app = TikTokApp.of(settings)
    return PlatformClient(
        TIKTOK.name,
        {WayIn.TIKTOK: opener(app)},
        authorizers={WayIn.TIKTOK: TikTokAuthorizer(app)} if app.is_set_up else {},
    )
