"""The order and paging of a list of people."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.world.roster import Roster

MOVES = st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(1, 12)), max_size=60)


def walk(roster: Roster, size: int) -> list[int]:
    """Read every page."""
    seen: list[int] = []
    after: int | None = None
    while True:
        members, after = roster.page(after, size)
        seen += members
        if after is None:
            return seen


@given(MOVES, st.integers(1, 7))
def test_a_walk_sees_everybody_once_newest_first(moves: list[tuple[str, int]], size: int) -> None:
    roster = Roster()
    model: list[int] = []
    for move, pk in moves:
        if move == "remove" and pk in model:
            roster.remove(pk)
            model.remove(pk)
        elif move == "add" and pk not in model:
            roster.add(pk)
            model.append(pk)
    assert walk(roster, size) == model[::-1] == list(roster)
    assert len(roster) == len(model)


@given(st.lists(st.integers(1, 50), unique=True, min_size=1), st.data())
def test_somebody_put_back_stands_where_they_stood(pks: list[int], data: st.DataObject) -> None:
    roster = Roster()
    for pk in pks:
        roster.add(pk)
    away = data.draw(st.sampled_from(pks))
    roster.add(away, roster.remove(away))
    assert walk(roster, 3) == pks[::-1]


@given(st.sets(st.integers(1, 99), min_size=2), st.integers(1, 9))
def test_arrivals_during_a_walk_hide_nobody(pks: set[int], size: int) -> None:
    roster = Roster()
    for pk in pks:
        roster.add(pk)
    first, after = roster.page(None, size)
    roster.add(1000)
    rest: list[int] = []
    while after is not None:
        members, after = roster.page(after, size)
        rest += members
    assert sorted(first + rest) == sorted(pks)


def test_every_member_can_be_picked_and_nobody_else() -> None:
    roster, rng = Roster(), Random(1)
    for pk in range(5):
        roster.add(pk)
    roster.remove(2)
    assert {roster.pick(rng) for _ in range(200)} == {0, 1, 3, 4}


def test_removing_a_stranger_is_refused() -> None:
    with pytest.raises(KeyError):
        Roster().remove(7)
