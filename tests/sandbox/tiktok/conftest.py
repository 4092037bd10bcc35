"""TikTok's stand-in over real HTTP for each test that asks for one."""

from collections.abc import Iterator

import pytest

from sandbox.tiktok.server import Config, start
from sandbox.world.clips.profile import ProfileConfig
from sandbox.world.world import WorldConfig
from tests.sandbox.tiktok.app import START, App

QUIET = WorldConfig(followers=0, following=0, posts=0, start=START)


@pytest.fixture
def app() -> Iterator[App]:
    """An app that no one has connected yet; the person has a small profile."""
    running = start(Config((QUIET,), ProfileConfig(clips=30, age_days=90)))
    found = App(running)
    yield found
    found.http.close()
    running.stop()


@pytest.fixture
def connected(app: App) -> App:
    """An app with every scope of the person's profile."""
    app.connect()
    return app
