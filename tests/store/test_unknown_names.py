"""People whose username the platform has not told: nothing untrue follows from the empty name."""

from collections.abc import Callable
from uuid import UUID

import pytest

from shared.domain.engagers import Role
from shared.domain.social import Direction, LookedUp, Person, PlatformId, Standing, Viewer
from shared.domain.traversal.import_verdict import Known, Listed
from shared.store.deletion.erase_person import erase
from shared.store.followers import lost_followers, publish_import
from shared.store.media import engagers
from tests.conftest import Personas
from tests.store.lists import Lists, Owner, Pool, day, person


@pytest.fixture
def lists(owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID]) -> Lists:
    return Lists(owner, worker_pool, people.alice, make_profile(people.alice))


def nameless(number: int) -> Person:
    return Person(PlatformId(str(number)), "")


def name_of(lists: Lists, number: int) -> str:
    return str(lists.one("select username from people where platform_id = %s", str(number))["username"])


async def test_a_name_that_is_left_out_is_kept_and_one_that_is_told_first_is_no_rename(lists: Lists) -> None:
    await lists.publish([person(1, "ann"), nameless(2), person(3, "cem")])
    published = await lists.publish([nameless(1), person(2, "bea"), person(3, "cem.new")])
    assert (published.gained, published.lost, published.renamed) == (0, 0, 1)
    assert [name_of(lists, number) for number in (1, 2, 3)] == ["ann", "bea", "cem.new"]
    assert lists.one("select username, renamed_to from person_names") == {"username": "cem", "renamed_to": "cem.new"}


async def test_of_two_rows_of_one_walk_the_one_with_a_name_counts(lists: Lists) -> None:
    await lists.publish([person(1, "ann"), 2, 3, nameless(1), nameless(4), person(4, "dan"), nameless(4)])
    assert (name_of(lists, 1), name_of(lists, 4)) == ("ann", "dan")


async def look_up(lists: Lists, name: str) -> None:
    async with lists.pool.connection() as conn:
        (loss,) = await lost_followers.to_look_up(conn, lists.user_id, lists.profile_id, day(0), 5)
        await lost_followers.record(
            conn, lists.user_id, lists.profile_id, loss, LookedUp(Standing.UNFOLLOWED, name), day(lists.today)
        )


@pytest.mark.parametrize(("before", "renames"), [("", 0), ("bea", 0), ("old.bea", 1)])
async def test_a_look_up_that_tells_a_name_for_the_first_time_writes_no_rename(
    lists: Lists, before: str, renames: int
) -> None:
    await lists.publish([1, Person(PlatformId("2"), before)])
    await lists.publish([1])
    await look_up(lists, "bea")
    assert name_of(lists, 2) == "bea"
    rows = lists.all("select username, renamed_to from person_names")
    assert rows == [{"username": before, "renamed_to": "bea"}] * renames


async def test_a_viewer_whose_row_lacks_the_name_keeps_the_one_that_is_known(lists: Lists) -> None:
    lists.owner.execute(
        "insert into media (user_id, profile_id, platform_id, kind, first_seen_at, last_seen_at)"
        " values (%s, %s, '9', 'story', %s, %s)",
        (lists.user_id, lists.profile_id, day(0), day(0)),
    )
    medium = lists.one("select id from media")["id"]
    whose = engagers.Whose(lists.user_id, lists.profile_id, medium, Role.VIEWER)
    named = Person(PlatformId("1"), "ann", full_name="Ann")
    for page in ([named, nameless(2)], [nameless(1), nameless(1), person(2, "bea"), nameless(2)]):
        async with lists.pool.connection() as conn:
            await engagers.add(conn, whose, [Viewer(one, None) for one in page], day(0))
    rows = lists.all("select platform_id, username, full_name from media_people order by platform_id")
    assert [tuple(row.values()) for row in rows] == [("1", "ann", "Ann"), ("2", "bea", None)]


def add_from_an_export(lists: Lists, name: str) -> None:
    """Someone whom only an export named, following since then."""
    lists.owner.execute(
        "insert into list_runs (user_id, profile_id, direction, state, source, verdict, seen, observed_start,"
        " observed_end, ended_at) values (%s, %s, 'follower', 'PUBLISHED', 'data_download', 'whole', 1, %s, %s, %s)",
        (lists.user_id, lists.profile_id, day(-9), day(-9), day(-9)),
    )
    lists.owner.execute(
        "with p as (insert into people (user_id, profile_id, username, follows_me, follows_me_since, first_seen_at,"
        " updated_at) values (%(user)s, %(profile)s, %(name)s, true, %(at)s, %(at)s, %(at)s) returning id)"
        " insert into stays (user_id, profile_id, person_id, direction, since, since_known)"
        " select %(user)s, %(profile)s, id, 'follower', %(at)s, 'exact' from p",
        {"user": lists.user_id, "profile": lists.profile_id, "name": name, "at": day(-9)},
    )


async def test_whom_an_export_named_is_not_lost_while_somebody_has_no_name(lists: Lists) -> None:
    add_from_an_export(lists, "bea")
    for _ in range(3):
        published = await lists.publish([person(1, "ann"), nameless(2)])
        assert published.lost == 0, "the one without a name may be her"
    published = await lists.publish([person(1, "ann"), person(2, "bea")])
    assert published.lost == 0
    assert lists.all("select username from people where follows_me order by 1") == [
        {"username": "ann"},
        {"username": "bea"},
    ]


async def test_whom_an_export_named_is_lost_where_everybody_has_a_name(lists: Lists) -> None:
    add_from_an_export(lists, "bea")
    assert (await lists.publish([person(1, "ann"), person(2, "cem")])).lost == 1


async def test_erasing_somebody_without_a_name_erases_nobody_else(lists: Lists) -> None:
    await lists.publish([person(1, "ann"), nameless(2), nameless(3)])
    erase(lists.owner, "instagram", "2")
    rows = lists.all("select platform_id from people order by platform_id")
    assert [row["platform_id"] for row in rows] == ["1", "3"]


async def publish_an_export(lists: Lists, *names: str) -> publish_import.PublishedList:
    """An export whose rows have no dates, a day after the last walk."""
    rows = [publish_import.NamedRow(Direction.FOLLOWER, name, None, None) for name in names]
    job = lists.one(
        "insert into sync_jobs (user_id, profile_id, kind) values (%s, %s, 'IMPORT') returning id",
        *(lists.user_id, lists.profile_id),
    )
    whose = publish_import.Whose(lists.user_id, lists.profile_id, job["id"])
    async with lists.pool.connection() as conn:
        await publish_import.begin(conn)
        await publish_import.stage(conn, rows)
        listed = Listed(Direction.FOLLOWER, len(names), 0, None, undated=len(names))
        return await publish_import.publish(conn, whose, day(lists.today), listed, Known())


@pytest.mark.parametrize(("name", "gained"), [("", 0), ("bea", 1)])
async def test_whom_an_export_names_did_not_come_since_where_somebody_has_no_name(
    lists: Lists, name: str, gained: int
) -> None:
    await lists.publish([person(1, "ann"), Person(PlatformId("2"), name)])
    published = await publish_an_export(lists, "ann", "cem")
    assert (published.lost, published.gained) == (0, gained)
    (stay,) = lists.all("select since_known from stays s join people p on p.id = s.person_id where p.username = 'cem'")
    assert stay["since_known"] == ("between" if gained else "before")
