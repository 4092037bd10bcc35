"""Who viewed a story and who liked a post: how much of them is known, and who of the followers never does. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

# The ghosts of docs/metrics.md: so many posts are looked at, and so many audiences have to be held whole.
LAST_POSTS = 12
ENOUGH = 5
FOLLOWED_FOR = timedelta(days=90)
# Accounts that were deactivated stay in a count and leave the list: whole is all but one in fifty.
_GAP = 50
_BARREN = 3


class Role(StrEnum):
    """What somebody did with a medium."""

    VIEWER = "viewer"
    LIKER = "liker"


@dataclass(frozen=True, slots=True)
class Audience:
    """How many of a medium's viewers or likers are `known`, out of `total`; None where the platform does not say."""

    known: int
    total: int | None

    @property
    def whole(self) -> bool:
        """Whether nearly everybody of them is known (98 of 100); never where the total is not told."""
        return self.total is not None and self.known >= self.total - self.total // _GAP

    @property
    def share(self) -> float | None:
        """How many of a hundred are known; None where the total is not told or is 0."""
        return 100 * min(self.known, self.total) / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The audiences that ghosts are judged by: how many were `read`, how many of them are held `whole`."""

    posts: int
    read: int
    whole: int
    known: int
    total: int

    @property
    def enough(self) -> bool:
        """Whether anybody can be called a ghost at all."""
        return self.whole >= ENOUGH


def coverage(posts: int, audiences: Iterable[Audience]) -> Coverage:
    """What is known of the audiences of the last `posts` posts and the stories beside them."""
    every = list(audiences)
    told = [one for one in every if one.total is not None]
    return Coverage(
        posts,
        len(every),
        sum(one.whole for one in every),
        sum(min(one.known, one.total or 0) for one in told),
        sum(one.total or 0 for one in told),
    )


def followed_before(observed_at: datetime) -> datetime:
    """Since when somebody must follow to be called a ghost at the time of the newest reading."""
    return observed_at - FOLLOWED_FOR


@dataclass(slots=True)
class AudienceWalk:
    """One reading of a medium's viewers, page by page; it says where to go on, or that it is over.

    It is over at the natural end, once everybody whom the platform counts is known, where a cursor repeats, and where
    three pages in a row show only people whom the reading has met already.
    """

    cursor: str | None = None
    ended: bool = False
    _met: set[str] = field(default_factory=set)
    _barren: int = 0

    def feed(self, ids: Iterable[str], next_cursor: str | None, audience: Audience) -> bool:
        """Takes a page and what is known of the audience with it; returns whether the reading is over."""
        new = set(ids) - self._met
        self._met |= new
        self._barren = 0 if new else self._barren + 1
        full = audience.total is not None and audience.known >= audience.total
        self.ended = next_cursor is None or next_cursor == self.cursor or self._barren >= _BARREN or full
        self.cursor = next_cursor
        return self.ended
