"""Google's stand-in over real HTTP for each test that asks for one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sandbox.google.server import Config, PersonConfig, Running, start
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.world import WorldConfig
from tests.sandbox.google.app import START, App

QUIET = WorldConfig(followers=0, following=0, posts=0, start=START)
SMALL = ChannelConfig(subscribers=12_400, videos=14, age_days=90)
Visit = Callable[..., App]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """visit(*channels) -> an app at a stand-in whose one person has these channels."""
    with ExitStack() as stack:

        def begin(*channels: ChannelConfig, world: WorldConfig = QUIET) -> App:
            running: Running = start(Config(people=(PersonConfig(world, channels),)))
            stack.callback(running.stop)
            app = App(running)
            stack.callback(app.http.close)
            return app

        yield begin


@pytest.fixture
def app(visit: Visit) -> App:
    """An app that no one has connected yet; the person has one small channel."""
    return visit(SMALL)


@pytest.fixture
def connected(app: App) -> App:
    """An app with both scopes of the person's channel."""
    app.connect()
    return app
