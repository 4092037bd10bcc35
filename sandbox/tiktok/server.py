"""Run TikTok's stand-in over real HTTP, in a thread of this process."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.http import HttpServer
from sandbox.world.clips.profile import ProfileConfig
from sandbox.world.world import World, WorldConfig

from .app import create_app
from .keys import TikTokApp
from .people import Person, open_person
from .site import TikTok


@dataclass(frozen=True, slots=True)
class Config:
    """The contents and address of a stand-in; port 0 takes a free one."""

    worlds: tuple[WorldConfig, ...] = (WorldConfig(followers=0, following=0, posts=0),)
    profile: ProfileConfig = field(default_factory=ProfileConfig)
    app: TikTokApp = field(default_factory=TikTokApp)
    host: str = "127.0.0.1"
    port: int = 0


class Running:
    """A stand-in that serves until it is stopped."""

    def __init__(self, tiktok: TikTok, host: str = "127.0.0.1", port: int = 0) -> None:
        self.tiktok = tiktok
        self._server = HttpServer(create_app(tiktok), host, port)
        self.url = f"http://{host}:{self._server.port}"

    def environment(self) -> dict[str, str]:
        """Return the settings with which the product finds this stand-in instead of TikTok."""
        return {
            "TIKTOK_CLIENT_KEY": self.tiktok.app.key,
            "TIKTOK_CLIENT_SECRET": self.tiktok.app.secret,
            "TIKTOK_AUTHORIZE_URL": self.url,
            "TIKTOK_API_URL": self.url,
        }

    def web_environment(self) -> dict[str, str]:
        """Return those of `environment` that a process without secrets needs."""
        return {name: self.environment()[name] for name in ("TIKTOK_CLIENT_KEY", "TIKTOK_AUTHORIZE_URL")}

    def stop(self) -> None:
        """Stop serving and free the port; a second call does nothing."""
        self._server.stop()


def start(config: Config | None = None) -> Running:
    """Make the worlds and serve them; OSError if the port is taken, ValueError without people."""
    config = config or Config()
    people = [open_person(World(world), config.profile) for world in config.worlds]
    return Running(TikTok(people, config.app), config.host, config.port)


def start_with(people: Sequence[Person], app: TikTokApp | None = None, host: str = "127.0.0.1") -> Running:
    """Serve people of worlds that another stand-in serves too, so that one calendar moves both."""
    return Running(TikTok(people, app or TikTokApp()), host)
