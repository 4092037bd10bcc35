"""One person on the way through the consent pages."""

from dataclasses import dataclass

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
