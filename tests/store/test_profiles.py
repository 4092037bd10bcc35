"""Profiles and connections: what the web begins, what the worker writes, and what neither may overwrite."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.domain.job_kinds import READ_BY_SYNC
from shared.domain.jobs import JobKind
from shared.domain.social import PlatformId, ProfileFacts
from shared.error_text import StoredError
from shared.store.profiles import connections, profiles
from shared.store.profiles.connections import ConnectionState
from shared.store.profiles.profiles import ProfileState
from shared.store.queue import schedule
from tests.conftest import Personas

Owner = psycopg.Connection[dict[str, Any]]
WebPool = ConnectionPool[WebConnection]
WorkerPool = AsyncConnectionPool[WorkerConnection]
SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = ProfileFacts(PlatformId("42"), "Alice.New", "Alice", followers=10, following=3, media_count=None)


def test_connecting_twice_gives_the_same_profile_whatever_the_case(web_pool: WebPool, people: Personas) -> None:
    with tenant(web_pool, people.alice) as conn:
        first = profiles.find_or_add(conn, people.alice, "instagram", "alice.test", "Europe/Berlin")
        again = profiles.find_or_add(conn, people.alice, "instagram", "Alice.Test")
        assert first == again
        assert (first.state, first.timezone) == (ProfileState.CONNECTING, "Europe/Berlin")
        assert profiles.list_for_web(conn) == [first]


def test_a_profile_is_nobody_elses(web_pool: WebPool, people: Personas, make_profile: Callable[..., UUID]) -> None:
    profile_id = make_profile(people.alice)
    with tenant(web_pool, people.charlie) as conn:
        assert profiles.get_for_web(conn, profile_id) is None
        assert profiles.list_for_web(conn) == []
        assert not profiles.mark_deleting(conn, profile_id)


def test_a_deleting_profile_is_gone_from_the_pages_and_stays_deleting(
    web_pool: WebPool, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice)
    with tenant(web_pool, people.alice) as conn:
        assert profiles.mark_deleting(conn, profile_id)
        assert profiles.get_for_web(conn, profile_id) is None
        assert profiles.list_for_web(conn) == []
        assert not profiles.mark_deleting(conn, profile_id)


def test_schedule_and_time_zone_are_the_persons_choice(
    web_pool: WebPool, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice)
    with tenant(web_pool, people.alice) as conn:
        profiles.set_schedule(conn, profile_id, paused=True, timezone="Asia/Tokyo")
        row = profiles.get_for_web(conn, profile_id)
    assert row is not None
    assert (row.schedule_paused, row.timezone) == (True, "Asia/Tokyo")


async def test_facts_follow_a_rename_and_never_turn_a_missing_count_into_none(
    worker_pool: WorkerPool, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice, media_count=7, observed_at=SEEN + timedelta(days=1))
    async with worker_pool.connection() as conn:
        await profiles.save_facts(conn, people.alice, profile_id, FACTS, SEEN)
        row = await profiles.load(conn, people.alice, profile_id)
    assert row is not None
    assert (row.username, row.external_id, row.followers, row.media_count) == ("Alice.New", "42", 10, 7)
    assert row.observed_at == SEEN + timedelta(days=1)


async def test_a_name_that_another_profile_of_the_person_still_has_is_not_taken(
    worker_pool: WorkerPool, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    make_profile(people.alice, "alice.new", external_id="41")
    profile_id = make_profile(people.alice, "alice.old")
    async with worker_pool.connection() as conn:
        await profiles.save_facts(conn, people.alice, profile_id, FACTS, SEEN)
        row = await profiles.load(conn, people.alice, profile_id)
        twin = await profiles.has_twin(conn, people.alice, profile_id, "41")
    assert row is not None
    assert row.username == "alice.old"
    assert twin


async def test_a_login_sets_every_due_time_by_its_own_interval_and_ends_no_cooldown(
    worker_pool: WorkerPool,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_connection: Callable[..., UUID],
) -> None:
    profile_id = make_profile(people.alice, state="CONNECTING")
    connection = make_connection(profile_id, "PENDING", cooldown_until=SEEN, cooldown_code="rate_limited")
    async with worker_pool.connection() as conn:
        await connections.activate(conn, people.alice, connection, b"session")
        await schedule.begin(conn, people.alice, profile_id, READ_BY_SYNC)
        row = await profiles.load(conn, people.alice, profile_id)
    assert row is not None
    first, followers = row.schedules[JobKind.SYNC_PROFILE], row.schedules[JobKind.SYNC_FOLLOWERS]
    assert first.next_at is not None
    assert followers.next_at is not None
    assert followers.next_at - first.next_at == followers.every - first.every
    assert None not in [kind.next_at for kind in row.schedules.values()]
    assert (row.state, row.cooldown_until) == (ProfileState.CONNECTED, SEEN)


async def test_the_worker_never_overwrites_what_the_person_disconnected(
    worker_pool: WorkerPool,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_connection: Callable[..., UUID],
) -> None:
    profile_id = make_profile(people.alice)
    connection = make_connection(profile_id, "REVOKED")
    async with worker_pool.connection() as conn:
        await connections.mark(conn, people.alice, connection, ConnectionState.EXPIRED, StoredError("session_dead"))
        await connections.mark_warned(conn, people.alice, connection, StoredError("suspected_automation"))
        assert not await connections.activate(conn, people.alice, connection, b"session")
        row = await profiles.load(conn, people.alice, profile_id)
    assert row is not None
    assert (row.state, row.state_reason) == (ProfileState.DISCONNECTED, None)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["ACTIVE"], "CONNECTED"),
        (["EXPIRED"], "NEEDS_LOGIN"),
        (["CHALLENGED"], "CHALLENGED"),
        (["COOLING_DOWN"], "COOLING_DOWN"),
        (["PENDING"], "CONNECTING"),
        (["REVOKED"], "DISCONNECTED"),
        (["EXPIRED", "ACTIVE"], "CONNECTED"),
        (["CHALLENGED", "PENDING"], "CHALLENGED"),
    ],
)
def test_a_profile_has_the_best_state_of_its_connections(
    people: Personas,
    make_profile: Callable[..., UUID],
    make_connection: Callable[..., UUID],
    owner: psycopg.Connection[dict[str, Any]],
    second_way_in: str,
    states: list[str],
    state: str,
) -> None:
    profile_id = make_profile(people.alice, state="CONNECTING")
    for method, one in zip(("browser", second_way_in), states, strict=False):
        make_connection(profile_id, one, method=method)
    assert owner.execute("select state from public.profiles").fetchone() == {"state": state}


@pytest.mark.parametrize(("browser", "state"), [("EXPIRED", "NEEDS_LOGIN"), ("PENDING", "CONNECTED")])
def test_a_data_download_counts_where_no_session_was_ever_begun(
    people: Personas,
    make_profile: Callable[..., UUID],
    make_connection: Callable[..., UUID],
    owner: psycopg.Connection[dict[str, Any]],
    browser: str,
    state: str,
) -> None:
    profile_id = make_profile(people.alice, state="CONNECTING")
    make_connection(profile_id, method="data_download")
    make_connection(profile_id, browser)
    assert owner.execute("select state from public.profiles").fetchone() == {"state": state}


async def test_a_connection_lives_from_begin_to_removal(
    web_pool: WebPool, worker_pool: WorkerPool, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice)
    with tenant(web_pool, people.alice) as conn:
        connections.begin(conn, profile_id)
        connections.begin(conn, profile_id)
    async with worker_pool.connection() as worker:
        made = await connections.load(worker, people.alice, profile_id)
        assert made is not None
        assert await connections.activate(worker, people.alice, made.id, b"session", b"totp")
        await connections.rotate(worker, people.alice, made.id, b"session", b"rotated")
        rotated = await connections.load(worker, people.alice, profile_id)
        assert rotated is not None
        assert rotated.secret == b"rotated"
        await connections.rotate(worker, people.alice, made.id, b"rotated", b"rotated", frozenset({"read", "figures"}))
        await connections.rotate(worker, people.alice, made.id, b"rotated", b"rotated", None)
        assert await connections.activate(worker, people.alice, made.id, b"second", None)
        await connections.rotate(worker, people.alice, made.id, b"rotated", b"of a job that began before")
        kept = await connections.load(worker, people.alice, profile_id)
        assert kept is not None
        assert (kept.state, kept.secret, kept.totp_secret) == (ConnectionState.ACTIVE, b"second", b"totp")
        await connections.mark(worker, people.alice, made.id, ConnectionState.EXPIRED)
        await connections.rotate(worker, people.alice, made.id, b"second", b"too late")
        ended = await connections.load(worker, people.alice, profile_id)
        assert ended is not None
        assert ended.secret == b"second"
        assert "second" not in repr(ended)
    with tenant(web_pool, people.alice) as conn:
        seen = connections.view(conn, profile_id)
        assert seen is not None
        assert seen.scopes == ["figures", "read"]
        assert seen.state == ConnectionState.EXPIRED
        connections.disconnect(conn, profile_id)
        assert connections.view(conn, profile_id) is None
    async with worker_pool.connection() as worker:
        assert await connections.load(worker, people.alice, profile_id) is None
    with tenant(web_pool, people.bob) as conn:
        connections.begin(conn, profile_id)
    with tenant(web_pool, people.alice) as conn:
        assert connections.view(conn, profile_id) is None, "no one else begins it anew"
        connections.begin(conn, profile_id)
        again = connections.view(conn, profile_id)
        assert again is not None
        assert (again.id, again.state) == (seen.id, ConnectionState.PENDING)


def test_the_webs_role_cannot_read_a_secret(
    web_pool: WebPool, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice)
    with tenant(web_pool, people.alice) as conn:
        connections.begin(conn, profile_id)
    with pytest.raises(errors.InsufficientPrivilege), tenant(web_pool, people.alice) as conn:
        conn.execute("select secret from public.connections")
