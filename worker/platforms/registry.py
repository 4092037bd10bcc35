"""The platforms that the worker can read: for each declaration in `shared/platforms` its client."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.platforms import instagram
from worker.platforms.client import PlatformClient
from worker.platforms.tiktok import platform as tiktok
from worker.platforms.youtube import platform as youtube

BUILDERS: list[Callable[[BrowserPool, Settings], PlatformClient]] = [
    instagram.client_of,
    youtube.client_of,
    tiktok.client_of,
]
"""What builds the client of each platform."""


def clients(browser: BrowserPool, settings: Settings) -> Mapping[str, PlatformClient]:
    """The client of each platform, by its stored name."""
    return {client.name: client for client in (build(browser, settings) for build in BUILDERS)}
