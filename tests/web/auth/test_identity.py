"""The embedded identity: parameters that change, changes at once, and who may call its functions."""

from __future__ import annotations

from typing import Literal

import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from tests.conftest import Database
from web.auth.identity import EmbeddedIdentity

WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
STRONGER = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
EMAIL = "dora@example.org"


class Counting(PasswordHasher):
    """Counts verifications, which is where the time goes."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self.verified += 1
        return super().verify(hash, password)


def _stored(pool: ConnectionPool[WebConnection]) -> str:
    with pool.connection() as conn:
        (row,) = conn.execute("select password_hash from rollcall.identity_find(%s)", [EMAIL]).fetchall()
    found: str = row["password_hash"]
    return found


def test_the_default_hash_is_argon2id(web_pool: ConnectionPool[WebConnection]) -> None:
    EmbeddedIdentity(web_pool).sign_up(EMAIL, "correct horse")
    assert _stored(web_pool).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_right_password_is_hashed_anew_when_the_parameters_changed(web_pool: ConnectionPool[WebConnection]) -> None:
    made = EmbeddedIdentity(web_pool, WEAK).sign_up(EMAIL, "correct horse")
    before = _stored(web_pool)
    stronger = EmbeddedIdentity(web_pool, STRONGER)
    assert stronger.check(EMAIL, "wrong") is None
    assert _stored(web_pool) == before
    assert stronger.check(EMAIL, "correct horse") == made
    assert "m=16,t=2" in _stored(web_pool)
    assert stronger.check(EMAIL, "correct horse") == made


def test_an_unknown_address_costs_as_much_work_as_a_wrong_password(web_pool: ConnectionPool[WebConnection]) -> None:
    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    identity = EmbeddedIdentity(web_pool, hasher)
    identity.sign_up(EMAIL, "correct horse")
    assert identity.check(EMAIL, "wrong") is None
    assert hasher.verified == 1
    assert identity.check("nobody@example.org", "nobody") is None
    assert hasher.verified == 2


def test_an_account_whose_stored_hash_is_none_signs_nobody_in(
    web_pool: ConnectionPool[WebConnection], database: Database
) -> None:
    with psycopg.connect(database.owner) as conn:
        conn.execute("insert into auth.users (email, encrypted_password) values (%s, 'no login')", [EMAIL])
    assert EmbeddedIdentity(web_pool, WEAK).check(EMAIL, "no login") is None


@pytest.mark.parametrize(
    "call",
    [
        "select rollcall.identity_find('dora@example.org')",
        "select rollcall.identity_create('x@example.org', 'x')",
        "select rollcall.identity_replace_hash(gen_random_uuid(), 'a', 'b')",
        "select rollcall.session_find('x', '1 day', '9 days')",
        "select rollcall.throttle_forget('x')",
        "select email from auth.users",
    ],
)
def test_signed_in_people_reach_neither_accounts_nor_session_functions(
    web_pool: ConnectionPool[WebConnection], call: str
) -> None:
    made = EmbeddedIdentity(web_pool, WEAK).sign_up(EMAIL, "correct horse")
    assert made is not None
    for person in (made.user_id, None):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, person) as conn:
            conn.execute(call)
