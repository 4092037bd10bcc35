"""Sequences of walks through a list that changes and hides people, and the store's rules on sets of numbers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from hypothesis import example
from hypothesis import strategies as st

from shared.domain.traversal.list_verdict import (
    APART,
    Evidence,
    Former,
    Verdict,
    accept_steady_gap,
    gap,
    guard_mass_loss,
    is_complete,
    judge,
    miss_cutoff,
    reported_count,
)

BEGINNING = datetime(2026, 6, 10, 12, tzinfo=UTC)
_Test = TypeVar("_Test", bound=Callable[..., Any])
Ending = Literal["natural", "cut", "limited"]
ENDINGS: tuple[Ending, ...] = ("natural", "natural", "natural", "cut", "limited")
# A walk on a new occasion is at least six hours after the last one; the others repeat it.
HOURS = (0.5, 3.0, 5.9, 6.0, 6.1, 12.0, 24.0, 72.0)


@dataclass(frozen=True)
class Shown:
    """One walk: when it ended and how, whom it showed under which name, whom it hid, and what the profile counted."""

    at: datetime
    ending: Ending
    there: frozenset[int]
    hidden: frozenset[int]
    counted: int
    renamed: frozenset[int]

    @property
    def people(self) -> frozenset[int]:
        return self.there - self.hidden

    def evidence(self) -> Evidence:
        return Evidence(self.counted, None, natural_end=self.ending != "cut", limited=self.ending == "limited")


@st.composite
def sequences(draw: st.DrawFn) -> list[Shown]:
    """Up to ten walks. The counter counts everybody who is there, whoever is deactivated, and at times some who left.

    A few groups of people are hidden again and again, so that the same are often missing twice in a row.
    """
    size = draw(st.sampled_from((8, 40, 200)))
    numbers = st.integers(0, size - 1)
    never = draw(st.integers(0, size // 20))
    groups = draw(st.lists(st.frozensets(numbers, max_size=max(2, size // 20)), min_size=1, max_size=3))
    hides = st.sampled_from((frozenset[int](), *groups)) | st.frozensets(numbers, max_size=size // 4)
    few = st.frozensets(numbers, max_size=2)
    there, asleep, at, walks = frozenset(range(size)), frozenset[int](), BEGINNING, []
    for count in range(draw(st.integers(2, 10))):
        at += timedelta(hours=draw(st.sampled_from(HOURS)))
        left, put_to_sleep, back = draw(few), draw(few), draw(few)
        asleep = (asleep | (there & put_to_sleep)) - back - left
        came = frozenset(range(1000 * (count + 1), 1000 * (count + 1) + draw(st.integers(0, 2))))
        there = (there | back | came) - left - asleep
        lag = draw(st.sampled_from((0, 0, 0, 1, 3)))
        ending = draw(st.sampled_from(ENDINGS))
        counted = len(there) + len(asleep) + never + lag
        walks.append(Shown(at, ending, there, there & draw(hides), counted, draw(few)))
    return walks


@dataclass
class Store:
    """The rules of `shared.store.followers.publish` on sets: who is held, and since when a whole walk missed them."""

    held: set[int] = field(default_factory=set)
    missing: dict[int, datetime] = field(default_factory=dict)
    runs: list[tuple[datetime, int, int]] = field(default_factory=list)

    def publish(self, walk: Shown) -> tuple[Verdict, set[int]]:
        """The verdict and who is called lost."""
        shown, evidence = set(walk.people), walk.evidence()
        judged = accept_steady_gap(judge(len(shown), evidence), len(shown), evidence, self._former(shown, walk.at))
        absent = self.held - shown
        judged = guard_mass_loss(judged, held=len(self.held), missing=len(absent))
        if judged.kind == "void":
            return judged, set()
        lost = self._miss(absent, shown, miss_cutoff(judged, walk.at), judged, walk.at)
        self.held = (self.held | shown) - lost
        reported, missing = reported_count(len(shown), evidence), gap(len(shown), evidence)
        if is_complete(evidence) and reported is not None and missing is not None:
            self.runs.append((walk.at, reported, missing))
        return judged, lost

    def _former(self, shown: set[int], at: datetime) -> Former | None:
        runs = [run for run in self.runs if run[0] <= at - APART]
        if not runs:
            return None
        _, reported, missing = runs[-1]
        absent = self.held - shown
        return Former(
            reported,
            missing,
            seen_again=len(shown & self.missing.keys()),
            absent=len(absent - self.missing.keys()),
            joined=len(shown - self.held),
        )

    def _miss(self, absent: set[int], shown: set[int], by: datetime | None, judged: Verdict, at: datetime) -> set[int]:
        self.missing = {number: since for number, since in self.missing.items() if number not in shown}
        if by is None:
            return set()
        lost = {number for number in absent if self.missing.get(number, at) <= by}
        self.missing = {number: since for number, since in self.missing.items() if number not in lost}
        if not judged.exact:
            self.missing |= dict.fromkeys(absent - lost - self.missing.keys(), at)
        return lost


@dataclass
class Absences:
    """On how many occasions in a row each person was not shown, by nothing but the walks themselves."""

    first: dict[int, datetime] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)

    def twice(self, walk: Shown) -> set[int]:
        """Whom this walk and one that ended at least six hours before did not show, and none between them showed."""
        self.known |= walk.people
        self.first = {number: at for number, at in self.first.items() if number not in walk.people}
        if walk.ending != "natural" or not walk.people:
            return set()
        self.first |= dict.fromkeys(self.known - walk.people - self.first.keys(), walk.at)
        return {number for number, at in self.first.items() if walk.at - at >= timedelta(hours=6)}


@st.composite
def departures(draw: st.DrawFn) -> tuple[list[Shown], int]:
    """Five walks to the natural end behind one steady gap, and who leaves before the fourth."""
    size = draw(st.sampled_from((40, 200, 1000)))
    counted = size + draw(st.integers(0, size // 20))
    gone = draw(st.integers(0, size - 1))
    walks, at = [], BEGINNING
    for count in range(5):
        at += timedelta(hours=draw(st.sampled_from([hours for hours in HOURS if hours >= 6])))
        without = {gone} if count > 2 else set()
        there = frozenset(set(range(size)) - without)
        walks.append(Shown(at, "natural", there, frozenset(), counted - len(without), frozenset()))
    return walks, gone


_NOBODY, _ONE = frozenset[int](), frozenset({7})
# Hours and whom the walk hides: once between sightings, or twice on one occasion.
_HIDING = (
    ((0, _NOBODY), (6, _ONE), (12, _NOBODY), (18, _ONE)),
    ((0, _NOBODY), (6, _ONE), (11.9, _ONE)),
    ((0, _NOBODY), (6, _NOBODY), (12, _ONE), (17, _ONE)),
)


def _hiding(walks: tuple[tuple[float, frozenset[int]], ...], never: int) -> list[Shown]:
    """These walks through 200 people, behind a gap of `never` who are counted and never shown."""
    there = frozenset(range(200))
    return [
        Shown(BEGINNING + timedelta(hours=hours), "natural", there, hidden, len(there) + never, _NOBODY)
        for hours, hidden in walks
    ]


def with_examples(test: _Test) -> _Test:
    """The test with the shortest sequences that a weaker rule gets wrong, without a gap and behind a steady one."""
    for walks in _HIDING:
        for never in (0, 9):
            test = example(walks=_hiding(walks, never))(test)
    return test
