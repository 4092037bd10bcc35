"""The Supabase tokens of hosted sign-ins, stored with their web sessions; all of it needs the web's own role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection


@dataclass(frozen=True, slots=True)
class HeldTokens:
    """Sealed tokens and their state; `seconds_left` may be below zero.

    `factor_due` and `password_due` are the steps that the sign-in still needs, for `seconds_due` already.
    """

    sealed: bytes = field(repr=False)
    version: int
    seconds_left: float
    claimed: bool
    waits: bool
    factor_due: bool
    password_due: bool
    seconds_due: float


_OPEN: LiteralString = "select rollcall.session_open_hosted(%s, %s, %s, %s, %s, %s, %s, %s)"
_TOKENS: LiteralString = """
    select sealed, version, seconds_left, claimed, waits, factor_due, password_due, seconds_due
    from rollcall.session_tokens(%(session)s) cross join rollcall.session_dues(%(session)s)
"""
_OWE: LiteralString = "select rollcall.session_owe(%s, %s, %s, %s)"
_CLAIM: LiteralString = "select rollcall.session_claim_refresh(%s, %s, %s) as claimed"
_STORE: LiteralString = "select rollcall.session_store_tokens(%s, %s, %s, %s) as stored"
_POSTPONE: LiteralString = "select rollcall.session_postpone_refresh(%s, %s, %s)"
_TAKE: LiteralString = "select sealed from rollcall.session_take(%s, %s)"


def open_session(
    conn: WebConnection,
    session_id: UUID,
    user_id: UUID,
    token_hash: bytes,
    lifetime: timedelta,
    agent: str,
    address: str | None,
    sealed: bytes,
    good_for: timedelta,
) -> None:
    """Begins a session with its tokens; the access token is valid for `good_for`."""
    conn.execute(_OPEN, [session_id, user_id, token_hash, lifetime, agent, address, sealed, good_for])


def tokens(conn: WebConnection, session_id: UUID) -> HeldTokens | None:
    """The session's tokens; None when it is over, or has none."""
    with conn.cursor(row_factory=class_row(HeldTokens)) as cursor:
        return cursor.execute(_TOKENS, {"session": session_id}).fetchone()


def owe(conn: WebConnection, session_id: UUID, user_id: UUID, *, factor: bool, password: bool) -> None:
    """Stores the steps that the user's session needs before it opens anything; none, when both are False."""
    conn.execute(_OWE, [session_id, user_id, factor, password])


def claim_refresh(conn: WebConnection, session_id: UUID, version: int, patience: timedelta) -> bool:
    """Whether the caller refreshes this version; others may try again after `patience`."""
    row = conn.execute(_CLAIM, [session_id, version, patience]).fetchone()
    return bool(row and row["claimed"])


def store_tokens(conn: WebConnection, session_id: UUID, version: int, sealed: bytes, good_for: timedelta) -> bool:
    """Puts fresh tokens in place of `version`; False when another version is stored by now."""
    row = conn.execute(_STORE, [session_id, version, sealed, good_for]).fetchone()
    return bool(row and row["stored"])


def postpone_refresh(conn: WebConnection, session_id: UUID, version: int, pause: timedelta) -> None:
    """Gives a claim back and blocks further tries for a while."""
    conn.execute(_POSTPONE, [session_id, version, pause])


def take(conn: WebConnection, session_id: UUID, user_id: UUID) -> bytes | None:
    """Ends the user's session and returns its sealed tokens; None without one."""
    row = conn.execute(_TAKE, [session_id, user_id]).fetchone()
    return row["sealed"] if row else None
