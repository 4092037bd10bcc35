"""The tokens beside a session: who may touch them, and that it works where Supabase owns `auth.users`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.store.users import sessions, supabase_sessions
from tests.conftest import Personas

Owner = psycopg.Connection[dict[str, Any]]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HASH = b"h" * 32


@pytest.fixture
def session(web_pool: ConnectionPool[WebConnection], people: Personas) -> UUID:
    """Alice's session with tokens."""
    made = uuid4()
    with web_pool.connection() as conn:
        supabase_sessions.open_session(conn, made, people.alice, HASH, DAY, "Firefox", None, b"first", HOUR)
    return made


def test_of_many_claims_one_holds_until_it_is_stored_or_its_time_is_over(
    web_pool: ConnectionPool[WebConnection], session: UUID, owner: Owner
) -> None:
    def claim(_: int) -> bool:
        with web_pool.connection() as conn:
            return supabase_sessions.claim_refresh(conn, session, 0, HOUR)

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(claim, range(16))) == [False] * 15 + [True]
    owner.execute("update web_sessions set refreshing_until = now() - interval '1 second'")
    assert claim(0)
    with web_pool.connection() as conn:
        assert supabase_sessions.store_tokens(conn, session, 0, b"second", HOUR)
        assert not supabase_sessions.store_tokens(conn, session, 0, b"late", HOUR), "a slower process changes nothing"
        held = supabase_sessions.tokens(conn, session)
        assert held is not None
        assert (held.sealed, held.version, held.claimed, held.waits) == (b"second", 1, False, False)
        supabase_sessions.postpone_refresh(conn, session, 1, HOUR)
        assert not supabase_sessions.claim_refresh(conn, session, 1, HOUR)


def test_a_session_is_taken_once_and_by_its_owner(
    web_pool: ConnectionPool[WebConnection], session: UUID, people: Personas
) -> None:
    with web_pool.connection() as conn:
        assert supabase_sessions.take(conn, session, people.bob) is None
        assert supabase_sessions.take(conn, session, people.alice) == b"first"
        assert supabase_sessions.take(conn, session, people.alice) is None
        assert supabase_sessions.tokens(conn, session) is None


def test_a_session_that_is_over_has_no_tokens(
    web_pool: ConnectionPool[WebConnection], session: UUID, owner: Owner
) -> None:
    owner.execute("update web_sessions set expires_at = now() - interval '1 second'")
    with web_pool.connection() as conn:
        assert supabase_sessions.tokens(conn, session) is None


@pytest.mark.parametrize(
    "call",
    [
        "select rollcall.session_tokens(gen_random_uuid())",
        "select rollcall.session_take(gen_random_uuid(), gen_random_uuid())",
        "select rollcall.session_claim_refresh(gen_random_uuid(), 0, '1 day')",
        "select rollcall.session_store_tokens(gen_random_uuid(), 0, 'x', '1 day')",
        "select rollcall.session_postpone_refresh(gen_random_uuid(), 0, '1 day')",
        "select rollcall.session_open_hosted(gen_random_uuid(), gen_random_uuid(), 'x', '1 day', '', '', 'x', '1 day')",
        "select tokens from public.web_sessions",
        "update public.web_sessions set tokens_version = 5",
    ],
)
def test_people_reach_none_of_it(
    call: str, web_pool: ConnectionPool[WebConnection], session: UUID, people: Personas
) -> None:
    for person in (people.alice, None):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, person) as conn:
            conn.execute(call.encode())


@pytest.fixture
def as_on_supabase(owner: Owner) -> Iterator[None]:
    """`auth.users` is owned by a role of Supabase; ours is no superuser, sees its rows, and owns our functions."""
    ours, theirs = (sql.Identifier(f"{name}_{uuid4().hex[:8]}") for name in ("postgres_like", "auth_admin"))
    owner.execute(sql.SQL("create role {} nologin bypassrls").format(ours))
    owner.execute(sql.SQL("create role {} nologin").format(theirs))
    owner.execute(sql.SQL("alter table auth.users owner to {}").format(theirs))
    owner.execute(sql.SQL("grant usage on schema auth, public, rollcall to {}, {}").format(ours, theirs))
    owner.execute(sql.SQL("grant select, references on auth.users to {}").format(ours))
    owner.execute(sql.SQL("alter table public.web_sessions owner to {}").format(ours))
    for row in owner.execute(
        "select oid::regprocedure::text as name from pg_proc"
        " where pronamespace = 'rollcall'::regnamespace and proname like 'session%'"
    ).fetchall():
        owner.execute(sql.SQL("alter function {} owner to {}").format(sql.SQL(row["name"]), ours))
    yield
    owner.execute(sql.SQL("reassign owned by {}, {} to current_user").format(ours, theirs))
    owner.execute(sql.SQL("drop owned by {}, {}").format(ours, theirs))
    owner.execute(sql.SQL("drop role {}, {}").format(ours, theirs))


def test_a_session_is_found_with_its_address_where_supabase_owns_the_accounts(
    as_on_supabase: None, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    made = uuid4()
    with web_pool.connection() as conn:
        supabase_sessions.open_session(conn, made, people.alice, HASH, DAY, "Firefox", None, b"first", HOUR)
        found = sessions.find(conn, HASH, DAY, 90 * DAY)
    assert found is not None
    assert (found.session_id, found.email) == (made, "alice@example.org")
