"""Random histories of a list and of how it lies, published and compared with a model that thinks in sets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.db import pools
from shared.domain.social import Direction
from tests.conftest import Database, Personas
from tests.store.lists import Lists, Owner

DIRECTION = Direction.FOLLOWER
EVERYBODY = frozenset(range(1, 31))
everybody = st.sets(st.sampled_from(sorted(EVERYBODY)))


@dataclass(frozen=True)
class Observation:
    """What is so (`true`), who is hidden, and whether the platform cuts the list short and says so."""

    true: frozenset[int]
    hidden: frozenset[int]
    limited: bool

    @property
    def shown(self) -> frozenset[int]:
        return self.true - self.hidden


@st.composite
def readings(draw: st.DrawFn) -> Observation:
    true = frozenset(draw(everybody))
    hides = draw(st.booleans())
    hidden = frozenset(draw(st.sets(st.sampled_from(sorted(true)), max_size=12))) if hides and true else frozenset()
    return Observation(true, hidden, draw(st.booleans()) and draw(st.booleans()))


@dataclass
class Model:
    """The rules of the design, on sets: who is held, who waits for a second whole list, and whether one was whole."""

    held: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    ever: set[int] = field(default_factory=set)
    had_whole: bool = False

    def read(self, reading: Observation) -> tuple[str, set[int], set[int]]:
        """The verdict, who is counted as gained and who as lost."""
        shown, reported = set(reading.shown), len(reading.true)
        if not shown and reported:
            return "void", set(), set()
        tolerated = min(5, max(1, reported // 20))
        whole = not reading.limited and abs(len(shown) - reported) <= tolerated and 2 * len(shown) >= reported
        lost: set[int] = set()
        self.waiting -= shown
        if whole:
            absent = self.held - shown
            sudden = len(absent) > 5 and 10 * len(absent) > 3 * len(self.held)
            lost = absent if len(shown) == reported and not sudden else absent & self.waiting
            self.waiting = (self.waiting | absent) - lost
        gained = shown - self.held if self.had_whole else set()
        self.held = (self.held | shown) - lost
        self.ever |= shown
        self.had_whole = self.had_whole or whole
        return ("whole" if whole else "partial"), gained, lost


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(readings(), min_size=1, max_size=7))
def test_any_history_is_told_as_the_rules_say_and_nobody_present_is_called_lost(
    history: list[Observation], database: Database, owner: Owner, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice, f"p{uuid4().hex}")
    asyncio.run(_live_through(history, database, owner, people.alice, profile_id))


async def _live_through(
    history: list[Observation], database: Database, owner: Owner, user_id: UUID, profile_id: UUID
) -> None:
    async with pools.worker_pool(database.worker, 2) as pool:
        lists, model = Lists(owner, pool, user_id, profile_id), Model()
        missed: set[int] = set()
        for reading in history:
            published = await lists.publish(sorted(reading.shown), reported=len(reading.true), limited=reading.limited)
            kind, gained, lost = model.read(reading)
            assert (published.verdict.kind, published.gained, published.lost) == (kind, len(gained), len(lost))
            assert lists.now() == model.held
            _nobody_present_is_lost(reading, kind, lost, missed)
        _stays_follow_each_other(lists, model)
        _counters_add_up(lists, model)


def _nobody_present_is_lost(reading: Observation, kind: str, lost: set[int], missed: set[int]) -> None:
    """Only whom two whole lists missed without a sighting between them may be called lost while they are there."""
    assert kind == "whole" or not lost
    assert lost & reading.true <= reading.hidden & missed
    missed -= reading.shown
    if kind == "whole":
        missed |= EVERYBODY - reading.shown


def _stays_follow_each_other(lists: Lists, model: Model) -> None:
    for number in model.ever:
        stays = lists.spans(number)
        assert [stay["until"] is None for stay in stays] == [False] * (len(stays) - 1) + [number in model.held]
        assert [stay["returned"] for stay in stays] == [False] + [True] * (len(stays) - 1)
        for earlier, later in pairwise(stays):
            assert earlier["since"] <= earlier["until"] <= later["since"]
        for stay in stays:
            assert stay["until_after"] is None or stay["until"] is None or stay["until_after"] <= stay["until"]


def _counters_add_up(lists: Lists, model: Model) -> None:
    row = lists.one(
        "select coalesce(sum(gained), 0)::int as gained, coalesce(sum(lost), 0)::int as lost,"
        " coalesce(sum(returned), 0)::int as returned from list_runs where profile_id = %s",
        lists.profile_id,
    )
    spans = lists.one(
        "select count(*) filter (where since_known = 'between') as gained,"
        " count(*) filter (where until is not null) as lost, count(*) filter (where returned) as returned"
        " from stays where profile_id = %s",
        lists.profile_id,
    )
    assert row == spans
