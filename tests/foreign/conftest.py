"""The stand-ins over real HTTP, each with one person; nothing leaves this machine."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sandbox.google import server as google_server
from sandbox.meta import server as meta_server
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.world import WorldConfig
from tests.foreign.hosts import CALLBACK, FACEBOOK, GOOGLE, INSTAGRAM, Hosts

START = datetime(2026, 11, 20, 18, tzinfo=UTC)
"""Ten in the morning of a Friday in Pacific time."""


@pytest.fixture
def google() -> Iterator[google_server.Running]:
    """Google with one person, who has one channel."""
    person = google_server.PersonConfig(
        WorldConfig(followers=0, following=0, posts=0, start=START),
        (ChannelConfig(subscribers=12_400, videos=60, age_days=90),),
    )
    running = google_server.start(google_server.Config(people=(person,)))
    running.google.client.allow(CALLBACK)
    yield running
    running.stop()


@pytest.fixture
def meta() -> Iterator[meta_server.Running]:
    """Meta with one person, who has one account and its Page."""
    worlds = (WorldConfig(followers=400, following=30, posts=24, start=START),)
    running = meta_server.start(meta_server.Config(worlds))
    running.meta.app.allow(CALLBACK)
    yield running
    running.stop()


@pytest.fixture
def hosts(google: google_server.Running, meta: meta_server.Running, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """The stand-ins in the places of the real hosts, for all who call by `requests`."""
    found = Hosts(
        dict.fromkeys(GOOGLE, google.url)
        | dict.fromkeys(INSTAGRAM, meta.url)
        | dict.fromkeys(FACEBOOK, meta.facebook_url)
    )
    found.install(monkeypatch)
    return found
