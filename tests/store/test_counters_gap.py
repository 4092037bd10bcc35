"""The same sequences of walks through the tables: they hold and lose whom the rules on sets do."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from shared.db import pools
from tests.conftest import Database, Personas
from tests.rig.walks import BEGINNING, Absences, Shown, Store, departures, sequences, with_examples
from tests.store.lists import Lists, Owner, person

few = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@few
@given(walks=sequences())
@with_examples
def test_nobody_who_is_there_is_lost_in_the_tables_before_a_second_occasion_hides_them(
    walks: list[Shown], database: Database, owner: Owner, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice, f"p{uuid4().hex}")
    asyncio.run(_live_through(walks, database, owner, people.alice, profile_id))


@pytest.mark.slow
@few
@given(given=departures())
def test_the_tables_tell_who_leaves_behind_a_steady_gap(
    given: tuple[list[Shown], int],
    database: Database,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
) -> None:
    walks, gone = given
    profile_id = make_profile(people.alice, f"p{uuid4().hex}")
    held = asyncio.run(_live_through(walks, database, owner, people.alice, profile_id))
    assert held == walks[0].there - {gone}


async def _live_through(
    walks: list[Shown], database: Database, owner: Owner, user_id: UUID, profile_id: UUID
) -> set[int]:
    async with pools.worker_pool(database.worker, 2) as pool:
        lists, store, absences = Lists(owner, pool, user_id, profile_id, page_size=10_000), Store(), Absences()
        renamed: set[int] = set()
        for walk in walks:
            held = lists.now()
            renamed ^= walk.renamed
            lists.today = (walk.at - BEGINNING) / timedelta(days=1)
            published = await lists.publish(
                [person(number, f"new{number}" if number in renamed else None) for number in sorted(walk.people)],
                reported=walk.counted,
                natural_end=walk.ending != "cut",
                limited=walk.ending == "limited",
            )
            judged, lost = store.publish(walk)
            assert (published.verdict, published.lost) == (judged, len(lost))
            assert held - lists.now() == lost
            assert lost & walk.there <= absences.twice(walk)
            assert lists.now() == store.held
        return store.held
