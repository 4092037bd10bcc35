"""People on their way through the consent pages."""

import secrets
from dataclasses import dataclass, field

from sandbox.google.people import Account
from sandbox.world.channel.channel import Channel

from .clients import Client
from .grants import Asked


@dataclass(slots=True)
class Visit:
    """One authorization request and the answers so far."""

    client: Client
    asked: Asked
    scopes: tuple[str, ...]
    state: str | None
    prompts: frozenset[str]
    earlier: bool
    """Whether scopes that were granted before are included."""
    account: Account | None = None
    channel: Channel | None = None
    chose_channel: bool = False
    warned: bool = False


@dataclass(slots=True)
class Visits:
    """Open visits by their secret."""

    _open: dict[str, Visit] = field(default_factory=dict)

    def begin(self, visit: Visit) -> str:
        """Return the secret under which the pages continue."""
        secret = secrets.token_urlsafe(32)
        self._open[secret] = visit
        return secret

    def find(self, secret: str) -> Visit | None:
        """Return an open visit."""
        return self._open.get(secret)

    def end(self, secret: str) -> None:
        """The visit went back to the client."""
        self._open.pop(secret, None)
