"""One reading of the posts tab and, where there is one, the reels tab: its next page, its end, its resuming. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.domain.social import Media, MediaPage

# Counts of older posts hardly move: a repeat reading stops at the first page of such posts only.
SETTLED_AFTER = timedelta(days=30)
# The interval at which a reading goes to the end of both tabs and refreshes everything.
WHOLE_EVERY = timedelta(days=7)
BEST_BEFORE = timedelta(hours=12)
_STALE_PAGES = 3


class Tab(StrEnum):
    POSTS = "posts"
    REELS = "reels"


class Verdict(StrEnum):
    """The coverage of a finished reading."""

    WHOLE = "whole"
    """Every tab to its end."""
    RECENT = "recent"
    """As far back as counts still move."""
    PARTIAL = "partial"
    """Less: a tab went in circles, or the grid came back empty although the profile counts posts."""
    VOID = "void"
    """Nothing at all, although the profile counts posts."""


@dataclass(frozen=True, slots=True)
class Query:
    """The reading's question; a stored cursor works for the same query only. `whole` goes to the ends of both tabs."""

    profile_id: UUID
    run_id: UUID
    whole: bool

    def fingerprint(self) -> str:
        return f"{self.profile_id}/{self.run_id}/{'whole' if self.whole else 'recent'}"


@dataclass(frozen=True, slots=True)
class Sighting:
    """The result of staging a page: ids known before the run, and how many were new to the run and to its tab."""

    known: frozenset[str]
    new_in_run: int
    new_in_tab: int


@dataclass(slots=True)
class MediaWalk:
    """Takes page after page; `tab` and `cursor` name the next one, until `ended`.

    A platform without a reels tab (`has_reels` False) is read to the end of its posts.
    """

    query: Query
    has_reels: bool = True
    tab: Tab = Tab.POSTS
    cursor: str | None = None
    pages: int = 0
    seen: int = 0
    posts: int = 0
    ended: bool = False
    to_the_end: bool = True
    in_circles: bool = False
    _stale: int = 0

    def feed(self, page: MediaPage, sighting: Sighting, observed_at: datetime) -> None:
        """Takes the page of `tab` and `cursor`."""
        self.pages += 1
        self.seen += sighting.new_in_run
        self.posts += sighting.new_in_tab if self.tab is Tab.POSTS else 0
        self._stale = 0 if sighting.new_in_tab else self._stale + 1
        if page.next_cursor is None:
            self._next_tab()
        elif page.next_cursor == self.cursor or self._stale >= _STALE_PAGES:
            self.in_circles = True
            self.to_the_end = False
            self._next_tab()
        elif not self.query.whole and is_settled(page.media, sighting.known, observed_at):
            self.to_the_end = False
            self._next_tab()
        else:
            self.cursor = page.next_cursor

    def verdict(self, media_count: int | None) -> Verdict:
        """The coverage of the ended reading, given the profile's own count of posts (None: not known)."""
        if not self.seen and media_count:
            return Verdict.VOID
        if self.in_circles or (not self.posts and media_count):
            return Verdict.PARTIAL
        return Verdict.WHOLE if self.to_the_end else Verdict.RECENT

    def _next_tab(self) -> None:
        self.cursor, self._stale = None, 0
        if self.tab is Tab.REELS or not self.has_reels:
            self.ended = True
        else:
            self.tab = Tab.REELS

    def to_json(self, now: datetime) -> dict[str, Any]:
        """The resume point, good until `now` + BEST_BEFORE."""
        return {
            "query": self.query.fingerprint(),
            "run": str(self.query.run_id),
            "whole": self.query.whole,
            "has_reels": self.has_reels,
            "best_before": (now + BEST_BEFORE).isoformat(),
            "tab": self.tab,
            "cursor": self.cursor,
            "pages": self.pages,
            "seen": self.seen,
            "posts": self.posts,
            "ended": self.ended,
            "to_the_end": self.to_the_end,
            "in_circles": self.in_circles,
            "stale": self._stale,
        }

    @classmethod
    def resume(cls, saved: Mapping[str, Any], profile_id: UUID, now: datetime) -> "MediaWalk | None":
        """The reading that `to_json` stored, or None if it is another profile's, past its best-before or unreadable."""
        try:
            query = Query(profile_id, UUID(saved["run"]), saved["whole"])
            if saved["query"] != query.fingerprint() or datetime.fromisoformat(saved["best_before"]) <= now:
                return None
            return cls(
                query,
                saved.get("has_reels", True),
                Tab(saved["tab"]),
                cursor=saved["cursor"],
                pages=saved["pages"],
                seen=saved["seen"],
                posts=saved["posts"],
                ended=saved["ended"],
                to_the_end=saved["to_the_end"],
                in_circles=saved["in_circles"],
                _stale=saved["stale"],
            )
        except (KeyError, ValueError, TypeError):
            return None


def is_settled(media: Sequence[Media], known: frozenset[str], observed_at: datetime) -> bool:
    """Whether a page holds, besides pins, only known media that are too old to move. False for a page of pins alone."""
    regular = [one for one in media if not one.is_pinned]
    return bool(regular) and all(
        one.platform_id in known and one.posted_at is not None and one.posted_at < observed_at - SETTLED_AFTER
        for one in regular
    )


def is_whole_due(last_whole: datetime | None, observed_at: datetime | None) -> bool:
    """Whether this reading should go to the ends: the first one does, and then one a week (by the platform's clock)."""
    return last_whole is None or observed_at is None or observed_at - last_whole >= WHOLE_EVERY
