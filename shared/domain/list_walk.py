"""One walk through a list: which cursor is next, when to stop and why, and how to go on after a stop. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from shared.domain.follow_diff import Guard
from shared.domain.social import Direction, PeoplePage

# Facts, "duplicates / looping cursor": the guards that stopped every known loop.
_BARREN_PAGES = 2
_STALE_PAGES = 3
_LEAST_PAGES = 400
_UNCOUNTED_PAGES = 20_000
_LEAST_PEOPLE_A_PAGE = 5
# Lists are ranked anew over time, so an old cursor would skip people.
BEST_BEFORE = timedelta(hours=24)


class Sieve:
    """Remembers ids in a fixed 8 MB, however many there are, so that a walk's memory does not grow with the list.

    It is a Bloom filter: it may take a new id for a known one (1 in 10 000 at a million people), never the reverse.
    That is enough for guards and progress; the count that a verdict rests on comes from the staged rows.
    """

    _MASK = (1 << 26) - 1

    def __init__(self) -> None:
        self._field = bytearray((self._MASK + 1) // 8)

    def add(self, ids: Iterable[str]) -> int:
        """Remembers `ids` and returns how many of them were new."""
        return sum(self._add(text) for text in ids)

    def _add(self, text: str) -> bool:
        bits, field, new = hash(text), self._field, False
        for place in (bits & self._MASK, bits >> 19 & self._MASK, bits >> 38 & self._MASK):
            bit = 1 << (place & 7)
            if not field[place >> 3] & bit:
                field[place >> 3] |= bit
                new = True
        return new


@dataclass(frozen=True, slots=True)
class Query:
    """What a walk asks for. A stored cursor is good for the same query only."""

    profile_id: UUID
    direction: Direction
    run_id: UUID

    def fingerprint(self) -> str:
        return f"{self.profile_id}/{self.direction}/{self.run_id}"


@dataclass(slots=True)
class ListWalk:
    """Feed it each page; it says where to go on (`cursor`), or that the walk is over (`ended`) and how it ended.

    `seen` is the number of different people, short of it by the sieve's error; `reported` the profile's count before.
    """

    query: Query
    reported: int | None
    cursor: str | None = None
    pages: int = 0
    seen: int = 0
    ended: bool = False
    natural_end: bool = False
    limited: bool = False
    guard: Guard | None = None
    _barren: int = 0
    _stale: int = 0
    _cursors: set[int] = field(default_factory=set)
    _sieve: Sieve = field(default_factory=Sieve)

    def feed(self, page: PeoplePage) -> None:
        """Takes the page that `cursor` led to; afterwards `cursor` is the next one, or `ended` is true."""
        new = self._sieve.add(person.platform_id for person in page.people)
        self.pages += 1
        self.seen += new
        self._barren = 0 if page.people else self._barren + 1
        self._stale = 0 if new else self._stale + 1
        self.limited = self.limited or page.limited
        self.cursor = page.next_cursor
        if page.next_cursor is None:
            self.ended = self.natural_end = True
            return
        self.guard = self._tripped(page.next_cursor)
        self.ended = self.guard is not None

    def recall(self, ids: Iterable[str]) -> None:
        """Tells a resumed walk whom it has seen before."""
        self._sieve.add(ids)

    def to_json(self, now: datetime) -> dict[str, Any]:
        """The resume point, good until `now` + BEST_BEFORE."""
        return {
            "query": self.query.fingerprint(),
            "run": str(self.query.run_id),
            "best_before": (now + BEST_BEFORE).isoformat(),
            "reported": self.reported,
            "cursor": self.cursor,
            "pages": self.pages,
            "seen": self.seen,
            "ended": self.ended,
            "natural_end": self.natural_end,
            "limited": self.limited,
            "guard": self.guard,
            "barren": self._barren,
            "stale": self._stale,
        }

    @classmethod
    def resumed(cls, saved: Mapping[str, Any], query: Query, now: datetime) -> "ListWalk | None":
        """The walk that `to_json` stored, or None if it belongs to another query or is past its best-before."""
        try:
            if saved["query"] != query.fingerprint() or datetime.fromisoformat(saved["best_before"]) <= now:
                return None
            guard = saved["guard"]
            return cls(
                query,
                saved["reported"],
                cursor=saved["cursor"],
                pages=saved["pages"],
                seen=saved["seen"],
                ended=saved["ended"],
                natural_end=saved["natural_end"],
                limited=saved["limited"],
                guard=None if guard is None else Guard(guard),
                _barren=saved["barren"],
                _stale=saved["stale"],
            )
        except (KeyError, ValueError, TypeError):
            return None

    def _tripped(self, next_cursor: str) -> Guard | None:
        mark = int.from_bytes(blake2b(next_cursor.encode(), digest_size=8).digest())
        if mark in self._cursors:
            return Guard.REPEATED_CURSOR
        self._cursors.add(mark)
        if self._barren >= _BARREN_PAGES:
            return Guard.BARREN_PAGES
        if self._stale >= _STALE_PAGES:
            return Guard.NOTHING_NEW
        return Guard.TOO_MANY_PAGES if self.pages >= self._page_cap() else None

    def _page_cap(self) -> int:
        if self.reported is None:
            return _UNCOUNTED_PAGES
        return _LEAST_PAGES + self.reported // _LEAST_PEOPLE_A_PAGE
