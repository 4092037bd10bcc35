"""Ways of reading that rest: set aside once, tried later and later, and back with a word."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import Direction
from shared.platforms.instagram import DIALOG, GRAPHQL, REST
from shared.store.followers import endpoints
from tests.conftest import Personas
from tests.said import alert_said

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
REASONS = {REST: "Instagram answered with a page where data was expected."}


@pytest.fixture
def of(people: Personas, make_profile: Callable[..., UUID]) -> endpoints.Owner:
    return endpoints.Owner(people.alice, make_profile(people.alice))


def due(owner: Owner) -> None:
    owner.execute("update disabled_endpoints set next_probe_at = now() - interval '1 second'")


def hours(owner: Owner) -> int:
    row = owner.execute(
        "select round(extract(epoch from next_probe_at - now()) / 3600) as hours from disabled_endpoints"
    )
    found = row.fetchone()
    assert found is not None
    return int(found["hours"])


async def test_a_route_that_stopped_rests_for_its_own_list_and_is_told_once(
    worker_pool: Pool, owner: Owner, of: endpoints.Owner
) -> None:
    for _ in range(2):
        async with worker_pool.connection() as conn:
            await endpoints.disable(conn, of, Direction.FOLLOWER, REASONS, GRAPHQL)
    async with worker_pool.connection() as conn:
        assert await endpoints.disabled_ids(conn, of, Direction.FOLLOWER) == {REST}
        assert await endpoints.disabled_ids(conn, of, Direction.FOLLOWING) == set()
    (alert,) = owner.execute("select kind, subject, params from alerts").fetchall()
    assert alert["kind"] == "endpoint_changed"
    assert alert_said(alert) == (
        "Instagram changed this: the plain list no longer shows the followers (Instagram answered with a page where "
        "data was expected). Rollcall uses the query of Instagram's page instead, and checks from time to time whether "
        "it works again."
    )


async def test_a_resting_route_is_tried_later_and_later_and_at_least_daily(
    worker_pool: Pool, owner: Owner, of: endpoints.Owner
) -> None:
    async with worker_pool.connection() as conn:
        await endpoints.disable(conn, of, Direction.FOLLOWER, REASONS, None)
    waits = [hours(owner)]
    for _ in range(5):
        async with worker_pool.connection() as conn:
            assert await endpoints.take_due(conn, of) == []
        due(owner)
        async with worker_pool.connection() as conn:
            (one,) = await endpoints.take_due(conn, of)
        assert (one.direction, one.endpoint, one.reason) == (
            Direction.FOLLOWER,
            REST,
            REASONS[REST],
        )
        waits.append(hours(owner))
    assert waits == [2, 4, 8, 16, 24, 24]


async def test_a_try_that_is_due_becomes_one_job_of_a_connected_profile(
    worker_pool: Pool, owner: Owner, of: endpoints.Owner
) -> None:
    async with worker_pool.connection() as conn:
        await endpoints.disable(conn, of, Direction.FOLLOWER, REASONS, None)
        await endpoints.disable(conn, of, Direction.FOLLOWING, REASONS, None)
        assert await endpoints.enqueue_due(conn) == 0
    due(owner)
    for state, paused in (("NEEDS_LOGIN", False), ("CONNECTED", True)):
        owner.execute("update profiles set state = %s, schedule_paused = %s", (state, paused))
        async with worker_pool.connection() as conn:
            assert await endpoints.enqueue_due(conn) == 0
    owner.execute("update profiles set state = 'CONNECTED', schedule_paused = false")
    async with worker_pool.connection() as conn:
        assert [await endpoints.enqueue_due(conn), await endpoints.enqueue_due(conn)] == [1, 0]
    assert [row["kind"] for row in owner.execute("select kind from sync_jobs").fetchall()] == ["PROBE_ENDPOINTS"]


async def test_the_alert_closes_when_the_last_route_of_its_list_is_back(
    worker_pool: Pool, owner: Owner, of: endpoints.Owner
) -> None:
    def opened() -> list[str]:
        rows = owner.execute("select subject from alerts where closed_at is null order by subject").fetchall()
        return [row["subject"] for row in rows]

    reasons = {**REASONS, GRAPHQL: "The list is empty."}
    async with worker_pool.connection() as conn:
        await endpoints.disable(conn, of, Direction.FOLLOWING, reasons, DIALOG)
        await endpoints.disable(conn, of, Direction.FOLLOWER, REASONS, DIALOG)
        await endpoints.enable(conn, of, Direction.FOLLOWING, REST)
    assert opened() == ["follower", "following"]
    async with worker_pool.connection() as conn:
        await endpoints.enable(conn, of, Direction.FOLLOWING, GRAPHQL)
        assert await endpoints.disabled_ids(conn, of, Direction.FOLLOWING) == set()
    assert opened() == ["follower"]
