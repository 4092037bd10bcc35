"""A published list shows new, lost, returned and renamed people, and since when each change is known."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.domain.social import Direction
from shared.domain.traversal.list_verdict import Evidence
from shared.errors import NotConnected
from shared.store.followers import publish as people
from shared.store.followers import runs
from tests.conftest import Personas
from tests.said import alert_said
from tests.store.lists import Lists, Owner, Pool, day, person

HOUR = timedelta(hours=1)


@pytest.fixture
def lists(owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID]) -> Lists:
    return Lists(owner, worker_pool, people.alice, make_profile(people.alice))


async def test_the_people_of_a_first_list_were_there_before(lists: Lists) -> None:
    published = await lists.publish([1, 2, 3, 4])
    assert (published.seen, published.gained, published.lost) == (4, 0, 0)
    assert lists.now() == {1, 2, 3, 4}
    (span,) = lists.spans(1)
    assert (span["since_known"], span["since"], span["since_after"]) == ("before", day(0) + HOUR, None)
    row = lists.one("select * from people where platform_id = '1'")
    assert (row["follows_me"], row["i_follow"], row["first_seen_at"]) == (True, False, day(0) + HOUR)


async def test_higher_ids_stand_nearer_the_top_of_the_list(lists: Lists) -> None:
    await lists.publish([5, 3, 9, 1, 7])
    await lists.publish([8, 2, 5, 3, 9, 1, 7])
    rows = lists.all("select platform_id from people order by id desc")
    assert [int(row["platform_id"]) for row in rows] == [8, 2, 5, 3, 9, 1, 7]


async def test_a_repeat_without_changes_writes_no_row_of_people_or_stays(lists: Lists) -> None:
    await lists.publish([person(1, full_name="One", is_private=True), 2, 3])
    tables = ("select xmin, ctid, * from people order by id", "select xmin, ctid, * from stays order by id")
    before = [lists.all(table) for table in tables]
    published = await lists.publish([person(1, full_name="One", is_private=True), 3, 2])
    assert [lists.all(table) for table in tables] == before
    assert (published.gained, published.lost, published.renamed) == (0, 0, 0)
    assert lists.all("select * from person_names") == []
    assert lists.one("select observed_at from profiles")["observed_at"] == day(1)


async def test_who_came_came_between_the_last_whole_list_and_this_one(lists: Lists) -> None:
    await lists.publish([1, 2, 3, 4])
    published = await lists.publish([5, 1, 2, 3, 4])
    assert (published.gained, published.returned, published.lost) == (1, 0, 0)
    (span,) = lists.spans(5)
    assert (span["since_known"], span["since_after"], span["since"]) == ("between", day(0), day(1) + HOUR)
    assert span["start_run"] == lists.runs[1]


async def test_who_is_missing_from_an_exact_list_is_lost_at_once(lists: Lists) -> None:
    await lists.publish([1, 2, 3, 4])
    published = await lists.publish([1, 2, 4])
    assert (published.verdict.exact, published.lost, published.gained) == (True, 1, 0)
    assert lists.now() == {1, 2, 4}
    (span,) = lists.spans(3)
    assert (span["until_known"], span["until_after"], span["until"]) == ("between", day(0), day(1))
    assert span["end_run"] == lists.runs[1]
    assert lists.one("select follows_me_since from people where platform_id = '3'")["follows_me_since"] is None


async def test_who_comes_again_has_returned_with_a_stay_of_their_own(lists: Lists) -> None:
    await lists.publish([1, 2])
    await lists.publish([1])
    published = await lists.publish([1, 2])
    assert (published.gained, published.returned) == (1, 1)
    old, new = lists.spans(2)
    assert (old["until"], new["returned"], new["since"], new["since_after"]) == (day(1), True, day(2), day(1))
    assert lists.one("select count(*) from people")["count"] == 2


async def test_coming_and_going_within_one_second_of_the_platforms_clock_is_kept(lists: Lists) -> None:
    for shown in ([1, 2], [1], [1, 2], [1], [1, 2]):
        await lists.publish(shown)
        lists.today = 0
    assert [span["until"] for span in lists.spans(2)] == [day(0), day(0), None]


async def test_within_the_tolerance_a_second_whole_list_must_agree_before_somebody_is_lost(lists: Lists) -> None:
    await lists.publish([1, 2, 3, 4])
    published = await lists.publish([1, 2, 3], reported=4)
    assert (published.verdict.kind, published.verdict.exact) == ("whole", False)
    assert (published.lost, published.missing) == (0, 1)
    assert lists.now() == {1, 2, 3, 4}
    published = await lists.publish([1, 2, 3], reported=4)
    assert (published.lost, published.missing) == (1, 0)
    (span,) = lists.spans(4)
    assert (span["until"], span["until_after"], span["end_run"]) == (day(1), day(0), lists.runs[2])
    assert span["missing_since"] is None


async def test_who_was_missed_by_one_whole_list_and_then_seen_never_left(lists: Lists) -> None:
    await lists.publish([1, 2, 3, 4])
    for shown, missing in (([1, 2, 3], 1), ([1, 2, 4], 1), ([1, 2, 3], 1)):
        published = await lists.publish(shown, reported=4)
        assert (published.lost, published.missing) == (0, missing)
    assert lists.now() == {1, 2, 3, 4}
    (span,) = lists.spans(3)
    assert (span["missing_since"], span["until_after"]) == (None, None)


async def test_a_partial_list_adds_people_and_says_of_nobody_that_they_left(lists: Lists) -> None:
    await lists.publish(range(1, 21))
    published = await lists.publish([30, 1, 2, 3], reported=21)
    assert published.verdict.kind == "partial"
    assert (published.gained, published.lost, published.missing) == (1, 0, 0)
    assert lists.now() == {*range(1, 21), 30}
    run = lists.one("select * from list_runs where id = %s", lists.runs[1])
    assert (run["verdict"], run["exact"], run["gained"], run["lost"]) == ("partial", False, 1, 0)
    assert "4 people could be read, and the profile reports 21" in run["reason"]


async def test_a_partial_list_that_shows_the_missing_clears_them_but_does_not_confirm_the_others(lists: Lists) -> None:
    others = [*range(1, 4), *range(6, 41)]
    await lists.publish(range(1, 41))
    await lists.publish(others, reported=40)
    await lists.publish([4, 1], limited=True)
    assert lists.spans(4)[0]["missing_since"] is None
    assert lists.spans(5)[0]["missing_since"] == day(1) + HOUR
    await lists.publish(others, reported=40)
    assert lists.now() == {*others, 4}


async def test_until_a_list_was_whole_nobody_is_new(lists: Lists) -> None:
    first = await lists.publish([1, 2], limited=True)
    second = await lists.publish([1, 2, 3, 4], reported=40)
    third = await lists.publish([1, 2, 3, 4, 5])
    assert (first.gained, second.gained, third.gained) == (0, 0, 0)
    assert {lists.spans(number)[0]["since_known"] for number in range(1, 6)} == {"before"}
    fourth = await lists.publish([1, 2, 3, 4, 5, 6])
    assert fourth.gained == 1
    assert lists.spans(6)[0]["since_after"] == day(2)


async def test_who_was_seen_by_a_partial_list_only_was_last_seen_by_it(lists: Lists) -> None:
    await lists.publish([1, 2])
    await lists.publish([3], limited=True)
    await lists.publish([1, 2])
    (span,) = lists.spans(3)
    assert (span["since_after"], span["until_after"], span["until"]) == (day(0), day(1), day(2))


async def test_a_void_list_publishes_nothing_and_raises_an_alert_once(lists: Lists) -> None:
    await lists.publish([1, 2, 3])
    for _ in range(2):
        published = await lists.publish([], reported=3)
        assert (published.verdict.kind, published.seen) == ("void", 0)
    assert lists.now() == {1, 2, 3}
    alert = lists.one("select kind, subject, params from alerts")
    assert alert["kind"] == "list_void"
    assert alert_said(alert) == "Followers: The list came back empty although the profile reports 3 people."


async def test_a_partial_list_raises_an_alert_anew_only_after_a_whole_one(lists: Lists) -> None:
    for limited in (True, True, False, True):
        await lists.publish([1, 2, 3], limited=limited)
    assert [row["kind"] for row in lists.all("select kind from alerts")] == ["list_partial", "list_partial"]


async def test_an_empty_account_is_whole_and_its_last_follower_can_leave(lists: Lists) -> None:
    await lists.publish([1])
    published = await lists.publish([])
    assert (published.verdict.kind, published.verdict.exact, published.lost) == ("whole", True, 1)
    assert lists.now() == set()


async def test_a_new_username_is_a_rename_and_the_earlier_one_is_kept(lists: Lists) -> None:
    await lists.publish([person(1, "old"), 2])
    published = await lists.publish([person(1, "new"), 2])
    assert (published.renamed, published.gained, published.lost) == (1, 0, 0)
    assert lists.one("select username from people where platform_id = '1'")["username"] == "new"
    name = lists.one("select * from person_names")
    assert (name["username"], name["renamed_to"], name["run_id"]) == ("old", "new", lists.runs[1])
    assert (name["renamed_after"], name["renamed_at"]) == (day(0), day(1))


async def test_a_username_that_somebody_else_took_over_is_two_people(lists: Lists) -> None:
    await lists.publish([person(1, "wanted"), person(2, "other")])
    published = await lists.publish([person(1, "renamed"), person(2, "wanted")])
    assert (published.renamed, published.gained, published.lost) == (2, 0, 0)
    names = lists.all("select platform_id, username from people order by platform_id")
    assert [(row["platform_id"], row["username"]) for row in names] == [("1", "renamed"), ("2", "wanted")]


async def test_two_people_may_show_the_same_username(lists: Lists) -> None:
    await lists.publish([person(1, "same"), person(2, "same")])
    assert lists.now() == {1, 2}


async def test_changed_names_and_flags_are_taken_over_and_left_out_ones_are_not_forgotten(lists: Lists) -> None:
    await lists.publish([person(1, full_name="Ann", is_private=False, is_verified=False)])
    await lists.publish([person(1, full_name="Ann B.", is_private=True)])
    row = lists.one("select full_name, is_private, is_verified from people")
    assert row == {"full_name": "Ann B.", "is_private": True, "is_verified": False}


async def test_somebody_on_several_pages_counts_once_and_the_last_page_tells_their_name(lists: Lists) -> None:
    published = await lists.publish([person(1, "early"), 2, 3, 2, person(1, "late"), 1000], reported=4)
    assert (published.seen, published.verdict.exact) == (4, True)
    assert lists.one("select username from people where platform_id = '1'")["username"] == "late"


async def test_the_classes_are_counted_from_two_whole_lists_only(lists: Lists) -> None:
    counts = "select mutual_count, fan_count, not_following_back_count from profiles"
    await lists.publish([1, 2, 3])
    assert set(lists.one(counts).values()) == {None}
    await lists.publish([3, 4, 5, 6], direction=Direction.FOLLOWING)
    assert tuple(lists.one(counts).values()) == (1, 2, 3)
    await lists.publish([1, 4], direction=Direction.FOLLOWER)
    assert tuple(lists.one(counts).values()) == (1, 1, 3)
    await lists.publish([3], limited=True, direction=Direction.FOLLOWING)
    assert set(lists.one(counts).values()) == {None}


async def test_the_two_lists_of_a_profile_do_not_touch_each_other(lists: Lists) -> None:
    await lists.publish([1, 2])
    await lists.publish([2, 3], direction=Direction.FOLLOWING)
    await lists.publish([2], direction=Direction.FOLLOWING)
    assert (lists.now(), lists.now(Direction.FOLLOWING)) == ({1, 2}, {2})
    assert lists.one("select follows_me, i_follow from people where platform_id = '3'") == {
        "follows_me": False,
        "i_follow": False,
    }


async def test_the_same_person_on_two_profiles_is_kept_apart(
    lists: Lists, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    other = Lists(lists.owner, lists.pool, people.bob, make_profile(people.bob, "bob.test"))
    await lists.publish([1, 2])
    await other.publish([2, 3])
    await lists.publish([1])
    assert (lists.now(), other.now()) == ({1}, {2, 3})


async def test_how_many_followed_on_a_date(lists: Lists) -> None:
    await lists.publish([1, 2, 3])
    await lists.publish([1, 2, 3, 4])
    await lists.publish([4])

    async def at(when: float, direction: Direction = Direction.FOLLOWER) -> int:
        async with lists.pool.connection() as conn:
            return await people.people_on(conn, lists.user_id, lists.profile_id, direction, day(when))

    assert [await at(when) for when in (-1, 0.5, 1.5, 2.5)] == [0, 3, 4, 1]
    assert await at(1.5, Direction.FOLLOWING) == 0


async def test_publishing_clears_the_staged_pages_and_counts_in_the_run(lists: Lists) -> None:
    await lists.publish([1, 2, 3, 4])
    await lists.publish([2, 3, 4, 5, 6])
    assert lists.all("select * from list_pages") == []
    run = lists.one("select * from list_runs where id = %s", lists.runs[1])
    assert (run["state"], run["verdict"], run["reason"], run["exact"]) == ("PUBLISHED", "whole", None, True)
    assert (run["seen"], run["gained"], run["lost"], run["returned"], run["renamed"]) == (5, 2, 1, 0, 0)
    assert (run["observed_start"], run["observed_end"]) == (day(1), day(1) + HOUR)


async def test_a_run_is_published_once(lists: Lists) -> None:
    run = await lists.start(Direction.FOLLOWER, 1)
    await lists.stage(run, 0, [person(1)], day(0))
    async with lists.pool.connection() as conn:
        await people.publish(conn, run, Evidence(1, None, natural_end=True))
    with pytest.raises(LookupError):
        async with lists.pool.connection() as conn:
            await people.publish(conn, run, Evidence(1, None, natural_end=True))


async def test_nothing_is_published_for_a_profile_that_is_gone(lists: Lists) -> None:
    run = await lists.start(Direction.FOLLOWER, 1)
    await lists.stage(run, 0, [person(1)], day(0))
    lists.owner.execute("delete from profiles")
    with pytest.raises(NotConnected):
        async with lists.pool.connection() as conn:
            await people.publish(conn, run, Evidence(1, None, natural_end=True))
    assert lists.all("select * from people") == []


async def test_deleting_a_profile_leaves_no_people_behind(lists: Lists) -> None:
    await lists.publish([1, person(2, "a")])
    await lists.publish([1, person(2, "b")])
    lists.owner.execute("delete from profiles")
    for table in ("people", "stays", "person_names", "list_runs"):
        assert lists.all(psycopg.sql.SQL("select * from {}").format(psycopg.sql.Identifier(table))) == []


async def test_a_page_that_is_not_the_next_one_is_refused(lists: Lists) -> None:
    run = await lists.start(Direction.FOLLOWER, 9)
    await lists.stage(run, 0, [person(1)], day(0))
    for number in (0, 2):
        with pytest.raises((LookupError, psycopg.errors.UniqueViolation)):
            await lists.stage(run, number, [person(2)], day(0))
    assert lists.one("select pages, seen from list_runs") == {"pages": 1, "seen": 1}


async def test_a_new_walk_of_the_same_list_abandons_the_one_before(lists: Lists) -> None:
    first = await lists.start(Direction.FOLLOWER, 9)
    await lists.stage(first, 0, [person(1)], day(0))
    following = await lists.start(Direction.FOLLOWING, 9)
    await lists.start(Direction.FOLLOWER, 9)
    states = {row["id"]: row["state"] for row in lists.all("select id, state from list_runs")}
    assert (states[first.id], states[following.id]) == ("ABANDONED", "WALKING")
    assert lists.all("select * from list_pages") == []


async def test_a_walk_is_found_again_only_by_its_own_query_and_with_all_of_its_pages(lists: Lists) -> None:
    run = await lists.start(Direction.FOLLOWER, 9)
    await lists.stage(run, 0, [person(1)], day(0))

    async def found(direction: Direction = Direction.FOLLOWER, user_id: UUID = lists.user_id) -> bool:
        async with lists.pool.connection() as conn:
            again = await runs.resume_run(
                conn, run.id, user_id=user_id, profile_id=lists.profile_id, direction=direction
            )
            return again is not None

    assert await found()
    assert not await found(Direction.FOLLOWING)
    assert not await found(user_id=uuid4())
    lists.owner.execute("truncate list_pages")
    assert not await found()


async def test_a_name_that_now_belongs_to_somebody_else_never_merges_two_people(lists: Lists) -> None:
    await lists.publish([person(1, "rose"), person(2, "lily"), 3])
    published = await lists.publish([person(1, "rose.old"), person(2, "lily"), 3, person(4, "rose")])
    assert (published.renamed, published.gained, published.lost) == (1, 1, 0)
    names = {row["platform_id"]: row["username"] for row in lists.all("select platform_id, username from people")}
    assert names == {"1": "rose.old", "2": "lily", "3": "user3", "4": "rose"}
    assert lists.spans(4)[0]["since_known"] == "between"


async def test_one_name_on_two_people_of_the_same_list_stays_two_people(lists: Lists) -> None:
    await lists.publish([person(1, "rose"), person(2, "lily")])
    published = await lists.publish([person(1, "lily"), person(2, "lily"), person(3, "rose")])
    assert (published.seen, published.renamed, published.gained, published.lost) == (3, 1, 1, 0)
    assert lists.now() == {1, 2, 3}
    renames = lists.all("select username, renamed_to from person_names")
    assert renames == [{"username": "rose", "renamed_to": "lily"}]
    published = await lists.publish([person(2, "rose"), person(3, "lily")])
    assert (published.lost, published.renamed, lists.now()) == (1, 2, {2, 3})


async def test_many_people_missing_at_once_wait_for_a_second_list_even_where_the_count_agrees(lists: Lists) -> None:
    await lists.publish(range(1, 21))
    published = await lists.publish(range(1, 14))
    assert (published.verdict.exact, published.lost, published.missing) == (False, 0, 7)
    assert lists.now() == set(range(1, 21))
    published = await lists.publish(range(1, 14))
    assert (published.lost, published.missing, lists.now()) == (7, 0, set(range(1, 14)))


async def test_two_lists_within_the_same_hours_are_one_occasion(lists: Lists) -> None:
    await lists.publish([1, 2, 3, 4])
    for apart, lost in ((0.0, 0), (0.1, 0), (0.2, 0), (0.3, 1)):
        lists.today = 1 + apart
        published = await lists.publish([1, 2, 3], reported=4)
        assert (published.lost, published.missing) == (lost, 1 - lost)


STEADY = range(1, 2071)


async def test_behind_a_steady_gap_who_leaves_is_told_by_the_second_walk_without_them(lists: Lists) -> None:
    """Reported 2 100 and shown 2 070, the same 30 absent, walk after walk; one leaves before the third, one before
    the sixth."""
    lists.page_size = 1000
    gone: set[int] = set()
    told = []
    for walk in range(1, 8):
        gone |= {3: {7}, 6: {9}}.get(walk, set())
        published = await lists.publish([n for n in STEADY if n not in gone], reported=2100 - len(gone))
        told.append((published.verdict.kind, published.verdict.exact, published.lost))
    assert told == [
        ("partial", False, 0),
        ("whole", False, 0),
        ("whole", False, 0),
        ("whole", False, 1),
        ("whole", False, 0),
        ("whole", False, 0),
        ("whole", False, 1),
    ]
    assert lists.now() == set(STEADY) - {7, 9}
    assert "The same gap of 30 comes back each time" in str(published.verdict.reason)


@pytest.mark.parametrize(("reported", "shown", "drift"), [(854, 849, 0), (4093, 4000, 5), (20_000, 19_700, 20)])
async def test_a_steady_gap_of_any_size_may_move_a_little(lists: Lists, reported: int, shown: int, drift: int) -> None:
    lists.page_size = 5000
    for walk in range(3):
        await lists.publish(range(1, shown + 1), reported=reported + drift * (walk % 2))
    without = [n for n in range(1, shown + 1) if n != 7]
    told = [(await lists.publish(without, reported=reported - 1)).lost for _ in range(2)]
    assert told == [0, 1]


@pytest.mark.parametrize("lost", [40, 200])
async def test_behind_a_steady_gap_many_may_leave_at_once(lists: Lists, lost: int) -> None:
    lists.page_size = 1000
    for _ in range(2):
        await lists.publish(STEADY, reported=2100)
    left = range(1 + lost, 2071)
    first = await lists.publish(left, reported=2100 - lost)
    second = await lists.publish(left, reported=2100 - lost)
    assert ((first.lost, first.missing), (second.lost, second.missing)) == ((0, lost), (lost, 0))


async def test_a_gap_that_hides_others_each_time_loses_nobody(lists: Lists) -> None:
    lists.page_size = 1000
    for walk in range(8):
        hidden = set(range(1 + walk * 30, 31 + walk * 30))
        published = await lists.publish([n for n in range(1, 2101) if n not in hidden], reported=2100)
        assert published.lost == 0
    assert len(lists.now()) == 2100


@pytest.mark.parametrize(
    "change",
    [
        {"reported": 2110},
        {"reported": 2070 + 150},
        {"natural_end": False},
        {"limited": True},
    ],
    ids=["another gap", "a large gap", "cut short", "limited"],
)
async def test_another_gap_or_a_walk_that_was_cut_short_is_no_steady_one(lists: Lists, change: dict[str, Any]) -> None:
    lists.page_size = 1000
    for _ in range(2):
        await lists.publish(STEADY, reported=2100)
    published = await lists.publish([n for n in STEADY if n != 7], **{"reported": 2099, **change})
    assert (published.verdict.kind, published.missing) == ("partial", 0)


async def test_people_who_are_hidden_at_once_and_still_counted_are_no_losses(lists: Lists) -> None:
    """A wave of deactivations: the counter stays, and the same 30 are missing from then on."""
    lists.page_size = 1000
    await lists.publish(range(1, 2101), reported=2100)
    for _ in range(4):
        published = await lists.publish(STEADY, reported=2100)
        assert (published.lost, published.missing) == (0, 0)
    assert len(lists.now()) == 2100


async def test_a_void_list_between_takes_no_gap_away(lists: Lists) -> None:
    lists.page_size = 1000
    await lists.publish(STEADY, reported=2100)
    await lists.publish([], reported=2100)
    assert (await lists.publish(STEADY, reported=2100)).verdict.kind == "whole"


async def test_two_walks_of_the_same_hours_make_no_gap_steady(lists: Lists) -> None:
    lists.page_size = 1000
    await lists.publish(STEADY, reported=2100)
    lists.today = 0.1
    assert (await lists.publish(STEADY, reported=2100)).verdict.kind == "partial"


@pytest.mark.parametrize("seed", range(25))
async def test_no_walks_that_hide_somebody_fewer_than_twice_in_a_row_lose_them(lists: Lists, seed: int) -> None:
    """N is 2. People who are there are hidden by chance, never twice in a row; others come, leave or never show.

    The counter counts everybody who is there: one that is short by as many as are hidden is the other guarantee's.
    """
    chance = random.Random(seed)
    lists.page_size = 1000
    size = chance.choice([12, 60, 300])
    people, never = set(range(size)), set(range(size, size + chance.choice([0, size // 40, size // 20])))
    before: set[int] = set()
    for _ in range(9):
        people = {n for n in people if chance.random() > 0.01} | {1000 * (len(before) + 1) + chance.randrange(900)}
        rate = chance.choice([0.0, 0.0, 0.01, 0.04, 0.3])
        hidden = {n for n in people - before if chance.random() < rate}
        off = chance.choice([0, 0, 0, 1, 3])
        await lists.publish(
            people - hidden,
            reported=len(people) + len(never) + off,
            natural_end=chance.random() > 0.1,
            limited=chance.random() < 0.1,
        )
        seen = {int(row["platform_id"]) for row in lists.all("select platform_id from people")}
        assert people & seen <= lists.now(), "someone who is there is called lost"
        before = hidden
