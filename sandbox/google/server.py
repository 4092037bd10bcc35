"""Run Google's stand-in over real HTTP, in a thread of this process."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.http import HttpServer
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.world import World, WorldConfig

from .app import create_app
from .oauth.clients import Client
from .people import Account, open_account
from .site import Google


@dataclass(frozen=True, slots=True)
class PersonConfig:
    """One person at Google; without channels they have none."""

    world: WorldConfig = field(default_factory=lambda: WorldConfig(followers=0, following=0, posts=0))
    channels: tuple[ChannelConfig, ...] = (ChannelConfig(),)
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The contents and address of a stand-in; port 0 takes a free one."""

    people: tuple[PersonConfig, ...] = (PersonConfig(),)
    clients: tuple[Client, ...] = field(default_factory=lambda: (Client(),))
    host: str = "127.0.0.1"
    port: int = 0


class Running:
    """A stand-in that serves until it is stopped."""

    def __init__(self, google: Google, host: str = "127.0.0.1", port: int = 0) -> None:
        self.google = google
        self._server = HttpServer(create_app(google), host, port)
        self.url = f"http://{host}:{self._server.port}"

    def environment(self) -> dict[str, str]:
        """Return the settings with which the product finds this stand-in instead of Google."""
        return {
            "GOOGLE_CLIENT_ID": self.google.client.id,
            "GOOGLE_CLIENT_SECRET": self.google.client.secret,
            "GOOGLE_ACCOUNTS_URL": self.url,
            "GOOGLE_OAUTH_URL": self.url,
            "YOUTUBE_API_URL": self.url,
            "YOUTUBE_ANALYTICS_URL": self.url,
        }

    def web_environment(self) -> dict[str, str]:
        """Return those of `environment` that a process without secrets needs."""
        return {name: self.environment()[name] for name in ("GOOGLE_CLIENT_ID", "GOOGLE_ACCOUNTS_URL")}

    def stop(self) -> None:
        """Stop serving and free the port; a second call does nothing."""
        self._server.stop()


def start(config: Config | None = None) -> Running:
    """Make the worlds and serve them; OSError if the port is taken, ValueError without people."""
    config = config or Config()
    accounts = [open_account(World(person.world), person.channels, person.email) for person in config.people]
    return Running(Google(accounts, list(config.clients)), config.host, config.port)


def start_with(accounts: Sequence[Account], *clients: Client, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Serve people of worlds that another stand-in serves too, so that one calendar moves both."""
    return Running(Google(accounts, clients or (Client(),)), host, port)
