"""One walk through a list: the next cursor, the end and its reason, and how to resume. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from shared.domain.social import Direction, EndpointId, PeoplePage
from shared.domain.traversal.bloom_filter import BloomFilter
from shared.domain.traversal.list_verdict import Evidence, Guard

# The guards that stopped every known loop (docs/platforms/instagram.md, IG-5.10).
_BARREN_PAGES = 2
_STALE_PAGES = 3
_LEAST_PAGES = 400
_UNCOUNTED_PAGES = 20_000
_LEAST_PEOPLE_A_PAGE = 5
# Lists are ranked anew over time, so an old cursor would skip people.
BEST_BEFORE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Query:
    """The walk's question. A stored cursor works for the same query only."""

    profile_id: UUID
    direction: Direction
    run_id: UUID

    def fingerprint(self) -> str:
        return f"{self.profile_id}/{self.direction}/{self.run_id}"


@dataclass(slots=True)
class ListWalk:
    """Takes page after page; `cursor` leads on, until `ended` says that this pass is over, and how it ended.

    A walk is one pass through the list, or several (`again`) whose people are put together; it stays on one `endpoint`.
    `pages` and `seen` (the number of different people, short by the Bloom filter's error) are of all passes, `grown`
    counts people added by the present pass, `counts` are the profile's own counts as they were read, `reported` the
    first of them.
    """

    query: Query
    reported: int | None
    endpoint: EndpointId
    cursor: str | None = None
    pages: int = 0
    seen: int = 0
    passes: int = 1
    first_page: int = 0
    grown: int = 0
    ended: bool = False
    natural_end: bool = False
    limited: bool = False
    guard: Guard | None = None
    counts: list[int] = field(default_factory=list)
    _barren: int = 0
    _stale: int = 0
    _cursors: set[int] = field(default_factory=set)
    _filter: BloomFilter = field(default_factory=BloomFilter)
    # The people of the present pass, from the second pass on; only short lists are read again.
    _shown: set[str] = field(default_factory=set)

    def feed(self, page: PeoplePage) -> None:
        """Takes the page of `cursor`; afterwards `cursor` is the next one, or `ended` is true."""
        ids = [person.platform_id for person in page.people]
        new = self._filter.add(ids)
        self.pages += 1
        self.seen += new
        self.grown += new
        self._barren = 0 if page.people else self._barren + 1
        self._stale = 0 if self._unseen(ids, new) else self._stale + 1
        self.limited = self.limited or page.limited
        self.cursor = page.next_cursor
        if page.next_cursor is None:
            self.ended = self.natural_end = True
            return
        self.guard = self._tripped(page.next_cursor)
        self.ended = self.guard is not None

    def again(self) -> None:
        """Begins another pass at the top of the list. A pass that breaks off leaves the walk without a natural end."""
        self.passes += 1
        self.first_page = self.pages
        self.cursor, self.ended, self.natural_end = None, False, False
        self.grown = self._barren = self._stale = 0
        self._cursors.clear()
        self._shown.clear()

    def note_count(self, count: int | None) -> None:
        """Remembers a count of the profile that was read during the walk; the least, the most and the newest stay."""
        if count is not None:
            bounds = {min([*self.counts, count]), max([*self.counts, count])}
            self.counts = [*sorted(bounds - {count}), count]

    def evidence(self) -> Evidence:
        """The facts of the walk so far; the count that was read last is the one after it."""
        after = self.counts[-1] if self.counts else None
        return Evidence(self.reported, after, self.natural_end, self.limited, self.guard, tuple(self.counts[:-1]))

    def pass_pages(self) -> int:
        """The number of pages in the present pass."""
        return self.pages - self.first_page

    def recall(self, number: int, ids: Iterable[str]) -> None:
        """Tells a resumed walk the ids on the staged page `number`."""
        shown = list(ids)
        self._filter.add(shown)
        if self.passes > 1 and number >= self.first_page:
            self._shown.update(shown)

    def to_json(self, now: datetime) -> dict[str, Any]:
        """The resume point, good until `now` + BEST_BEFORE."""
        return {
            "query": self.query.fingerprint(),
            "run": str(self.query.run_id),
            "best_before": (now + BEST_BEFORE).isoformat(),
            "reported": self.reported,
            "endpoint": self.endpoint,
            "cursor": self.cursor,
            "pages": self.pages,
            "seen": self.seen,
            "passes": self.passes,
            "first_page": self.first_page,
            "grown": self.grown,
            "ended": self.ended,
            "natural_end": self.natural_end,
            "limited": self.limited,
            "guard": self.guard,
            "counts": self.counts,
            "barren": self._barren,
            "stale": self._stale,
        }

    @classmethod
    def resume(cls, saved: Mapping[str, Any], query: Query, now: datetime) -> "ListWalk | None":
        """The walk that `to_json` stored, or None if it belongs to another query or is past its best-before."""
        try:
            if saved["query"] != query.fingerprint() or datetime.fromisoformat(saved["best_before"]) <= now:
                return None
            guard = saved["guard"]
            return cls(
                query,
                saved["reported"],
                endpoint=EndpointId(saved["endpoint"]),
                cursor=saved["cursor"],
                pages=saved["pages"],
                seen=saved["seen"],
                passes=saved["passes"],
                first_page=saved["first_page"],
                grown=saved["grown"],
                ended=saved["ended"],
                natural_end=saved["natural_end"],
                limited=saved["limited"],
                guard=None if guard is None else Guard(guard),
                counts=list(saved["counts"]),
                _barren=saved["barren"],
                _stale=saved["stale"],
            )
        except (KeyError, ValueError, TypeError):
            return None

    def _unseen(self, ids: Sequence[str], new: int) -> int:
        """The number of these that the present pass had not shown yet."""
        if self.passes == 1:
            return new
        before = len(self._shown)
        self._shown.update(ids)
        return len(self._shown) - before

    def _tripped(self, next_cursor: str) -> Guard | None:
        mark = int.from_bytes(blake2b(next_cursor.encode(), digest_size=8).digest())
        if mark in self._cursors:
            return Guard.REPEATED_CURSOR
        self._cursors.add(mark)
        if self._barren >= _BARREN_PAGES:
            return Guard.BARREN_PAGES
        if self._stale >= _STALE_PAGES:
            return Guard.NOTHING_NEW
        return Guard.TOO_MANY_PAGES if self.pass_pages() >= self._page_cap() else None

    def _page_cap(self) -> int:
        if self.reported is None:
            return _UNCOUNTED_PAGES
        return _LEAST_PAGES + self.reported // _LEAST_PEOPLE_A_PAGE
