"""Alerts are episodes: one row per cause, counted while it lasts, closed by the opposite event, dismissed singly."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.store.profiles import alerts
from shared.store.profiles.alerts import SESSION_KINDS, AlertKind
from tests.conftest import Personas

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice)


@pytest.fixture
def raised(worker_pool: Pool, people: Personas, profile: UUID) -> Callable[..., Any]:
    async def call(kind: AlertKind, reason: str = "m", subject: str = "") -> None:
        async with worker_pool.connection() as conn:
            await alerts.raise_alert(
                conn, kind, {"reason": reason}, user_id=people.alice, profile_id=profile, subject=subject
            )

    return call


@pytest.fixture
def closed(worker_pool: Pool, people: Personas, profile: UUID) -> Callable[..., Any]:
    async def call(kinds: frozenset[AlertKind], subject: str | None = None) -> int:
        async with worker_pool.connection() as conn:
            return await alerts.close(conn, kinds, user_id=people.alice, profile_id=profile, subject=subject)

    return call


def episodes(owner: Owner) -> list[tuple[str, str, int, bool]]:
    rows = owner.execute(
        "select kind, params, times, closed_at is not null as closed from alerts order by id"
    ).fetchall()
    return [(row["kind"], row["params"]["reason"], row["times"], row["closed"]) for row in rows]


async def test_a_cause_that_lasts_is_one_episode_with_its_newest_words(
    owner: Owner, raised: Callable[..., Any]
) -> None:
    await raised(AlertKind.LIST_PARTIAL, "10 missing", "follower")
    await raised(AlertKind.LIST_PARTIAL, "12 missing", "follower")
    await raised(AlertKind.LIST_PARTIAL, "2 missing", "following")
    assert episodes(owner) == [
        ("list_partial", "12 missing", 2, False),
        ("list_partial", "2 missing", 1, False),
    ]


async def test_many_at_once_open_one_episode(owner: Owner, raised: Callable[..., Any]) -> None:
    await asyncio.gather(*(raised(AlertKind.RATE_LIMITED) for _ in range(6)))
    assert episodes(owner) == [("rate_limited", "m", 6, False)]


async def test_the_opposite_event_closes_its_kinds_only_and_the_next_cause_is_a_new_episode(
    owner: Owner, raised: Callable[..., Any], closed: Callable[..., Any]
) -> None:
    await raised(AlertKind.SESSION_DEAD)
    await raised(AlertKind.RATE_LIMITED)
    assert await closed(SESSION_KINDS) == 1
    assert await closed(SESSION_KINDS) == 0
    await raised(AlertKind.SESSION_DEAD)
    assert [(kind, ended) for kind, _, _, ended in episodes(owner)] == [
        ("session_dead", True),
        ("rate_limited", False),
        ("session_dead", False),
    ]


async def test_a_subject_is_closed_alone(owner: Owner, raised: Callable[..., Any], closed: Callable[..., Any]) -> None:
    await raised(AlertKind.LIST_VOID, subject="follower")
    await raised(AlertKind.LIST_VOID, subject="following")
    assert await closed(frozenset({AlertKind.LIST_VOID}), "follower") == 1
    assert [ended for _, _, _, ended in episodes(owner)] == [True, False]


async def test_a_dismissed_episode_stays_dismissed_until_it_closes(
    web_pool: ConnectionPool[WebConnection],
    people: Personas,
    profile: UUID,
    raised: Callable[..., Any],
    closed: Callable[..., Any],
) -> None:
    def shown() -> list[str]:
        with tenant(web_pool, people.alice) as conn:
            return [alert.kind for alert in alerts.list_open(conn, profile)]

    await raised(AlertKind.RATE_LIMITED)
    await raised(AlertKind.CHALLENGE)
    with tenant(web_pool, people.alice) as conn:
        first = next(alert for alert in alerts.list_open(conn, profile) if alert.kind is AlertKind.RATE_LIMITED)
        assert alerts.dismiss(conn, profile, first.id)
        assert not alerts.dismiss(conn, profile, first.id)
    assert shown() == ["challenge"]
    await raised(AlertKind.RATE_LIMITED)
    assert shown() == ["challenge"]
    await closed(frozenset({AlertKind.RATE_LIMITED}))
    await raised(AlertKind.RATE_LIMITED)
    assert shown() == ["rate_limited", "challenge"]


async def test_nobody_else_dismisses_an_alert(
    web_pool: ConnectionPool[WebConnection], people: Personas, profile: UUID, owner: Owner, raised: Callable[..., Any]
) -> None:
    await raised(AlertKind.CHALLENGE)
    row = owner.execute("select id from alerts").fetchone()
    assert row is not None
    with tenant(web_pool, people.charlie) as conn:
        assert not alerts.dismiss(conn, profile, row["id"])
    assert owner.execute("select from alerts where dismissed_at is null").fetchone() is not None


async def test_an_alert_without_a_profile_is_one_episode_that_no_person_sees(
    worker_pool: Pool, web_pool: ConnectionPool[WebConnection], people: Personas, profile: UUID, owner: Owner
) -> None:
    nobody: Any = {"user_id": None, "profile_id": None}
    async with worker_pool.connection() as conn:
        for _ in range(2):
            await alerts.raise_alert(conn, AlertKind.RATE_LIMITED, {"code": "rate_limited"}, **nobody)
        await alerts.raise_alert(
            conn, AlertKind.RATE_LIMITED, {"code": "rate_limited"}, user_id=people.alice, profile_id=profile
        )
    counted = owner.execute("select profile_id, times from alerts order by id").fetchall()
    assert counted == [{"profile_id": None, "times": 2}, {"profile_id": profile, "times": 1}]
    for person in (people.alice, people.bob):
        with tenant(web_pool, person) as web:
            assert web.execute("select from public.alerts where profile_id is null").fetchall() == []
    async with worker_pool.connection() as conn:
        assert await alerts.close(conn, [AlertKind.RATE_LIMITED], **nobody) == 1
    open_still = owner.execute("select profile_id from alerts where closed_at is null").fetchall()
    assert open_still == [{"profile_id": profile}]
