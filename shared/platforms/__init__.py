"""The platforms that Rollcall knows: what web, worker and database say and check of each."""

from shared.platforms.instagram import INSTAGRAM
from shared.platforms.platform import Platform, WayIn

PLATFORMS: dict[str, Platform] = {one.name: one for one in (INSTAGRAM,)}
"""Each platform by its stored name, in the order in which pages offer them."""


def platform_of(name: str) -> Platform:
    """The declaration of a stored name; raises KeyError for a name that only another version knows."""
    return PLATFORMS[name]


def label_of(name: str) -> str:
    """The name that people read; the stored one where only another version knows the platform."""
    known = PLATFORMS.get(name)
    return name if known is None else known.label


__all__ = ["PLATFORMS", "Platform", "WayIn", "label_of", "platform_of"]
