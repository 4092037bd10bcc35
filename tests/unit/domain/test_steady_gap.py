"""Walk after walk, no person who is in the list is lost before the second walk that misses them."""

from hypothesis import given, settings

from shared.domain.traversal import list_verdict
from tests.rig.walks import Absences, Shown, Store, departures, sequences, with_examples


@settings(max_examples=400)
@given(walks=sequences())
@with_examples
def test_nobody_who_is_there_is_lost_before_a_second_occasion_hides_them(walks: list[Shown]) -> None:
    store, absences = Store(), Absences()
    for each in walks:
        judged, lost = store.publish(each)
        assert lost & each.there <= absences.twice(each), judged
        assert judged.kind == "whole" or not lost


@given(given=departures())
def test_who_leaves_behind_a_steady_gap_is_told_by_the_second_walk_without_them(given: tuple[list[Shown], int]) -> None:
    walks, gone = given
    store = Store()
    told = [store.publish(each) for each in walks]
    assert [lost for _, lost in told[:3]] == [set(), set(), set()]
    first, second = told[3], told[4]
    assert (first[1], second[1]) == (({gone}, set()) if first[0].exact else (set(), {gone}))


def test_the_number_of_walks_stands_in_the_docstring() -> None:
    assert "is 2 (`miss_cutoff`)" in str(list_verdict.__doc__)
