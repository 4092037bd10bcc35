"""The people who have an account at Google, and their channels."""

from dataclasses import dataclass

from sandbox.world.channel.channel import Channel, ChannelConfig
from sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class Account:
    """One person at Google with the channels that they may choose from."""

    email: str
    name: str
    world: World
    channels: tuple[Channel, ...]

    def channel(self, identity: str) -> Channel | None:
        """Return one of the person's channels."""
        return next((channel for channel in self.channels if channel.id == identity), None)


def open_account(world: World, channels: tuple[ChannelConfig, ...], email: str | None = None) -> Account:
    """Return the account of the person to whom ``world`` belongs."""
    return Account(
        email=email or f"{world.account.username}@example.org",
        name=world.account.full_name,
        world=world,
        channels=tuple(Channel(world, config) for config in channels),
    )
