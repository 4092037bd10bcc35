"""The second factor of locally stored accounts; all of it needs the web's own role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.db.pools import WebConnection


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """An authenticator's sealed secret; sign-in asks for it only after it is `confirmed`."""

    secret: bytes = field(repr=False)
    confirmed: bool
    codes_left: int


_FIND: LiteralString = "select secret, confirmed, codes_left from rollcall.second_factor(%s)"
_BEGIN: LiteralString = "select rollcall.second_factor_begin(%s, %s) as yes"
_CONFIRM: LiteralString = "select rollcall.second_factor_confirm(%s, %s, %s, %s::bytea[]) as yes"
_USE: LiteralString = "select rollcall.second_factor_use(%s, %s) as yes"
_RECOVER: LiteralString = "select rollcall.second_factor_recover(%s, %s) as yes"
_END: LiteralString = "select rollcall.second_factor_end(%s)"


def find(conn: WebConnection, user_id: UUID) -> SecondFactor | None:
    """The account's second factor, confirmed or not; None without one."""
    with conn.cursor(row_factory=class_row(SecondFactor)) as cursor:
        return cursor.execute(_FIND, [user_id]).fetchone()


def begin(conn: WebConnection, user_id: UUID, sealed: bytes) -> bool:
    """Stores a secret to be confirmed, in place of an earlier one; False where one is in force."""
    return _yes(conn, _BEGIN, user_id, sealed)


def confirm(conn: WebConnection, user_id: UUID, sealed: bytes, step: int, hashes: Sequence[bytes]) -> bool:
    """Puts exactly this secret in force, with its recovery codes; False if another is stored, or it already is."""
    return _yes(conn, _CONFIRM, user_id, sealed, step, list(hashes))


def use(conn: WebConnection, user_id: UUID, step: int) -> bool:
    """Uses up the code of one half minute; False when it, or a later one, was used before."""
    return _yes(conn, _USE, user_id, step)


def recover(conn: WebConnection, user_id: UUID, code_hash: bytes) -> bool:
    """Uses up a recovery code; False for an unknown or used one."""
    return _yes(conn, _RECOVER, user_id, code_hash)


def end(conn: Connection[Any], user_id: UUID) -> None:
    """Switches the second factor off; the worker's role may do so too, for a user who lost every device and code."""
    conn.execute(_END, [user_id])


def _yes(conn: WebConnection, statement: LiteralString, *given: object) -> bool:
    row = conn.execute(statement, given).fetchone()
    return row is not None and bool(row["yes"])
