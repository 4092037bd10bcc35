"""A site with one visitor, on which people sign in by social-auth-core."""

from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from social_core.backends.oauth import BaseOAuth2
from social_core.storage import BaseStorage, NonceMixin
from social_core.strategy import BaseStrategy

from tests.foreign.hosts import CALLBACK, Hosts

Clicks = Callable[[str], str]


class Nonces(NonceMixin):
    """Numbers that are used once, in memory."""

    held: ClassVar[set[tuple[str, int, str]]] = set()

    @classmethod
    def use(cls, server_url: str, timestamp: int, salt: str) -> bool:
        """Keep a number; False if it is there already."""
        row = (server_url, timestamp, salt)
        is_new = row not in cls.held
        cls.held.add(row)
        return is_new

    @classmethod
    def consume(cls, server_url: str, timestamp: int, salt: str) -> bool:
        """Take a number away; False if it is not there."""
        row = (server_url, timestamp, salt)
        is_there = row in cls.held
        cls.held.discard(row)
        return is_there


class Storage(BaseStorage):
    """Storage of a site that keeps no people."""

    nonce = Nonces


class Site(BaseStrategy):
    """The site: settings, one session, and the parameters of the present request."""

    def __init__(self, **settings: object) -> None:
        super().__init__(storage=Storage)
        self.settings, self.session, self.given = settings, dict[str, Any](), dict[str, str]()

    def get_setting(self, name: str) -> object:
        """A setting; KeyError without it."""
        return self.settings[name]

    def get_request_data(self, merge: bool = True) -> dict[str, str]:
        """The parameters of the present request."""
        return self.given

    def build_absolute_uri(self, path: str | None = None) -> str:
        """An address of the site, which is whole already."""
        return path or ""

    def session_get(self, name: str, default: Any = None) -> Any:
        """A value of the session."""
        return self.session.get(name, default)

    def session_set(self, name: str, value: Any) -> None:
        """Keep a value in the session."""
        self.session[name] = value

    def session_pop(self, name: str) -> Any:
        """Take a value out of the session."""
        return self.session.pop(name, None)

    def authenticate(self, backend: Any, *args: Any, **given: Any) -> Any:
        """What the platform said of the person."""
        return given["response"]


def sign_in(kind: type[BaseOAuth2], site: Site, hosts: Hosts, clicks: Clicks) -> tuple[BaseOAuth2, dict[str, Any]]:
    """The backend after a person's clicks, and what the platform said of the person."""
    back = clicks(hosts.here(kind(site, redirect_uri=CALLBACK).auth_url()))
    site.given = dict(parse_qsl(urlsplit(back).query))
    backend = kind(site, redirect_uri=CALLBACK)
    return backend, backend.complete()
