"""The people who have a profile at TikTok."""

import zlib
from dataclasses import dataclass

from sandbox.world.clips.profile import ClipProfile, ProfileConfig
from sandbox.world.world import World


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person with their profile."""

    profile: ClipProfile

    @property
    def username(self) -> str:
        """The username."""
        return self.profile.world.account.username

    @property
    def name(self) -> str:
        """The name that is shown."""
        return self.profile.world.account.full_name

    def open_id(self, key: str) -> str:
        """Return the id by which one app knows the person."""
        return f"-000{zlib.crc32(f'{key}/{self.username}'.encode()):08x}{self.profile.world.account.pk:012x}"

    @property
    def union_id(self) -> str:
        """The id by which all apps of one developer know the person."""
        return f"{zlib.crc32(self.username.encode()):08x}-union"


def open_person(world: World, config: ProfileConfig | None = None) -> Person:
    """Return the person to whom ``world`` belongs."""
    return Person(ClipProfile(world, config))
