"""Meta's stand-in over real HTTP for each test that asks for one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sandbox.meta.people import Person
from sandbox.meta.server import Config, start, start_with
from sandbox.world.world import WorldConfig
from tests.sandbox.meta.app import START, App

SMALL = WorldConfig(followers=400, following=30, posts=24, start=START)
Visit = Callable[..., App]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """visit(*worlds, people=…) -> an app at a stand-in of these worlds, or of these people."""
    with ExitStack() as stack:

        def begin(*worlds: WorldConfig, people: tuple[Person, ...] = ()) -> App:
            running = start_with(people) if people else start(Config(worlds or (SMALL,)))
            stack.callback(running.stop)
            app = App(running)
            stack.callback(app.close)
            return app

        yield begin


@pytest.fixture
def app(visit: Visit) -> App:
    """An app that no one has connected yet; there is one person with one small account and its Page."""
    return visit()


@pytest.fixture
def connected(app: App) -> App:
    """An app with a long token of the account, by Instagram Login."""
    app.connect()
    return app
