"""The sum of the followers of several profiles, only where it means something. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.messages import Message


class NoTotal(StrEnum):
    """The reason why there is no sum; the value is the sentence for the person."""

    NO_PROFILE = Message("There is no profile yet.")
    PLATFORMS_DIFFER = Message("Each platform counts followers in its own way, so a sum over platforms says nothing.")
    FORBIDDEN = Message("The platform's rules forbid sums worked out from its figures.")
    NOT_READ = Message("The followers of some profile are not known yet.")


@dataclass(frozen=True, slots=True)
class Counted:
    """A profile's followers, None before they were read; `may_sum` says whether its platform allows sums."""

    platform: str
    followers: int | None
    may_sum: bool = True


@dataclass(frozen=True, slots=True)
class Total:
    """The sum, or the reason why there is none. Who follows several of the profiles is counted for each."""

    value: int | None
    missing: NoTotal | None = None


def total(profiles: Iterable[Counted]) -> Total:
    """The sum over profiles of one platform; a single profile is its own sum."""
    every = list(profiles)
    if not every:
        return Total(None, NoTotal.NO_PROFILE)
    if len({one.platform for one in every}) > 1:
        return Total(None, NoTotal.PLATFORMS_DIFFER)
    if len(every) > 1 and not all(one.may_sum for one in every):
        return Total(None, NoTotal.FORBIDDEN)
    known = [one.followers for one in every if one.followers is not None]
    if len(known) < len(every):
        return Total(None, NoTotal.NOT_READ)
    return Total(sum(known))
