"""Walks of several passes over a platform that may answer anything: when a list is read again, and who may be lost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.social import Direction, PeoplePage, Person, PlatformId
from shared.domain.traversal.list_passes import LARGEST_PASS, MOST_PASSES, worth_another_pass
from shared.domain.traversal.list_verdict import guard_mass_loss, judge, within_tolerance
from shared.domain.traversal.list_walk import ListWalk, Query
from shared.platforms.instagram import GRAPHQL, REST

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUERY = Query(UUID(int=1), Direction.FOLLOWER, UUID(int=2))


def page(*ids: int, cursor: str | None = None, limited: bool = False) -> PeoplePage:
    return PeoplePage(tuple(Person(PlatformId(str(one)), f"user{one}") for one in ids), cursor, limited)


def passed(walk: ListWalk, *shown: int) -> ListWalk:
    """One pass of two pages to its natural end."""
    half = len(shown) // 2
    walk.feed(page(*shown[:half], cursor="a"))
    walk.feed(page(*shown[half:]))
    return walk


def again(walk: ListWalk, *, matters: bool = True, left: int | None = None) -> bool:
    return worth_another_pass(walk, matters=matters, left=left)


def test_a_list_that_shows_everybody_is_read_once() -> None:
    assert not again(passed(ListWalk(QUERY, 10, REST), *range(10)))


def test_a_list_short_of_somebody_known_is_read_again_until_a_pass_adds_nobody() -> None:
    walk = passed(ListWalk(QUERY, 40, REST), *range(38))
    assert again(walk)
    walk.again()
    passed(walk, *range(1, 39))
    assert (walk.passes, walk.grown, walk.seen, walk.pages) == (2, 1, 39, 4)
    assert again(walk)
    walk.again()
    passed(walk, *range(39))
    assert (walk.grown, again(walk)) == (0, False)


def test_a_list_is_read_no_more_than_so_often() -> None:
    walk = passed(ListWalk(QUERY, 100, REST), *range(60))
    for one in range(60, 59 + MOST_PASSES):
        walk.again()
        passed(walk, one, *range(60))
    assert (walk.passes, walk.grown, again(walk)) == (MOST_PASSES, 1, False)


@pytest.mark.parametrize(
    ("shown", "matters", "left", "worth"),
    [
        (99, False, None, False),
        (99, True, None, True),
        (80, False, None, True),
        (49, True, None, False),
        (99, True, 1, False),
        (99, True, 2, True),
        (101, True, None, False),
    ],
    ids=[
        "one short and no one known is missing",
        "one short and someone known is missing",
        "beyond the tolerance",
        "cut short, not ranked anew",
        "more than is left of today",
        "as much as is left of today",
        "more than are counted",
    ],
)
def test_a_second_pass_is_made_only_where_it_can_change_something(
    shown: int, matters: bool, left: int | None, worth: bool
) -> None:
    assert again(passed(ListWalk(QUERY, 100, REST), *range(shown)), matters=matters, left=left) is worth


def test_a_very_large_list_is_not_read_twice_for_its_cost() -> None:
    walk = ListWalk(QUERY, 100 * LARGEST_PASS, REST)
    for number in range(LARGEST_PASS):
        walk.feed(page(*range(99 * number, 99 * number + 99), cursor=f"c{number}"))
    walk.feed(page())
    assert not again(walk)


def test_a_list_that_was_limited_or_led_in_circles_is_not_read_again() -> None:
    limited = ListWalk(QUERY, 100, REST)
    limited.feed(page(*range(80), limited=True))
    assert not again(limited)
    circling = ListWalk(QUERY, 100, REST)
    circling.feed(page(*range(80), cursor="a"))
    circling.feed(page(80, cursor="a"))
    assert not again(circling)


def test_a_count_that_moved_is_remembered_with_its_bounds_and_its_newest() -> None:
    walk = ListWalk(QUERY, 100, REST)
    for count in (101, 97, None, 104, 99):
        walk.note_count(count)
    assert walk.counts == [97, 104, 99]
    assert walk.evidence().counts() == (99, 104, 97, 100)
    passed(walk, *range(100))
    assert not judge(100, walk.evidence()).exact


def test_a_second_pass_has_guards_of_its_own_and_may_show_the_same_cursors_and_people() -> None:
    walk = ListWalk(QUERY, 100, REST)
    for number in range(5):
        walk.feed(page(*range(number * 10, number * 10 + 10), cursor=f"c{number}"))
    walk.feed(page(50))
    walk.again()
    for number in range(5):
        walk.feed(page(*range(number * 10, number * 10 + 10), cursor=f"c{number}"))
    assert (walk.ended, walk.guard) == (False, None)
    for number in range(3):
        walk.feed(page(1, cursor=f"d{number}"))
    assert (walk.guard, walk.natural_end) == ("nothing_new", False)


def test_a_walk_stopped_in_its_second_pass_knows_what_that_pass_has_shown() -> None:
    walk = passed(ListWalk(QUERY, 100, endpoint=GRAPHQL), *range(60))
    walk.again()
    walk.feed(page(*range(20), cursor="a"))
    resumed = ListWalk.resume(walk.to_json(NOW), QUERY, NOW)
    assert resumed is not None
    resumed.recall(0, map(str, range(30)))
    resumed.recall(1, map(str, range(30, 60)))
    resumed.recall(2, map(str, range(20)))
    for walking in (walk, resumed):
        walking.feed(page(*range(20), cursor="b"))
        walking.feed(page(*range(30, 40), 70, cursor="c"))
        walking.feed(page(*range(20), cursor="d"))
    assert (resumed.endpoint, resumed.passes, resumed.first_page) == (GRAPHQL, 2, 2)
    assert resumed.to_json(NOW) == walk.to_json(NOW)
    assert resumed.seen == 61


@dataclass
class Judge:
    """The rules of publishing, on sets; what the database does is compared with them elsewhere."""

    held: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    read_whole: bool = False

    def take(self, walk: ListWalk, shown: set[str]) -> set[str]:
        judged = judge(len(shown), walk.evidence())
        absent = self.held - shown
        judged = guard_mass_loss(judged, len(self.held), len(absent))
        lost: set[str] = set()
        if judged.kind != "void":
            self.missing -= shown
        if judged.kind == "whole":
            lost = absent if judged.exact else absent & self.missing
            self.missing = (self.missing | absent) - lost
            self.read_whole = True
        self.held = (self.held | (shown if judged.kind != "void" else set())) - lost
        return lost


TRUE = frozenset(str(one) for one in range(1, 31))
_counts = st.integers(20, 32) | st.none()
_page = st.tuples(
    st.lists(st.integers(1, 31), max_size=12), st.none() | st.sampled_from("abcdefgh"), st.booleans() | st.just(False)
)
_lies = st.lists(st.tuples(_counts, _counts, st.lists(_page, min_size=1, max_size=12)), min_size=1, max_size=6)


@settings(deadline=None)
@given(lies=_lies)
def test_whatever_pages_and_counts_come_only_what_the_guarantee_names_makes_somebody_lost_who_is_there(
    lies: list[tuple[int | None, int | None, list[tuple[list[int], str | None, bool]]]],
) -> None:
    """Thirty people are there all the time. Each walk is fed any pages; afterwards someone may be lost only if this
    walk, or one before it with no sighting since, was whole and did not show them."""
    judge, hidden_before = Judge(held=set(TRUE), read_whole=True), set[str]()
    for before, after, pages in lies:
        walk, shown = ListWalk(QUERY, before, REST), set[str]()
        for ids, cursor, limited in pages:
            if walk.ended:
                break
            walk.feed(page(*ids, cursor=cursor, limited=limited))
            shown |= {str(one) for one in ids}
        walk.note_count(after)
        lost = judge.take(walk, shown) & TRUE
        counts = set(walk.evidence().counts())
        if lost:
            assert walk.natural_end
            assert not walk.limited
            assert walk.guard is None
            assert counts
            assert within_tolerance(len(shown), min(counts, key=lambda count: abs(count - len(shown))))
            assert not lost & shown
            assert counts == {len(shown)} or lost <= hidden_before
            assert len(lost) <= 9 or lost <= hidden_before
        hidden_before = (hidden_before | (TRUE - shown)) - shown
        judge.held |= TRUE
