"""Connections: the ways into a profile. The web may begin and end one; only the worker touches its secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection


class ConnectionState(StrEnum):
    """PENDING until a login, ACTIVE while its session lives, then what ended it."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    CHALLENGED = "CHALLENGED"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """What the profile's owner may see of a connection."""

    id: UUID
    profile_id: UUID
    method: str
    state: str
    last_used_at: datetime | None
    checked_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BrowserConnection:
    """A connection with its encrypted secrets, for the worker."""

    id: UUID
    user_id: UUID
    profile_id: UUID
    state: str
    secret: bytes | None = field(repr=False)
    totp_secret: bytes | None = field(repr=False)


_VIEW: LiteralString = """
    select id, profile_id, method, state, last_used_at, checked_at, created_at from public.connections
    where profile_id = %s and method = 'browser'
"""
_BEGIN: LiteralString = """
    insert into public.connections (user_id, profile_id, method) values (%s, %s, 'browser')
    on conflict (profile_id, method) do nothing
"""
_REMOVE: LiteralString = "delete from public.connections where profile_id = %s"
_LOAD: LiteralString = """
    select id, user_id, profile_id, state, secret, totp_secret from public.connections
    where user_id = %s and profile_id = %s and method = 'browser'
"""
_ACTIVATE: LiteralString = """
    update public.connections set state = 'ACTIVE', secret = %(secret)s, totp_secret = coalesce(%(totp)s, totp_secret),
        checked_at = now(), last_used_at = now(), updated_at = now()
    where id = %(id)s and user_id = %(user_id)s
"""
_ROTATE: LiteralString = """
    update public.connections set secret = %s, last_used_at = now(), updated_at = now()
    where id = %s and user_id = %s and state = 'ACTIVE'
"""
_MARK: LiteralString = """
    update public.connections set state = %s, checked_at = now(), updated_at = now()
    where id = %s and user_id = %s and state <> 'REVOKED'
"""


def view(conn: WebConnection, profile_id: UUID) -> ConnectionView | None:
    """The browser connection of a profile without its secrets, None when there is none."""
    with conn.cursor(row_factory=class_row(ConnectionView)) as cursor:
        return cursor.execute(_VIEW, [profile_id]).fetchone()


def begin(conn: WebConnection, user_id: UUID, profile_id: UUID) -> None:
    """Makes the PENDING browser connection that a LOGIN job fills; one that exists stays, with its device cookies."""
    conn.execute(_BEGIN, [user_id, profile_id])


def remove(conn: WebConnection, profile_id: UUID) -> None:
    """Disconnects: the row goes, and the session's cookies and the authenticator secret with it."""
    conn.execute(_REMOVE, [profile_id])


async def load(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> BrowserConnection | None:
    """The user's browser connection of a profile, None when there is none."""
    async with conn.cursor(row_factory=class_row(BrowserConnection)) as cursor:
        return await (await cursor.execute(_LOAD, [user_id, profile_id])).fetchone()


async def ensure(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> None:
    """Makes the PENDING browser connection where the web made none."""
    await conn.execute(_BEGIN, [user_id, profile_id])


async def activate(
    conn: WorkerConnection, user_id: UUID, connection_id: UUID, secret: bytes, totp_secret: bytes | None
) -> bool:
    """Stores a fresh session (and the authenticator secret if one was given); False when the connection is gone."""
    values = {"secret": secret, "totp": totp_secret, "id": connection_id, "user_id": user_id}
    return (await conn.execute(_ACTIVATE, values)).rowcount == 1


async def rotate(conn: WorkerConnection, user_id: UUID, connection_id: UUID, secret: bytes) -> None:
    """Stores the session as it is after use, unless the connection ended in the meantime."""
    await conn.execute(_ROTATE, [secret, connection_id, user_id])


async def mark(conn: WorkerConnection, user_id: UUID, connection_id: UUID, state: ConnectionState) -> None:
    """Sets what the platform made of the connection; a revoked one stays revoked."""
    await conn.execute(_MARK, [state, connection_id, user_id])
