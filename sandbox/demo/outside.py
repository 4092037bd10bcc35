"""The world outside of a demo: the stand-ins of Instagram and Google, which serve the same person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sandbox.demo.truth import ChannelWorld, World
from sandbox.google import server as google_server
from sandbox.google.oauth.clients import Client
from sandbox.google.people import open_account
from sandbox.server import Config, Running, start
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.world import World as LivingWorld


@dataclass(frozen=True, slots=True)
class Addresses:
    """Environment variables by which web and worker find the stand-ins."""

    worker: Mapping[str, str]
    web: Mapping[str, str] = field(default_factory=dict)


def instagram_alone(url: str) -> Addresses:
    """Instagram's stand-in at this address, and no other."""
    return Addresses({"INSTAGRAM_BASE_URL": url})


@dataclass(frozen=True, slots=True)
class Outside:
    """Both stand-ins, running."""

    instagram: Running
    google: google_server.Running

    def addresses(self) -> Addresses:
        """Where web and worker find them."""
        worker = {"INSTAGRAM_BASE_URL": self.instagram.url, **self.google.environment()}
        return Addresses(worker, self.google.web_environment())

    def world(self) -> World:
        """The control side of Instagram."""
        return World(self.instagram.url, self.instagram.credentials.username)

    def channel(self) -> ChannelWorld:
        """The control side of Google, for the person's channel."""
        return ChannelWorld(self.google.url, self.google.google.channels()[0].id)

    def admit(self, address: str) -> None:
        """Lets Google send people back to the Rollcall at this address."""
        self.google.google.client.allow(f"{address}/api/auth/google/callback")


def this_hour() -> datetime:
    """The beginning of the present hour."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@contextmanager
def serving(config: Config, *, one_calendar: bool) -> Iterator[Outside]:
    """Serves both; without `one_calendar` the world behind Google begins now.

    YouTube's figures may not be kept for long, so those of a calendar that is far behind would be removed.
    """
    instagram = start(config)
    try:
        world = instagram.site.world if one_calendar else LivingWorld(replace(config.world, start=this_hour()))
        google = google_server.start_with([open_account(world, (ChannelConfig(),))], Client())
        try:
            yield Outside(instagram, google)
        finally:
            google.stop()
    finally:
        instagram.stop()
