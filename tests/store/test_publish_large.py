"""A list of a hundred thousand: published whole, and questions about it answered along an index."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from shared.domain.social import Direction
from shared.domain.traversal.list_verdict import Evidence
from shared.store.followers import publish as people
from shared.store.followers import runs
from tests.conftest import Personas
from tests.store.lists import Lists, Owner, Pool, day

pytestmark = pytest.mark.slow
SIZE = 100_000


def pages(numbers: range) -> Iterator[list[int]]:
    for at in range(0, len(numbers), 50):
        yield list(numbers[at : at + 50])


async def read(lists: Lists, numbers: range) -> people.Published:
    """Pages put where a walk leaves them, in one go, and published by the real publication."""
    run: runs.Run = await lists.start(Direction.FOLLOWER, len(numbers))
    with lists.owner.cursor().copy(
        "copy list_pages (run_id, page, user_id, platform_ids, usernames, full_names, is_private, is_verified)"
        " from stdin"
    ) as copy:
        for at, page in enumerate(pages(numbers)):
            ids = [str(number) for number in page]
            names = [f"user{number}" for number in page]
            flags = [False] * len(page)
            copy.write_row((run.id, at, lists.user_id, ids, names, names, flags, flags))
    start = day(lists.today)
    lists.owner.execute(
        "update list_runs set observed_start = %s, observed_end = %s where id = %s",
        (start, start + timedelta(hours=1), run.id),
    )
    async with lists.pool.connection() as conn:
        published = await people.publish(conn, run, Evidence(len(numbers), None, natural_end=True))
    lists.today += 1
    return published


async def test_a_hundred_thousand_are_published_and_dates_are_answered_by_an_index(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    lists = Lists(owner, worker_pool, people.alice, make_profile(people.alice))
    neighbour = Lists(owner, worker_pool, people.bob, make_profile(people.bob, "bob.test"))
    first = await read(lists, range(SIZE))
    second = await read(lists, range(1_000, SIZE + 500))
    await read(neighbour, range(SIZE))
    assert (first.seen, first.gained, first.lost) == (SIZE, 0, 0)
    assert (second.seen, second.gained, second.lost) == (SIZE - 500, 500, 1_000)
    assert [await _on(lists, when) for when in (-1, 0.5, 1.5)] == [0, SIZE, SIZE - 500]
    owner.execute("analyze")
    plan = _plan(lists)
    assert re.search(r"Index (Only )?Scan", plan), plan
    assert "Seq Scan" not in plan, plan


async def _on(lists: Lists, when: float) -> int:
    async with lists.pool.connection() as conn:
        return await people.people_on(conn, lists.user_id, lists.profile_id, Direction.FOLLOWER, day(when))


def _plan(lists: Lists) -> str:
    given = {"user_id": lists.user_id, "profile_id": lists.profile_id, "direction": "follower", "at": day(0.5)}
    statement = f"explain {people.PEOPLE_ON}"
    rows = lists.owner.execute(statement, given).fetchall()
    return "\n".join(row["QUERY PLAN"] for row in rows)
