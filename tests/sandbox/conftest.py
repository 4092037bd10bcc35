"""A small stand-in over real HTTP for each test that asks for one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sandbox.server import Config, Running, start
from sandbox.world.world import WorldConfig
from tests.sandbox.visitor import Visitor

SMALL = WorldConfig(followers=130, following=70, posts=40)
Start = Callable[[Config], Running]


@pytest.fixture
def serve() -> Iterator[Start]:
    """Start stand-ins that end with the test."""
    with ExitStack() as running:

        def begin(config: Config) -> Running:
            site = start(config)
            running.callback(site.stop)
            return site

        yield begin


@pytest.fixture
def visit(serve: Start) -> Iterator[Callable[[Config], Visitor]]:
    """Start a stand-in and return a stranger who is about to visit it."""
    with ExitStack() as clients:

        def arrive(config: Config) -> Visitor:
            visitor = Visitor(serve(config).credentials)
            clients.callback(visitor.http.close)
            return visitor

        yield arrive


@pytest.fixture
def stranger(visit: Callable[[Config], Visitor]) -> Visitor:
    """Someone who is not logged in."""
    return visit(Config(SMALL))


@pytest.fixture
def owner(stranger: Visitor) -> Visitor:
    """The account's owner, logged in."""
    stranger.log_in().raise_for_status()
    return stranger
