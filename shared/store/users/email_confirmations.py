"""Confirmation of e-mail addresses: a link, sent once, shows that the address's reader agrees to mails."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection

_CONFIRMED: LiteralString = "select rollcall.mail_confirmed(%s) as yes"
_ASK: LiteralString = "select rollcall.mail_ask(%s) as yes"
_CONFIRM: LiteralString = "select rollcall.mail_confirm(%s) as yes"
_CLAIM: LiteralString = """
    with due as (
        select user_id from public.email_confirmations where state = 'DUE' and due_at <= now()
        order by due_at limit %s for update skip locked
    )
    update public.email_confirmations c set state = 'SENDING', attempts = c.attempts + 1 from due
    where c.user_id = due.user_id returning c.user_id, c.address, c.attempts
"""
_REMEMBER: LiteralString = (
    "update public.email_confirmations set token_hash = %s where user_id = %s and state = 'SENDING'"
)
_SETTLE: LiteralString = """
    update public.email_confirmations set state = %s, due_at = now() + %s where user_id = %s and state = 'SENDING'
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """An address that should receive a link."""

    user_id: UUID
    address: str = field(repr=False)
    attempts: int


def is_confirmed(conn: WebConnection, user_id: UUID) -> bool:
    """Whether the account's address was confirmed, here or at Supabase; needs the web's own role."""
    return _yes(conn, _CONFIRMED, user_id)


def ask(conn: WebConnection, user_id: UUID) -> bool:
    """Requests the link (again); False where the address is confirmed. Needs the web's own role."""
    return _yes(conn, _ASK, user_id)


def confirm(conn: WebConnection, token: str) -> bool:
    """Confirms the address that received this link; False for an expired link. Needs the web's own role."""
    return _yes(conn, _CONFIRM, _hash(token))


async def claim(conn: WorkerConnection, most: int) -> list[Asked]:
    """Takes due addresses; each goes to one caller only."""
    async with conn.cursor(row_factory=class_row(Asked)) as cursor:
        return await (await cursor.execute(_CLAIM, [most])).fetchall()


async def remember(conn: WorkerConnection, user_id: UUID, token: str) -> None:
    """Makes this token the one that confirms; only its hash is stored."""
    await conn.execute(_REMEMBER, [_hash(token), user_id])


async def settle(conn: WorkerConnection, user_id: UUID, state: str, after: timedelta = timedelta(0)) -> None:
    """Stores the result of the mail: SENT, FAILED, or DUE again after a while."""
    await conn.execute(_SETTLE, [state, after, user_id])


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _yes(conn: WebConnection, statement: LiteralString, given: object) -> bool:
    row = conn.execute(statement, [given]).fetchone()
    return row is not None and bool(row["yes"])
