"""Values that platforms report, in the field's words: frozen, no I/O. Ids are strings, times aware, missing is None."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, NewType, TypeVar

PlatformId = NewType("PlatformId", str)
EndpointId = NewType("EndpointId", str)
"""A platform's own name for one of its ways to show a list; stored, and opaque to everything but the platform.

A cursor works only on the endpoint that gave it.
"""
T = TypeVar("T")


class Direction(StrEnum):
    """The list: people who follow the profile, or people that the profile follows."""

    FOLLOWER = "follower"
    FOLLOWING = "following"


class Standing(StrEnum):
    """The result of looking up a person who is missing from the follower list."""

    FOLLOWS = "follows"
    UNFOLLOWED = "unfollowed"
    GONE = "gone"
    UNKNOWN = "unknown"


class MediaKind(StrEnum):
    IMAGE = "image"
    CAROUSEL = "carousel"
    VIDEO = "video"
    REEL = "reel"
    STORY = "story"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Observation(Generic[T]):
    """An answer and the platform's own time of it (the HTTP Date header; aware, UTC)."""

    value: T
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a list. An empty `username` means that the platform did not show it."""

    platform_id: PlatformId
    username: str
    full_name: str | None = None
    is_private: bool | None = None
    is_verified: bool | None = None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of a list. `next_cursor` None is its natural end; `limited` means that the platform cut it short."""

    people: tuple[Person, ...]
    next_cursor: str | None
    limited: bool = False


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The platform's answer about one person; GONE is deleted, deactivated, or hidden from this profile by a block."""

    standing: Standing
    username: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    platform_id: PlatformId
    username: str
    display_name: str | None = None
    biography: str | None = None
    category: str | None = None
    external_url: str | None = None
    is_private: bool | None = None
    is_verified: bool | None = None
    is_professional: bool | None = None
    followers: int | None = None
    following: int | None = None
    media_count: int | None = None


@dataclass(frozen=True, slots=True)
class MediaMetrics:
    """Counts at one moment; None where the platform hides or omits them. `plays` is the number on its pages.

    `engaged_views` are the views of people who went on watching, as YouTube tells them apart. `shares` are those of a
    platform whose lists have them; others give them as official figures.
    """

    likes: int | None = None
    comments: int | None = None
    plays: int | None = None
    facebook_plays: int | None = None
    views: int | None = None
    engaged_views: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class OfficialMedium:
    """A medium as an official interface knows it: its id there, and its product type, None where that is not shown."""

    id: str
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A medium. `platform_id` is the same by every way in; `official` is None where a page showed it."""

    platform_id: PlatformId
    kind: MediaKind
    code: str | None = None
    permalink: str | None = None
    caption: str | None = None
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    coauthors: tuple[str, ...] = ()
    owner_platform_id: PlatformId | None = None
    owner_username: str | None = None
    posted_at: datetime | None = None
    expires_at: datetime | None = None
    duration_seconds: float | None = None
    is_pinned: bool = False
    in_grid: bool | None = None
    is_paid_partnership: bool | None = None
    counts_hidden: bool = False
    metrics: MediaMetrics = field(default_factory=MediaMetrics)
    official: OfficialMedium | None = None


@dataclass(frozen=True, slots=True)
class MediaPage:
    media: tuple[Media, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who viewed a story; `has_liked` is None where the platform does not say."""

    person: Person
    has_liked: bool | None = None


@dataclass(frozen=True, slots=True)
class ViewersPage:
    """One page of a story's viewers; `total` is the platform's own count, None where it shows none."""

    viewers: tuple[Viewer, ...]
    next_cursor: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Likers:
    """The likers of a medium, as far as the platform shows them; `total` is the platform's count, None without one."""

    people: tuple[Person, ...]
    total: int | None = None
