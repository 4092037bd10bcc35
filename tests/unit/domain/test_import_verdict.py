"""A data download's list is complete or covers a period; in doubt it takes no one away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.social import Direction
from shared.domain.traversal.import_verdict import HOW_TO_ASK, Known, Listed, Order, judge, older

BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
LATER = BEGAN + timedelta(days=400)


def listed(count: int = 100, *, oldest: datetime | None = BEGAN, skipped: int = 0, gaps: bool = False) -> Listed:
    return Listed(Direction.FOLLOWER, count, skipped, oldest, gaps)


@pytest.mark.parametrize(
    "known",
    [
        Known(),
        Known(created_at=BEGAN),
        Known(last_count=140),
        Known(counter=140),
        Known(window=(BEGAN, LATER), created_at=BEGAN),
        Known(other_oldest=BEGAN + timedelta(days=300), other_count=500),
        Known(cut_off=2),
    ],
)
def test_a_list_that_nothing_speaks_against_is_whole(known: Known) -> None:
    judged = judge(listed(), known)
    assert (judged.kind, judged.exact, judged.reason) == ("whole", True, None)


@pytest.mark.parametrize(
    ("count", "oldest", "known"),
    [
        pytest.param(222, BEGAN, Known(counter=1359), id="far below the counter"),
        pytest.param(69, BEGAN, Known(last_count=100), id="far below the last whole list"),
        pytest.param(100, LATER, Known(created_at=BEGAN), id="begins long after the account"),
        pytest.param(100, LATER, Known(other_oldest=BEGAN, other_count=300), id="following reaches further back"),
        pytest.param(100, BEGAN, Known(cut_off=3), id="everybody before its beginning is missing"),
        pytest.param(100, LATER, Known(window=(LATER, LATER), created_at=BEGAN), id="states its period"),
        pytest.param(100, LATER, Known(window=(LATER, LATER)), id="states a period that nothing can be held against"),
    ],
)
def test_a_period_is_recognised_and_the_way_to_the_whole_list_told(count: int, oldest: datetime, known: Known) -> None:
    judged = judge(listed(count, oldest=oldest), known)
    assert (judged.kind, judged.exact) == ("partial", False)
    assert HOW_TO_ASK in str(judged.reason)
    assert "no one is counted as lost" in str(judged.reason)


def test_a_late_first_follower_is_believed_where_the_count_agrees() -> None:
    known = Known(created_at=BEGAN, counter=104)
    assert judge(listed(oldest=LATER), known).kind == "whole"


def test_of_a_small_list_a_few_may_leave() -> None:
    assert judge(listed(3), Known(last_count=8)).kind == "whole"
    assert judge(listed(2), Known(last_count=8)).kind == "partial"


def test_skipped_entries_put_every_loss_off_and_many_make_it_a_part() -> None:
    judged = judge(listed(100, skipped=1), Known())
    assert (judged.kind, judged.exact) == ("whole", False)
    assert "1 entry" in str(judged.reason)
    assert judge(listed(100, skipped=20), Known()).kind == "partial"


def test_a_missing_part_is_asked_for() -> None:
    judged = judge(listed(gaps=True), Known())
    assert (judged.kind, "all parts" in str(judged.reason)) == ("partial", True)


def test_an_empty_list_is_believed_only_where_something_else_says_so() -> None:
    assert judge(listed(0, oldest=None), Known()).kind == "void"
    assert judge(listed(0, oldest=None), Known(counter=12)).kind == "void"
    assert judge(listed(0, oldest=None), Known(counter=0)).kind == "whole"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(absent=3, came_after=3, day_known=True), True),
        (Order(absent=1, came_after=1, day_known=False), True),
        # The day is known, and the newest followers of all may leave.
        (Order(absent=2, came_after=2, day_known=True), False),
        # Who came before its newest entry and is missing has left: the list is newer.
        (Order(absent=3, came_after=2, day_known=False), False),
        (Order(absent=0, came_after=0, day_known=False), False),
    ],
)
def test_a_list_that_lacks_only_those_who_came_after_its_newest_entry_is_older(order: Order, expected: bool) -> None:
    assert older(order) is expected


def test_without_dates_a_list_takes_nobody_away() -> None:
    undated = Listed(Direction.FOLLOWER, 100, 0, None, undated=100)
    assert judge(undated, Known(absent=1)).kind == "partial"
    first = judge(undated, Known())
    assert (first.kind, first.exact) == ("whole", False)
    assert judge(Listed(Direction.FOLLOWER, 100, 0, BEGAN, undated=1), Known(absent=1)).exact is False
