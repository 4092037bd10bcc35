"""The world outside of a demo: stand-ins of Instagram, its official API, Google and TikTok, with the same person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sandbox.demo.truth import ChannelWorld, ClipWorld, OfficialWorld, World
from sandbox.google import server as google_server
from sandbox.google.oauth.clients import Client
from sandbox.google.people import open_account
from sandbox.meta import server as meta_server
from sandbox.meta.people import open_person
from sandbox.server import Config, Running, start
from sandbox.tiktok import server as tiktok_server
from sandbox.tiktok.people import open_person as open_tiktok_person
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.world import World as LivingWorld

# The account became a professional one so long before its history begins; the API has no figures of earlier days.
_PROFESSIONAL_BEFORE = timedelta(days=30)


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
    """The stand-ins, running."""

    instagram: Running
    google: google_server.Running
    meta: meta_server.Running
    tiktok: tiktok_server.Running

    def addresses(self) -> Addresses:
        """Where web and worker find them."""
        official = (self.google, self.meta, self.tiktok)
        worker = {name: value for one in official for name, value in one.environment().items()}
        web = {name: value for one in official for name, value in one.web_environment().items()}
        return Addresses({"INSTAGRAM_BASE_URL": self.instagram.url, **worker}, web)

    def world(self) -> World:
        """The control side of Instagram."""
        return World(self.instagram.url, self.instagram.credentials.username)

    def channel(self) -> ChannelWorld:
        """The control side of Google, for the person's channel."""
        return ChannelWorld(self.google.url, self.google.google.channels()[0].id)

    def official(self) -> OfficialWorld:
        """The control side of Instagram's official API, for the same account."""
        return OfficialWorld(self.meta.url, self.instagram.credentials.username)

    def clips(self) -> ClipWorld:
        """The control side of TikTok, for the same person."""
        return ClipWorld(self.tiktok.url, self.tiktok.tiktok.people[0].username)

    def admit(self, address: str) -> None:
        """Lets the consent pages send people back to the Rollcall at this address."""
        self.google.google.client.allow(f"{address}/api/auth/google/callback")
        for provider in ("instagram", "facebook"):
            self.meta.meta.app.allow(f"{address}/api/auth/{provider}/callback")
        self.tiktok.tiktok.app.allow(f"{address}/api/auth/tiktok/callback")


def this_hour() -> datetime:
    """The beginning of the present hour."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@contextmanager
def serving(config: Config, *, one_calendar: bool) -> Iterator[Outside]:
    """Serves all; without `one_calendar` the world behind Google begins now.

    YouTube's figures may not be kept for long, so those of a calendar that is far behind would be removed.
    """
    with ExitStack() as running:
        instagram = start(config)
        running.callback(instagram.stop)
        world = instagram.site.world
        of_google = world if one_calendar else LivingWorld(replace(config.world, start=this_hour()))
        google = google_server.start_with([open_account(of_google, (ChannelConfig(),))], Client())
        running.callback(google.stop)
        owner = open_person(world)
        owner.accounts[0].professional_since = world.start - _PROFESSIONAL_BEFORE
        meta = meta_server.start_with([owner])
        running.callback(meta.stop)
        tiktok = tiktok_server.start_with([open_tiktok_person(world)])
        running.callback(tiktok.stop)
        yield Outside(instagram, google, meta, tiktok)
