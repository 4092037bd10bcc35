"""Locally stored accounts, for the operator; all of it needs the database's owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.db.pools import Row


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `confirmed`: someone has shown that they read the address's mail."""

    id: UUID
    email: str
    created_at: datetime
    confirmed: bool
    second_factor: bool
    profiles: int


# An account that is being deleted has no address and no password any more.
_LIST: LiteralString = """
    select u.id, u.email, u.created_at, rollcall.mail_confirmed(u.id) as confirmed,
        exists (select from public.second_factors f where f.user_id = u.id and f.confirmed_at is not null)
            as second_factor,
        (select count(*) from public.profiles p where p.user_id = u.id and p.state <> 'DELETING') as profiles
    from auth.users u where not exists (select from rollcall.account_deletions e where e.user_id = u.id)
        and (%(email)s::text is null or lower(u.email) = lower(%(email)s))
    order by u.created_at, u.id
"""
_KEPT_HERE: LiteralString = "select to_regprocedure('rollcall.identity_create(text, text)') is not null as yes"
_CREATE: LiteralString = "select rollcall.identity_create(%s, %s) as id"
_SET_HASH: LiteralString = "update auth.users set encrypted_password = %s, updated_at = now() where id = %s"
_END_SESSIONS: LiteralString = "delete from public.web_sessions where user_id = %s"


def kept_here(conn: Connection[Row]) -> bool:
    """Whether this database keeps the accounts itself; Supabase's accounts are not ours to write to."""
    row = conn.execute(_KEPT_HERE).fetchone()
    return row is not None and bool(row["yes"])


def list_accounts(conn: Connection[Row]) -> list[Account]:
    """All accounts, the oldest first."""
    return _found(conn, None)


def find(conn: Connection[Row], email: str) -> Account | None:
    """The account of this address; None where there is none."""
    return next(iter(_found(conn, email)), None)


def create(conn: Connection[Row], email: str, password_hash: str) -> UUID | None:
    """Makes an account and returns its id; None where the address already has one."""
    row = conn.execute(_CREATE, [email, password_hash]).fetchone()
    made: UUID | None = row["id"] if row else None
    return made


def set_password(conn: Connection[Row], account: UUID, password_hash: str) -> int:
    """Replaces the password, ends all of the account's sessions and returns their number."""
    with conn.transaction():
        conn.execute(_SET_HASH, [password_hash, account])
        return end_sessions(conn, account)


def end_sessions(conn: Connection[Row], account: UUID) -> int:
    """Ends all of the account's sessions and returns their number."""
    return conn.execute(_END_SESSIONS, [account]).rowcount


def _found(conn: Connection[Row], email: str | None) -> list[Account]:
    with conn.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(_LIST, {"email": email}).fetchall()
