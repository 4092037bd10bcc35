"""Run Meta's stand-in over real HTTP, in threads of this process: one address for each family of hosts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.http import HttpServer
from sandbox.world.world import World, WorldConfig

from .app import create_app
from .apps import MetaApp
from .hosts import Host
from .people import Person, open_person
from .site import Meta

_FOR_WEB = ("INSTAGRAM_APP_ID", "INSTAGRAM_AUTHORIZE_URL", "META_APP_ID", "FACEBOOK_DIALOG_URL")


@dataclass(frozen=True, slots=True)
class Config:
    """The contents and address of a stand-in; port 0 takes a free one."""

    worlds: tuple[WorldConfig, ...] = (WorldConfig(),)
    app: MetaApp = field(default_factory=MetaApp)
    host: str = "127.0.0.1"


class Running:
    """A stand-in that serves until it is stopped; ``url`` is Instagram's address."""

    def __init__(self, meta: Meta, host: str = "127.0.0.1") -> None:
        self.meta = meta
        self._servers = {family: HttpServer(create_app(meta, family), host, 0) for family in Host}
        self.url, self.facebook_url = (f"http://{host}:{self._servers[family].port}" for family in Host)

    def environment(self) -> dict[str, str]:
        """Return the settings with which the product finds this stand-in instead of both of Meta's logins."""
        return {
            "INSTAGRAM_APP_ID": self.meta.app.instagram_id,
            "INSTAGRAM_APP_SECRET": self.meta.app.instagram_secret,
            "INSTAGRAM_AUTHORIZE_URL": self.url,
            "INSTAGRAM_OAUTH_URL": self.url,
            "INSTAGRAM_GRAPH_URL": self.url,
            "META_APP_ID": self.meta.app.id,
            "META_APP_SECRET": self.meta.app.secret,
            "FACEBOOK_DIALOG_URL": self.facebook_url,
            "FACEBOOK_GRAPH_URL": self.facebook_url,
        }

    def web_environment(self) -> dict[str, str]:
        """Return those of `environment` that a process without secrets needs."""
        return {name: self.environment()[name] for name in _FOR_WEB}

    def stop(self) -> None:
        """Stop serving and free the ports; a second call does nothing."""
        for server in self._servers.values():
            server.stop()


def start(config: Config | None = None) -> Running:
    """Make the worlds and serve them; ValueError without people."""
    config = config or Config()
    return Running(Meta([open_person(World(world)) for world in config.worlds], config.app), config.host)


def start_with(people: Sequence[Person], app: MetaApp | None = None, host: str = "127.0.0.1") -> Running:
    """Serve people of worlds that another stand-in serves too, so that one calendar moves both."""
    return Running(Meta(people, app or MetaApp()), host)
