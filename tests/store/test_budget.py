"""One budget for all workers: turns never come faster than the pace, nor more of them than the limits allow."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.domain.plan import Limits
from shared.store.profiles import budget
from tests.conftest import Personas
from tests.rig.limits import PAGES, WINDOW
from tests.rig.limits import limits as limits_of

pytestmark = pytest.mark.slow
Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
T0 = datetime(2026, 11, 20, 9, tzinfo=UTC)
PACE = timedelta(seconds=4)


def daily(requests: int) -> Limits:
    return limits_of(PACE, timedelta(0), requests)


class Turns:
    """Turns of one profile, at times that the test chooses."""

    def __init__(self, conn: WorkerConnection, user_id: UUID, profile_id: UUID, connection_id: UUID) -> None:
        self.conn, self.user_id, self.profile_id, self.connection_id = conn, user_id, profile_id, connection_id

    async def take(self, at: datetime, limits: Limits, **how: Any) -> budget.Turn:
        return await budget.take(self.conn, self.user_id, self.connection_id, limits, PACE, now=at, **how)


@pytest.fixture
async def turns(worker_pool: Pool, people: Personas, make_profile: Make, make_connection: Make) -> AsyncIterator[Turns]:
    profile = make_profile(people.alice, followers=1000, following=100)
    async with worker_pool.connection() as conn:
        yield Turns(conn, people.alice, profile, make_connection(profile))


async def test_turns_are_a_pause_apart_whoever_asks(turns: Turns) -> None:
    waits = [(await turns.take(T0, daily(0))).wait for _ in range(3)]
    assert waits == [0, 4, 8]
    assert (await turns.take(T0 + timedelta(minutes=1), daily(0))).wait == 0


async def test_two_workers_at_once_never_get_the_same_turn(
    worker_pool: Pool, people: Personas, make_profile: Make, make_connection: Make
) -> None:
    connection = make_connection(make_profile(people.alice))

    async def worker() -> list[datetime]:
        got = []
        for _ in range(10):
            async with worker_pool.connection() as conn:
                turn = await budget.take(conn, people.alice, connection, daily(15), PACE, now=T0)
            if turn.granted:
                got.append(turn.until)
        return got

    one, two = await asyncio.gather(worker(), worker())
    assert sorted(one + two) == [T0 + PACE * n for n in range(15)]


async def test_the_short_window_refuses_until_it_is_over(turns: Turns) -> None:
    limits, at = daily(1000), T0
    for _ in range(WINDOW.requests):
        assert (await turns.take(at, limits)).granted
        at += PACE
    refused = await turns.take(at, limits)
    assert (refused.granted, refused.day_over, refused.until) == (False, False, T0 + WINDOW.length)
    assert refused.wait == (T0 + WINDOW.length - at).total_seconds()
    assert (await turns.take(T0 + WINDOW.length, limits)).granted


async def test_the_day_s_limit_holds_until_a_day_after_its_first_request(turns: Turns) -> None:
    for n in range(3):
        assert (await turns.take(T0 + timedelta(hours=n), daily(3))).granted
    refused = await turns.take(T0 + timedelta(hours=5), daily(3))
    assert (refused.granted, refused.day_over, refused.until) == (False, True, T0 + timedelta(days=1))
    assert (await turns.take(T0 + timedelta(days=1), daily(3))).granted


async def test_what_is_kept_for_others_is_refused_to_one_and_granted_to_the_other(turns: Turns) -> None:
    assert (await turns.take(T0, daily(3), kept=2)).granted
    later = T0 + timedelta(minutes=1)
    assert not (await turns.take(later, daily(3), kept=2)).granted
    assert (await turns.take(later, daily(3))).granted


async def test_a_login_is_counted_and_never_refused(turns: Turns, people: Personas) -> None:
    at = datetime.now(UTC)
    for _ in range(4):
        assert (await turns.take(at, daily(3), refusable=False)).granted
    assert not (await turns.take(at, daily(3))).granted
    assert await budget.remaining(turns.conn, people.alice, turns.connection_id) == 0


async def test_a_clock_that_was_set_back_holds_nobody_up_and_gives_no_second_day(turns: Turns) -> None:
    for _ in range(2):
        await turns.take(T0, daily(3))
    back = T0 - timedelta(days=40)
    turn = await turns.take(back, daily(3))
    assert (turn.granted, turn.wait) == (True, PACE.total_seconds())
    refused = await turns.take(back, daily(3))
    assert not refused.granted
    assert refused.until <= back + timedelta(days=1, minutes=1)


async def test_what_is_left_and_reserved_follows_the_day_and_the_lists_to_come(
    turns: Turns, people: Personas, owner: Owner, web_pool: ConnectionPool[WebConnection]
) -> None:
    conn, alice, connection = turns.conn, people.alice, turns.connection_id
    assert await budget.remaining(conn, alice, connection) is None
    assert await budget.reserve(conn, alice, connection, PAGES) == 0
    await turns.take(datetime.now(UTC), daily(1000))
    await conn.commit()
    assert await budget.remaining(conn, alice, connection) == 999
    idle = await budget.reserve(conn, alice, connection, PAGES)
    owner.execute("update public.schedules set next_at = now() + interval '2 hours' where kind = 'SYNC_FOLLOWERS'")
    assert await budget.reserve(conn, alice, connection, PAGES) == idle + 43
    with tenant(web_pool, alice) as web:
        seen = budget.today(web, turns.profile_id)
    assert seen is not None
    assert (seen.per_day, seen.spent) == (1000, 1)
    with tenant(web_pool, people.charlie) as web:
        assert budget.today(web, turns.profile_id) is None
    owner.execute("update public.request_budget set day_ends = '-infinity'")
    assert await budget.remaining(conn, alice, connection) == 1000
