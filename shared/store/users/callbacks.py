"""Callbacks: what a provider posts by itself when a person removed the app there or wants their data deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.db.statements import statements
from shared.error_text import StoredError
from shared.store.params import storable

# So many posts wait at most; a provider sends far fewer.
MOST_WAITING = 1000


class CallbackKind(StrEnum):
    """What the person did at the provider."""

    DEAUTHORIZE = "deauthorize"
    DATA_DELETION = "data_deletion"


class CallbackState(StrEnum):
    """RECEIVED until a worker has looked; then what came of it."""

    RECEIVED = "RECEIVED"
    ERASING = "ERASING"
    DONE = "DONE"
    UNKNOWN = "UNKNOWN"
    """No connection has the login."""
    REFUSED = "REFUSED"
    """The signature is wrong."""


@dataclass(frozen=True, slots=True)
class CallbackView:
    """How a callback stands, for the person who has its code."""

    provider: str
    kind: CallbackKind
    state: CallbackState
    received_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A callback that no worker has looked at yet."""

    id: UUID
    provider: str
    kind: CallbackKind
    received_at: datetime
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Named:
    """A connection of the login that a callback is about."""

    id: UUID
    user_id: UUID
    profile_id: UUID
    method: str
    state: str
    profile_state: str


@dataclass(frozen=True, slots=True)
class ToErase:
    """A connection whose data goes. `has_others`: its profile has been read in another way, too."""

    id: UUID
    user_id: UUID
    profile_id: UUID
    method: str
    profile_state: str
    has_others: bool
    is_used: bool


with statements(__file__) as named:
    _NAMED = named("named")
    _END = named("end")
    _CANCEL = named("cancel")
    _TO_ERASE = named("to_erase")
    _OWN_MEDIA = named("own_media")
_RECEIVE: LiteralString = "select rollcall.receive_callback(%s, %s, %s, %s, %s, %s) as yes"
_VIEW: LiteralString = "select provider, kind, state, received_at, ended_at from rollcall.callback_of(%s)"
_NEXT: LiteralString = """
    select id, provider, kind, received_at, sealed from rollcall.callbacks
    where state = 'RECEIVED' and id <> all(%s) order by received_at limit 1 for update skip locked
"""
_BECOME: LiteralString = """
    update rollcall.callbacks set state = %(state)s, sealed = null, connection_ids = %(connections)s,
        ended_at = case when %(state)s = 'ERASING' then null else now() end
    where id = %(id)s and ended_at is null
"""
_ERASING: LiteralString = (
    "select id, connection_ids from rollcall.callbacks where state = 'ERASING' order by received_at"
)
_FORGET: LiteralString = "delete from public.connections where id = %s and user_id = %s"
_DELETING: LiteralString = """
    update public.profiles set state = 'DELETING', state_code = null, state_params = '{}', state_since = now(),
        version = version + 1, updated_at = now()
    where id = %s and user_id = %s and state <> 'DELETING'
"""
_OLD: LiteralString = "delete from rollcall.callbacks where ended_at < now() - %s"
_SHARED: LiteralString = """
    select exists (
        select from public.connections where method = %s and login_id = %s and id <> %s and secret is not null
    ) as yes
"""
_ROWS: LiteralString = """
    delete from public.{table} where ctid = any(array(
        select ctid from public.{table}
        where user_id = %(user_id)s and profile_id = %(profile_id)s and source = %(source)s limit %(limit)s
    ))
"""
_OF_SOURCE = (
    "media_insights",
    "official_media",
    "media_metrics",
    "profile_counts",
    "insight_days",
    "insight_totals",
    "insight_coverage",
    "audience_shares",
    "metric_refusals",
)
# What the way in alone has shown goes first, as long as the rows that say so are there.
_STEPS: tuple[sql.Composed | LiteralString, ...] = (
    _OWN_MEDIA,
    *(sql.SQL(_ROWS).format(table=sql.Identifier(name)) for name in _OF_SOURCE),
)


