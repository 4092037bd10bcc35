"""Coverage of story viewers and post likers, and the time a follower needs before it can be a ghost. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

# The ghosts of docs/metrics.md: this many posts count, and this many of their lists have to be complete.
LAST_POSTS = 12
ENOUGH = 5
FOLLOWED_FOR = timedelta(days=90)
# Deactivated accounts stay in the count and leave the list: a list is whole without one in fifty.
_GAP = 50
_BARREN = 3


class Role(StrEnum):
    """A person's action on a medium."""

    VIEWER = "viewer"
    LIKER = "liker"


@dataclass(frozen=True, slots=True)
class Engagers:
    """A medium's viewers or likers: `known` of them out of `total`; None where the platform shows no total."""

    known: int
    total: int | None

    @property
    def whole(self) -> bool:
        """Whether at least 98 of 100 are known; False without a total."""
        return self.total is not None and self.known >= self.total - self.total // _GAP

    @property
    def share(self) -> float | None:
        """Known people per hundred; None where the total is unknown or 0."""
        return 100 * min(self.known, self.total) / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The engagers that ghosts are judged by: `read` counts all of them, `whole` the complete ones."""

    posts: int
    read: int
    whole: int
    known: int
    total: int

    @property
    def enough(self) -> bool:
        """Whether enough lists are complete to call a follower a ghost."""
        return self.whole >= ENOUGH


def coverage(posts: int, engagers: Iterable[Engagers]) -> Coverage:
    """Sums up the engagers of the last `posts` posts and of the stories in the same time."""
    every = list(engagers)
    counted = [one for one in every if one.total is not None]
    return Coverage(
        posts,
        len(every),
        sum(one.whole for one in every),
        sum(min(one.known, one.total or 0) for one in counted),
        sum(one.total or 0 for one in counted),
    )


def latest_ghost_start(observed_at: datetime) -> datetime:
    """The latest start of following that makes a ghost possible, at the time of the newest reading."""
    return observed_at - FOLLOWED_FOR


@dataclass(slots=True)
class EngagerWalk:
    """One reading of a medium's viewers, page by page; `cursor` leads on until `ended`.

    It ends at the natural end, once all people that the platform counts are known, where a cursor repeats, and after
    three pages in a row with only people that the reading has met already.
    """

    cursor: str | None = None
    ended: bool = False
    _met: set[str] = field(default_factory=set)
    _barren: int = 0

    def feed(self, ids: Iterable[str], next_cursor: str | None, engagers: Engagers) -> bool:
        """Takes a page and the present state of the engagers; returns whether the reading has ended."""
        new = set(ids) - self._met
        self._met |= new
        self._barren = 0 if new else self._barren + 1
        full = engagers.total is not None and engagers.known >= engagers.total
        self.ended = next_cursor is None or next_cursor == self.cursor or self._barren >= _BARREN or full
        self.cursor = next_cursor
        return self.ended
