"""Calls are counted before they are made, for app and connection, and the end of a quota is kept for people."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.platforms.platform import Quota
from shared.store.operator import quotas as operator_quotas
from shared.store.profiles import api_calls
from shared.store.profiles.api_calls import Counted
from tests.conftest import Personas

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
# 10:00 in Pacific time; the quota begins again at 08:00 UTC.
T0 = datetime(2026, 11, 20, 18, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, 8, tzinfo=UTC)
TEN = Quota("ten", 10, "America/Los_Angeles")


@dataclass
class Desk:
    """Alice's connection and Bob's, and calls at times that the test chooses."""

    conn: WorkerConnection
    owner: Owner
    people: Personas
    alice: UUID
    bob: UUID

    async def count(
        self, quota: Quota = TEN, *, at: datetime = T0, units: int = 1, by_person: bool = True, bob: bool = False
    ) -> Counted:
        who = (self.people.bob, self.bob) if bob else (self.people.alice, self.alice)
        counted = await api_calls.count(self.conn, *who, quota, units, by_person=by_person, now=at)
        await self.conn.commit()
        return counted

    def app(self) -> list[dict[str, Any]]:
        return self.owner.execute("select quota, day, calls, units from rollcall.api_quotas order by day").fetchall()

    def mine(self) -> list[dict[str, Any]]:
        return self.owner.execute(
            "select day, calls, units from api_calls where connection_id = %s order by day", (self.alice,)
        ).fetchall()


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Make, make_connection: Make
) -> AsyncIterator[Desk]:
    alice, bob = (make_connection(make_profile(user)) for user in (people.alice, people.bob))
    async with worker_pool.connection() as conn:
        yield Desk(conn, owner, people, alice, bob)


async def test_a_call_is_counted_for_the_app_and_for_its_connection(desk: Desk) -> None:
    assert (await desk.count(units=3)).granted
    await desk.count()
    await desk.count(bob=True)
    assert desk.app() == [{"quota": "ten", "day": date(2026, 11, 20), "calls": 3, "units": 5}]
    assert desk.mine() == [{"day": date(2026, 11, 20), "calls": 2, "units": 4}]


async def test_from_ninety_percent_on_only_what_a_person_started_goes_on(desk: Desk) -> None:
    for _ in range(9):
        assert (await desk.count(by_person=False)).granted
    refused = await desk.count(by_person=False)
    assert (refused.granted, refused.spent, refused.until) == (False, False, MIDNIGHT)
    assert (await desk.count(by_person=True)).granted
    assert desk.mine()[0]["units"] == 10


async def test_a_spent_quota_refuses_everyone_until_midnight_and_counts_nothing(desk: Desk) -> None:
    await desk.count(units=10)
    refused = await desk.count(bob=True)
    assert (refused.granted, refused.spent, refused.until) == (False, True, MIDNIGHT)
    assert desk.app()[0]["units"] == 10
    assert not (await desk.count(at=MIDNIGHT - timedelta(seconds=1))).granted
    assert (await desk.count(at=MIDNIGHT)).granted


async def test_a_call_that_costs_more_than_is_left_is_refused_and_a_cheaper_one_is_not(desk: Desk) -> None:
    await desk.count(units=8)
    assert not (await desk.count(units=3)).granted
    assert (await desk.count(units=2)).granted


async def test_each_quota_is_its_own_and_one_without_a_limit_is_only_counted(desk: Desk) -> None:
    await desk.count(units=10)
    free = Quota("free", None, "UTC")
    for _ in range(3):
        assert (await desk.count(free, units=1000, by_person=False)).granted
    assert [row["units"] for row in desk.app()] == [3000, 10] or [row["units"] for row in desk.app()] == [10, 3000]


async def test_the_platforms_own_word_counts_more_than_ours(desk: Desk) -> None:
    await api_calls.mark_spent(desk.conn, TEN, MIDNIGHT, T0)
    await desk.conn.commit()
    refused = await desk.count(bob=True)
    assert (refused.granted, refused.spent, refused.until) == (False, True, MIDNIGHT)
    assert (await desk.count(at=MIDNIGHT)).granted


async def test_an_earlier_word_does_not_shorten_a_later_one(desk: Desk) -> None:
    await api_calls.mark_spent(desk.conn, TEN, MIDNIGHT, T0)
    await api_calls.mark_spent(desk.conn, TEN, T0 + timedelta(minutes=1), T0)
    await desk.conn.commit()
    assert not (await desk.count(at=T0 + timedelta(hours=1))).granted


async def test_many_workers_at_once_never_pass_the_limit(desk: Desk, worker_pool: Pool) -> None:
    async def worker() -> int:
        granted = 0
        for _ in range(8):
            async with worker_pool.connection() as conn:
                counted = await api_calls.count(conn, desk.people.alice, desk.alice, TEN, 1, by_person=True, now=T0)
            granted += counted.granted
        return granted

    assert sum(await asyncio.gather(worker(), worker(), worker())) == 10
    assert desk.app()[0]["units"] == 10


async def test_another_persons_connection_is_not_charged(desk: Desk) -> None:
    await api_calls.count(desk.conn, desk.people.bob, desk.alice, TEN, 1, by_person=True, now=T0)
    await desk.conn.commit()
    assert desk.mine() == []


async def test_an_operator_sees_what_is_used_what_an_account_costs_and_how_many_fit(
    desk: Desk, web_pool: ConnectionPool[WebConnection]
) -> None:
    for days, units in ((2, 3), (1, 5)):
        await desk.count(at=T0 - timedelta(days=days), units=units)
    await desk.count(units=2)
    await desk.count(units=1, bob=True)
    await desk.count(Quota("free", None, "UTC"))
    with web_pool.connection() as conn:
        free, ten = operator_quotas.quotas(conn)
    assert (ten.quota, ten.day, ten.calls, ten.units, ten.connections) == ("ten", date(2026, 11, 20), 2, 3, 2)
    assert (ten.remaining, ten.usual, ten.fits, ten.more) == (7, 4.0, 2, 0)
    assert (free.units, free.day_limit, free.remaining) == (1, None, None)
    assert (free.usual, free.fits, free.more) == (None, None, None)


async def test_no_person_sees_the_quotas_of_the_installation(
    desk: Desk, web_pool: ConnectionPool[WebConnection]
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, desk.people.alice) as conn:
        operator_quotas.quotas(conn)