def receive(
    conn: WebConnection, callback_id: UUID, code_hash: bytes, provider: str, kind: CallbackKind, sealed: bytes
) -> bool:
    """Stores a callback as it came; False where too many wait already."""
    given = [callback_id, code_hash, provider, kind, sealed, MOST_WAITING]
    row = conn.execute(_RECEIVE, given).fetchone()
    return row is not None and bool(row["yes"])


def view(conn: WebConnection, code_hash: bytes) -> CallbackView | None:
    """How the callback with this code stands; None for an unknown code."""
    row = conn.execute(_VIEW, [code_hash]).fetchone()
    if row is None:
        return None
    return CallbackView(**row | {"kind": CallbackKind(row["kind"]), "state": CallbackState(row["state"])})


async def next_waiting(conn: WorkerConnection, but: Sequence[UUID] = ()) -> Waiting | None:
    """The oldest callback that no worker has looked at, locked for this transaction; None where there is none."""
    row = await (await conn.execute(_NEXT, [list(but)])).fetchone()
    return None if row is None else Waiting(**row | {"kind": CallbackKind(row["kind"])})


async def become(
    conn: WorkerConnection, callback_id: UUID, state: CallbackState, connections: Sequence[UUID] = ()
) -> None:
    """Notes what came of a callback, and forgets what was sealed."""
    await conn.execute(_BECOME, {"id": callback_id, "state": state, "connections": list(connections)})


async def with_login(conn: WorkerConnection, platform: str, method: str, login_id: str) -> list[Named]:
    """Every user's connections that this login opened, disconnected ones too, locked for this transaction."""
    async with conn.cursor(row_factory=class_row(Named)) as cursor:
        values = {"platform": platform, "method": method, "login_id": login_id}
        return await (await cursor.execute(_NAMED, values)).fetchall()


async def end(conn: WorkerConnection, found: Named, why: StoredError) -> None:
    """Erases the connection's token, and says why it ended; a disconnected one stays so."""
    given = {"id": found.id, "user_id": found.user_id, "code": why.code, "params": storable(why.params)}
    await conn.execute(_END, given)


async def cancel_jobs(conn: WorkerConnection, found: Named) -> None:
    """Ends the connection's waiting jobs, and asks a running one to stop."""
    await conn.execute(_CANCEL, {"id": found.id, "user_id": found.user_id})


async def erasing(conn: WorkerConnection) -> dict[UUID, list[UUID]]:
    """The callbacks whose data goes, each with its connections."""
    return {row["id"]: row["connection_ids"] async for row in await conn.execute(_ERASING)}


async def to_erase(conn: WorkerConnection, connections: Sequence[UUID]) -> list[ToErase]:
    """Those of these connections that are still there."""
    async with conn.cursor(row_factory=class_row(ToErase)) as cursor:
        return await (await cursor.execute(_TO_ERASE, [list(connections)])).fetchall()


async def erase(conn: WorkerConnection, found: ToErase, limit: int) -> int:
    """Deletes up to `limit` rows of each kind that this way in has brought, and returns their number."""
    given = {"user_id": found.user_id, "profile_id": found.profile_id, "source": found.method, "limit": limit}
    gone = 0
    for step in _STEPS:
        gone += (await conn.execute(step, given)).rowcount
        if gone >= limit:
            break
    return gone


async def forget(conn: WorkerConnection, found: ToErase) -> None:
    """Deletes the connection's own row."""
    await conn.execute(_FORGET, [found.id, found.user_id])


async def begin_deletion(conn: WorkerConnection, found: ToErase) -> bool:
    """Marks the profile for its deletion; False where that was begun before."""
    return (await conn.execute(_DELETING, [found.profile_id, found.user_id])).rowcount == 1


async def remove_old(conn: WorkerConnection, kept: timedelta) -> int:
    """Removes callbacks that ended long ago, and returns their number."""
    return (await conn.execute(_OLD, [kept])).rowcount


async def is_shared(conn: WorkerConnection, method: str, login_id: str, but: UUID) -> bool:
    """Whether another connection, of any user, lives from the same login at the provider."""
    row = await (await conn.execute(_SHARED, [method, login_id, but])).fetchone()
    return row is not None and bool(row["yes"])
