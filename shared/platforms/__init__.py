"""The platforms that Rollcall knows: what web, worker and database say and check of each."""

from shared.domain.job_kinds import EVERY, STARTABLE
from shared.domain.jobs import JobKind
from shared.platforms.instagram import INSTAGRAM
from shared.platforms.platform import Platform, Shown, WayIn
from shared.platforms.provider import Provider
from shared.platforms.tiktok import TIKTOK
from shared.platforms.youtube import YOUTUBE

PLATFORMS: dict[str, Platform] = {one.name: one for one in (INSTAGRAM, YOUTUBE, TIKTOK)}
"""Each platform by its stored name, in the order in which pages offer them."""


def platform_of(name: str) -> Platform:
    """The declaration of a stored name; raises KeyError for a name that only another version knows."""
    return PLATFORMS[name]


def startable(name: str) -> frozenset[JobKind]:
    """The kinds that a person may start for a profile of the platform; none where only another version knows it."""
    known = PLATFORMS.get(name)
    return frozenset() if known is None else frozenset(k for k in STARTABLE if k not in EVERY or k in known.kinds)


def label_of(name: str) -> str:
    """The name that people read; the stored one where only another version knows the platform."""
    known = PLATFORMS.get(name)
    return name if known is None else known.label


def provided_by(provider: str) -> tuple[Platform, WayIn, Provider] | None:
    """The platform and the way in of the provider with this name in addresses; None for an unknown one."""
    for platform in PLATFORMS.values():
        for way_in, known in platform.providers.items():
            if known.name == provider:
                return platform, way_in, known
    return None


def platform_with_quota(name: str) -> Platform | None:
    """The platform whose official ways in have the quota of this name; None for one that only another version knows."""
    every = PLATFORMS.values()
    return next((one for one in every if any(q.name == name for quotas in one.quotas.values() for q in quotas)), None)


__all__ = [
    "PLATFORMS",
    "Platform",
    "Provider",
    "Shown",
    "WayIn",
    "label_of",
    "platform_of",
    "platform_with_quota",
    "provided_by",
    "startable",
]
