"""A walk is a fact, may only add people, or says nothing; and it recognises its own end."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.social import Direction, PeoplePage, Person, PlatformId
from shared.domain.traversal.bloom_filter import BloomFilter
from shared.domain.traversal.list_verdict import (
    Evidence,
    Former,
    Guard,
    accept_steady_gap,
    judge,
    reported_count,
    within_tolerance,
)
from shared.domain.traversal.list_walk import BEST_BEFORE, ListWalk, Query
from shared.platforms.instagram import REST

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUERY = Query(UUID(int=1), Direction.FOLLOWER, UUID(int=2))
counts = st.integers(0, 2_000_000)
maybe = st.none() | counts


def evidence(
    before: int | None,
    after: int | None = None,
    *,
    natural_end: bool = True,
    limited: bool = False,
    guard: Guard | None = None,
) -> Evidence:
    return Evidence(before, after, natural_end, limited, guard)


@pytest.mark.parametrize(
    ("distinct", "before", "after", "kind", "exact"),
    [
        (100, 100, None, "whole", True),
        (0, 0, None, "whole", True),
        (0, 0, 0, "whole", True),
        (95, 100, None, "whole", False),
        (105, 100, None, "whole", False),
        (94, 100, None, "partial", False),
        (106, 100, None, "partial", False),
        (9_900, 10_000, None, "whole", False),
        (9_899, 10_000, None, "partial", False),
        (100, 96, 100, "whole", False),
        (96, 96, 100, "whole", False),
        (97, 96, 100, "whole", False),
        (100, 90, 100, "partial", False),
        (100, 50, 100, "partial", False),
        (40, 100, None, "partial", False),
        (9, 10, None, "whole", False),
        (8, 10, None, "partial", False),
        (57, 60, None, "whole", False),
        (56, 60, None, "partial", False),
        (0, 1, None, "void", False),
        (0, None, None, "void", False),
        (10, None, None, "partial", False),
        (3, 0, None, "partial", False),
        (0, 0, 5, "void", False),
        (0, 5, 0, "void", False),
    ],
)
def test_a_list_read_to_its_end_is_judged_by_the_profiles_count(
    distinct: int, before: int | None, after: int | None, kind: str, exact: bool
) -> None:
    judged = judge(distinct, evidence(before, after))
    assert (judged.kind, judged.exact) == (kind, exact)


@given(distinct=st.integers(1, 2_000_000), before=maybe, after=maybe, guard=st.sampled_from(list(Guard)))
def test_a_tripped_guard_always_makes_the_list_partial(
    distinct: int, before: int | None, after: int | None, guard: Guard
) -> None:
    judged = judge(distinct, evidence(before, after, natural_end=False, guard=guard))
    assert judged.kind == "partial"
    assert judged.reason is not None
    assert judged.reason.endswith("No one is counted as lost.")


@given(distinct=st.integers(1, 2_000_000), natural_end=st.booleans())
def test_a_list_that_the_platform_limits_is_partial_even_if_the_counts_agree(distinct: int, natural_end: bool) -> None:
    judged = judge(distinct, evidence(distinct, distinct, natural_end=natural_end, limited=True))
    assert (judged.kind, judged.exact) == ("partial", False)


@given(distinct=counts, before=maybe, after=maybe, natural_end=st.booleans(), limited=st.booleans())
def test_only_a_list_read_to_its_end_within_the_tolerance_is_whole(
    distinct: int, before: int | None, after: int | None, natural_end: bool, limited: bool
) -> None:
    judged = judge(distinct, evidence(before, after, natural_end=natural_end, limited=limited))
    if judged.kind == "whole":
        assert natural_end
        assert not limited
        assert any(count is not None and within_tolerance(distinct, count) for count in (before, after))
    if judged.exact:
        assert judged.kind == "whole"
        assert {before, after} <= {distinct, None}
    assert (judged.reason is None) == judged.exact


@given(distinct=counts, before=counts, after=counts)
def test_when_the_count_moved_the_nearer_one_counts(distinct: int, before: int, after: int) -> None:
    chosen = reported_count(distinct, evidence(before, after))
    assert chosen in (before, after)
    assert abs(distinct - chosen) == min(abs(distinct - before), abs(distinct - after))


@given(reported=counts, gap=st.integers(0, 50_000))
def test_the_tolerance_is_one_percent_or_five_people_where_these_are_few_of_all(reported: int, gap: int) -> None:
    few = min(5, max(1, reported // 20))
    assert within_tolerance(reported + gap, reported) == (gap <= max(reported // 100, few))


@given(reported=st.integers(2, 99))
def test_in_a_small_list_more_than_one_in_twenty_may_not_be_missing(reported: int) -> None:
    short = reported - max(1, reported // 20) - 1
    assert judge(short, evidence(reported)).kind in ("partial", "void")


def test_the_reason_says_how_much_was_read() -> None:
    judged = judge(50, evidence(12_340, natural_end=True, limited=True))
    assert judged.reason == (
        "The platform showed only a part of the list: 50 people could be read, and the profile reports 12,340. "
        "No one is counted as lost."
    )


@pytest.mark.parametrize(
    ("distinct", "reported", "told"),
    [
        (2070, 2100, "The list shows 30 fewer people than the profile counts: usually deactivated accounts"),
        (209, 210, "The list shows 1 fewer person than the profile counts: usually deactivated accounts"),
        (95, 100, "The list shows 5 fewer people than the profile counts: usually deactivated accounts"),
        (1900, 2100, "The list shows 200 fewer people than the profile counts, more than deactivated accounts usually"),
    ],
)
def test_a_short_list_tells_its_gap_and_the_usual_reason(distinct: int, reported: int, told: str) -> None:
    assert told in str(judge(distinct, evidence(reported)).reason)


@given(distinct=st.integers(1, 2_000_000), before=counts, natural_end=st.booleans(), limited=st.booleans())
def test_the_usual_reason_is_told_of_no_other_list(
    distinct: int, before: int, natural_end: bool, limited: bool
) -> None:
    reason = judge(distinct, evidence(before, natural_end=natural_end, limited=limited)).reason or ""
    if distinct >= before or not natural_end or limited:
        assert "fewer" not in reason
    assert reason.count("deactivated") <= 1


def page(*ids: int, cursor: str | None = None, limited: bool = False) -> PeoplePage:
    people = tuple(Person(PlatformId(str(number)), f"user{number}") for number in ids)
    return PeoplePage(people, cursor, limited)


def walk(reported: int | None = 100) -> ListWalk:
    return ListWalk(QUERY, reported, REST)


def test_a_walk_ends_where_no_cursor_follows() -> None:
    walking = walk()
    walking.feed(page(1, 2, cursor="a"))
    assert (walking.cursor, walking.ended) == ("a", False)
    walking.feed(page(2, 3))
    assert (walking.ended, walking.natural_end, walking.guard, walking.seen) == (True, True, None, 3)


def test_a_cursor_that_comes_again_stops_the_walk() -> None:
    walking = walk()
    walking.feed(page(1, cursor="a"))
    walking.feed(page(2, cursor="b"))
    walking.feed(page(3, cursor="a"))
    assert (walking.ended, walking.natural_end, walking.guard) == (True, False, Guard.REPEATED_CURSOR)


def test_two_barren_pages_in_a_row_stop_the_walk_but_one_does_not() -> None:
    walking = walk()
    walking.feed(page(cursor="a"))
    walking.feed(page(1, cursor="b"))
    walking.feed(page(cursor="c"))
    assert not walking.ended
    walking.feed(page(cursor="d"))
    assert walking.guard is Guard.BARREN_PAGES


def test_three_pages_with_nobody_new_stop_the_walk() -> None:
    walking = walk()
    walking.feed(page(1, 2, cursor="a"))
    for cursor in "bc":
        walking.feed(page(1, 2, cursor=cursor))
    assert not walking.ended
    walking.feed(page(2, 1, cursor="d"))
    assert walking.guard is Guard.NOTHING_NEW


def test_a_list_without_end_is_stopped_in_proportion_to_the_count() -> None:
    walking = walk(reported=10)
    number = 0
    while not walking.ended:
        number += 1
        walking.feed(page(number, cursor=f"c{number}"))
    assert (walking.guard, walking.pages) == (Guard.TOO_MANY_PAGES, 402)


def test_the_platforms_word_that_it_limits_the_list_is_kept() -> None:
    walking = walk()
    walking.feed(page(1, cursor="a", limited=True))
    walking.feed(page(2))
    assert walking.limited


pages_of_ids = st.lists(st.lists(st.integers(1, 60), max_size=4), min_size=1, max_size=12)


@settings(deadline=None)
@given(pages=pages_of_ids, stop=st.integers(0, 11), ends=st.booleans())
def test_a_walk_stored_and_resumed_anywhere_ends_as_if_it_had_never_stopped(
    pages: list[list[int]], stop: int, ends: bool
) -> None:
    whole, broken = walk(), walk()
    staged: list[str] = []
    for at, ids in enumerate(pages):
        last = ends and at == len(pages) - 1
        fed = page(*ids, cursor=None if last else f"c{at}")
        if whole.ended:
            break
        whole.feed(fed)
        broken.feed(fed)
        staged += [person.platform_id for person in fed.people]
        if at == stop:
            again = ListWalk.resume(broken.to_json(NOW), QUERY, NOW)
            assert again is not None
            again.recall(0, staged)
            broken = again
    assert outcome(broken) == outcome(whole)


def outcome(walking: ListWalk) -> tuple[object, ...]:
    return (walking.cursor, walking.pages, walking.seen, walking.ended, walking.natural_end, walking.guard)


def test_a_cursor_past_its_best_before_restarts_the_walk() -> None:
    saved = walk().to_json(NOW)
    assert ListWalk.resume(saved, QUERY, NOW + BEST_BEFORE - timedelta(seconds=1)) is not None
    assert ListWalk.resume(saved, QUERY, NOW + BEST_BEFORE) is None


@pytest.mark.parametrize(
    "other",
    [
        Query(UUID(int=9), QUERY.direction, QUERY.run_id),
        Query(QUERY.profile_id, Direction.FOLLOWING, QUERY.run_id),
        Query(QUERY.profile_id, QUERY.direction, UUID(int=9)),
    ],
)
def test_a_cursor_of_another_query_is_not_taken(other: Query) -> None:
    assert ListWalk.resume(walk().to_json(NOW), other, NOW) is None


@pytest.mark.parametrize(
    "broken", [{}, {"query": QUERY.fingerprint()}, {"query": QUERY.fingerprint(), "best_before": "x"}]
)
def test_a_cursor_that_cannot_be_read_is_not_taken(broken: dict[str, str]) -> None:
    assert ListWalk.resume(broken, QUERY, NOW) is None


@given(ids=st.lists(st.text(max_size=20), max_size=300))
def test_the_filter_never_takes_a_known_id_for_a_new_one(ids: list[str]) -> None:
    known = BloomFilter()
    known.add(ids)
    assert known.add(ids) == 0


@pytest.mark.parametrize(
    ("before", "between", "after"), [(2100, (), 9000), (1500, (), 2100), (2100, (9000,), 2100), (9000, (), 2100)]
)
def test_a_count_that_jumped_makes_no_gap_steady(before: int, between: tuple[int, ...], after: int) -> None:
    evidence = Evidence(before, after, natural_end=True, between=between)
    judged = judge(2070, evidence)
    assert judged.kind == "partial"
    assert accept_steady_gap(judged, 2070, evidence, Former(2100, 30, 0, 0, 0)) == judged


def test_the_same_gap_without_a_jump_is_steady() -> None:
    evidence = Evidence(2100, 2100, natural_end=True)
    assert accept_steady_gap(judge(2070, evidence), 2070, evidence, Former(2100, 30, 0, 0, 0)).kind == "whole"
    assert accept_steady_gap(judge(2070, evidence), 2070, evidence, None).kind == "partial"
