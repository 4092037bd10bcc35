"""YouTube by its official interfaces, as the worker's half of the platform."""

from __future__ import annotations

from shared.platforms.platform import WayIn
from shared.platforms.youtube import YOUTUBE
from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.platforms.client import PlatformClient
from worker.platforms.youtube.app import GoogleApp
from worker.platforms.youtube.authorizer import GoogleAuthorizer
from worker.platforms.youtube.source import opener


def client_of(browser: BrowserPool, settings: Settings) -> PlatformClient:
    """What opens channels from stored tokens, and takes a consent where the installation's app is set up."""
    app = GoogleApp.of(settings)
    return PlatformClient(
        YOUTUBE.name,
        {WayIn.GOOGLE: opener(app)},
        authorizers={WayIn.GOOGLE: GoogleAuthorizer(app)} if app.is_set_up else {},
        derives=settings.youtube_derived_metrics,
    )
