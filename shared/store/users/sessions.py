"""Web sessions: found by the hash of their token before anyone is signed in, listed and ended by their owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection


@dataclass(frozen=True, slots=True)
class FoundSession:
    session_id: UUID
    user_id: UUID
    email: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session, for its owner."""

    id: UUID
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


_OPEN: LiteralString = "select rollcall.session_open(%s, %s, %s, %s, %s) as id"
_FIND: LiteralString = "select session_id, user_id, email from rollcall.session_find(%s, %s, %s)"
_CLOSE: LiteralString = "select rollcall.session_close(%s)"
_LIST: LiteralString = """
    select id, user_agent, address, created_at, last_seen_at, expires_at from public.web_sessions
    where user_id = %s and expires_at > now() order by last_seen_at desc, id
"""
_END: LiteralString = "delete from public.web_sessions where id = %s and user_id = %s"
_END_OTHERS: LiteralString = "delete from public.web_sessions where user_id = %s and id <> %s"


def open_session(
    conn: WebConnection, user_id: UUID, token_hash: bytes, lifetime: timedelta, agent: str, address: str | None
) -> UUID:
    """Begins a session and returns its id; needs the web's own role, as do `find` and `close`."""
    (row,) = conn.execute(_OPEN, [user_id, token_hash, lifetime, agent, address]).fetchall()
    session_id: UUID = row["id"]
    return session_id


def find(conn: WebConnection, token_hash: bytes, lifetime: timedelta, longest: timedelta) -> FoundSession | None:
    """The live session of this token, extended to `lifetime` from now; None without one.

    It ends `longest` after it began, however often it is used.
    """
    with conn.cursor(row_factory=class_row(FoundSession)) as cursor:
        return cursor.execute(_FIND, [token_hash, lifetime, longest]).fetchone()


def close(conn: WebConnection, token_hash: bytes) -> None:
    """Ends the session of this token, if there is one."""
    conn.execute(_CLOSE, [token_hash])


def list_sessions(conn: WebConnection, user_id: UUID) -> list[SessionRow]:
    """The person's live sessions, the one used last first."""
    with conn.cursor(row_factory=class_row(SessionRow)) as cursor:
        return cursor.execute(_LIST, [user_id]).fetchall()


def end(conn: WebConnection, user_id: UUID, session_id: UUID) -> bool:
    """Ends one of the person's sessions and returns whether there was one."""
    return conn.execute(_END, [session_id, user_id]).rowcount == 1


def end_others(conn: WebConnection, user_id: UUID, keep: UUID) -> int:
    """Ends all of the person's sessions but one and returns their number."""
    return conn.execute(_END_OTHERS, [user_id, keep]).rowcount
