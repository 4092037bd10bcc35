"""Connections: the ways into a profile. The web may begin and end one; only the worker touches its secrets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain.cooldown import codes_ended_by_login
from shared.domain.jobs import JobKind
from shared.error_text import StoredError
from shared.store.params import storable


class ConnectionState(StrEnum):
    """PENDING until a login, ACTIVE while its session lives, then what ended it; REVOKED by its person.

    COOLING_DOWN follows a warning of the platform, and ends when the person says so. Any other cool-down is
    `cooldown_until` beside the state.
    """

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    CHALLENGED = "CHALLENGED"
    COOLING_DOWN = "COOLING_DOWN"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """The part of a connection that the profile's owner may see."""

    id: UUID
    profile_id: UUID
    method: str
    state: str
    has_login_secret: bool
    logged_in_again_at: datetime | None
    last_used_at: datetime | None
    checked_at: datetime | None
    scopes: Sequence[str]
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BrowserConnection:
    """A connection with its encrypted secrets, for the worker; a token is the secret of one that a consent opened.

    `account_id` is the account's id by this way in, None where that is the platform's own. `expires_at` (aware) is when
    the person has to connect again, as far as that is known.
    """

    id: UUID
    user_id: UUID
    profile_id: UUID
    method: str
    state: str
    account_id: str | None
    expires_at: datetime | None
    secret: bytes | None = field(repr=False)
    totp_secret: bytes | None = field(repr=False)
    login_secret: bytes | None = field(repr=False)


_VIEW: LiteralString = """
    select id, profile_id, method, state, has_login_secret, logged_in_again_at, last_used_at, checked_at, scopes,
        expires_at, created_at
    from public.connections
    where profile_id = %(profile_id)s and method = coalesce(%(method)s, method) and method <> 'data_download'
        and state <> 'REVOKED'
    order by state = 'ACTIVE' desc, created_at limit 1
"""
_ENSURE: LiteralString = """
    insert into public.connections (user_id, profile_id, method) values (%s, %s, 'browser')
    on conflict (profile_id, method) do nothing
"""
_LOAD: LiteralString = """
    select id, user_id, profile_id, method, state, account_id, expires_at, secret, totp_secret, login_secret
    from public.connections
    where user_id = %s and profile_id = %s and method = 'browser' and state <> 'REVOKED'
"""
_LOAD_USED: LiteralString = """
    select id, user_id, profile_id, method, state, account_id, expires_at, secret, totp_secret, login_secret
    from public.connections
    where user_id = %s and profile_id = %s and id = %s and state <> 'REVOKED'
"""
_METHOD: LiteralString = "select method from public.connections where user_id = %s and id = %s"
_ACCOUNT_ID: LiteralString = "select account_id from public.connections where user_id = %s and id = %s"
_NAME_LOGIN: LiteralString = """
    update public.connections set login_id = %s, updated_at = now()
    where id = %s and user_id = %s and login_id is distinct from %s
"""
_CHOOSE: LiteralString = """
    select w.kind, c.id from unnest(%(kinds)s::text[]) as w (kind)
        join public.connections c on c.id = rollcall.connection_for(%(profile_id)s, w.kind)
    where c.user_id = %(user_id)s and c.state = 'ACTIVE'
"""
_ACTIVATE: LiteralString = """
    update public.connections set state = 'ACTIVE', state_code = null, state_params = '{}', state_after = null,
        state_since = case when state = 'ACTIVE' then state_since else now() end,
        secret = %(secret)s, totp_secret = coalesce(%(totp)s, totp_secret),
        login_secret = case when %(keep_login)s then login_secret else %(login)s end,
        cooldown_until = case when cooldown_code = any(%(answered)s) then null else cooldown_until end,
        cooldown_code = case when cooldown_code = any(%(answered)s) then null else cooldown_code end,
        checked_at = now(), last_used_at = now(), updated_at = now()
    where id = %(id)s and user_id = %(user_id)s and state <> 'REVOKED'
"""
# Not over a secret that a login or a consent has stored meanwhile: no two encryptions of a secret are the same bytes.
_ROTATE: LiteralString = """
    update public.connections set secret = %(secret)s, scopes = coalesce(%(scopes)s, scopes), last_used_at = now(),
        refreshed_at = case when %(renewed)s then now() else refreshed_at end,
        expires_at = coalesce(%(ends_at)s, expires_at), updated_at = now()
    where id = %(id)s and user_id = %(user_id)s and secret = %(opened)s
        and (state = 'ACTIVE' or state_after = 'ACTIVE')
"""
# Stored while the connection does not work: the same device, logged out, for the next login.
_KEEP_DEVICE: LiteralString = """
    update public.connections set secret = %s, updated_at = now()
    where id = %s and user_id = %s and state not in ('ACTIVE', 'REVOKED') and state_after is distinct from 'ACTIVE'
"""
_CHECKED: LiteralString = """
    update public.connections set checked_at = now(), updated_at = now() where id = %s and user_id = %s
"""
_FORGET: LiteralString = """
    update public.connections set login_secret = null, updated_at = now() where id = %s and user_id = %s
"""
_LOG_IN_AGAIN: LiteralString = """
    update public.connections set logged_in_again_at = now(), updated_at = now()
    where id = %s and user_id = %s and has_login_secret
        and (logged_in_again_at is null or logged_in_again_at <= now() - %s::interval)
"""
_MARK: LiteralString = """
    update public.connections set state = %(state)s, state_code = %(code)s, state_params = %(params)s,
        state_after = null, checked_at = now(), updated_at = now(),
        state_since = case when state = %(state)s then state_since else now() end
    where id = %(id)s and user_id = %(user_id)s and state <> 'REVOKED'
"""
_EXPLAIN: LiteralString = """
    update public.connections set state_code = %(code)s, state_params = %(params)s, updated_at = now()
    where id = %(id)s and user_id = %(user_id)s and state = %(state)s
"""
_WARNED: LiteralString = """
    update public.connections set state = 'COOLING_DOWN', state_code = %(code)s, state_params = %(params)s,
        updated_at = now(),
        state_after = case when state = 'ACTIVE' then 'ACTIVE' else coalesce(state_after, 'EXPIRED') end,
        state_since = case when state = 'COOLING_DOWN' then state_since else now() end
    where id = %(id)s and user_id = %(user_id)s and state <> 'REVOKED'
"""


def view(conn: WebConnection, profile_id: UUID, method: str | None = None) -> ConnectionView | None:
    """The connection by which a profile is synced, or the one of this method, without its secrets; None without one."""
    with conn.cursor(row_factory=class_row(ConnectionView)) as cursor:
        return cursor.execute(_VIEW, {"profile_id": profile_id, "method": method}).fetchone()


def begin(conn: WebConnection, profile_id: UUID) -> None:
    """Makes the PENDING browser connection that a LOGIN job fills; an existing one stays, with its device cookies."""
    conn.execute("select rollcall.begin_connection(%s, 'browser')", [profile_id])


def forget_login_for_web(conn: WebConnection, profile_id: UUID) -> bool:
    """Erases the user's stored password and returns whether there was one."""
    row = conn.execute("select rollcall.forget_login(%s) as yes", [profile_id]).fetchone()
    return row is not None and bool(row["yes"])


def disconnect(conn: WebConnection, profile_id: UUID) -> None:
    """Disconnects: erases the session's cookies, the authenticator secret and a stored password."""
    conn.execute("select rollcall.disconnect(%s)", [profile_id])


def disconnect_one(conn: WebConnection, connection_id: UUID) -> bool:
    """Disconnects one of the person's connections: its secret is erased, and a token is revoked by a job.

    Its waiting jobs go to another connection that can do them, or end. False where there is none to disconnect.
    """
    row = conn.execute("select rollcall.disconnect_one(%s) as yes", [connection_id]).fetchone()
    return row is not None and bool(row["yes"])


async def load(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> BrowserConnection | None:
    """The user's browser connection of a profile, None when there is none."""
    async with conn.cursor(row_factory=class_row(BrowserConnection)) as cursor:
        return await (await cursor.execute(_LOAD, [user_id, profile_id])).fetchone()


async def load_used(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, connection_id: UUID
) -> BrowserConnection | None:
    """The connection that a job uses; None when it is gone."""
    async with conn.cursor(row_factory=class_row(BrowserConnection)) as cursor:
        return await (await cursor.execute(_LOAD_USED, [user_id, profile_id, connection_id])).fetchone()


async def method_of(conn: WorkerConnection, user_id: UUID, connection_id: UUID | None) -> str:
    """The way in of a connection; the browser where there is none."""
    row = await (await conn.execute(_METHOD, [user_id, connection_id])).fetchone()
    return "browser" if row is None else str(row["method"])


async def account_id_of(conn: WorkerConnection, user_id: UUID, connection_id: UUID | None) -> str | None:
    """The id by which a connection's way in names the account; None where that is the platform's own."""
    row = await (await conn.execute(_ACCOUNT_ID, [user_id, connection_id])).fetchone()
    return None if row is None else row["account_id"]


async def name_login(conn: WorkerConnection, user_id: UUID, connection_id: UUID, login_id: str) -> None:
    """Notes the id by which the provider names the login, which is not known of connections of an older version."""
    await conn.execute(_NAME_LOGIN, [login_id, connection_id, user_id, login_id])


async def choose(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, kinds: Collection[JobKind]
) -> dict[JobKind, UUID]:
    """The working connection that does each of these kinds now; a kind that none offers is left out."""
    values = {"user_id": user_id, "profile_id": profile_id, "kinds": sorted(kinds)}
    return {JobKind(row["kind"]): row["id"] async for row in await conn.execute(_CHOOSE, values)}


async def ensure(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> None:
    """Makes the PENDING browser connection where the web made none."""
    await conn.execute(_ENSURE, [user_id, profile_id])


async def activate(
    conn: WorkerConnection,
    user_id: UUID,
    connection_id: UUID,
    secret: bytes,
    totp_secret: bytes | None = None,
    *,
    login_secret: bytes | None = None,
    keep_login: bool = True,
) -> bool:
    """Stores a fresh session (and the authenticator secret if one was given); False when the connection is gone.

    The stored password stays as it is, unless `keep_login` is False: then `login_secret` takes its place, or nothing.
    A cool-down goes on, unless its cause was a question that this login has answered.
    """
    values = {
        "secret": secret,
        "totp": totp_secret,
        "login": login_secret,
        "keep_login": keep_login,
        "answered": codes_ended_by_login(),
        "id": connection_id,
        "user_id": user_id,
    }
    return (await conn.execute(_ACTIVATE, values)).rowcount == 1


async def rotate(
    conn: WorkerConnection,
    user_id: UUID,
    connection_id: UUID,
    opened: bytes,
    secret: bytes,
    scopes: Collection[str] | None = None,
    *,
    is_renewed: bool = False,
    ends_at: datetime | None = None,
) -> None:
    """Stores the session after its use in place of the one that was opened, and the scopes that it has now.

    `is_renewed` says that it holds another token, as an official way in gets one at a call; `ends_at` is then when the
    person has to connect again, None where that stays as it was.
    A connection that ended meanwhile stays as it is, and so does one that was connected again.
    """
    left = None if scopes is None else sorted(scopes)
    values = {"secret": secret, "scopes": left, "opened": opened, "id": connection_id, "user_id": user_id}
    await conn.execute(_ROTATE, values | {"renewed": is_renewed, "ends_at": ends_at})


async def keep_device(conn: WorkerConnection, user_id: UUID, connection_id: UUID, secret: bytes) -> None:
    """Stores the device of a failed login, so that the platform knows it next time; a live session stays."""
    await conn.execute(_KEEP_DEVICE, [secret, connection_id, user_id])


async def mark_checked(conn: WorkerConnection, user_id: UUID, connection_id: UUID) -> None:
    """Records that the session has just answered."""
    await conn.execute(_CHECKED, [connection_id, user_id])


async def may_log_in_again(
    conn: WorkerConnection, user_id: UUID, connection_id: UUID, at_most_every: timedelta
) -> bool:
    """Whether an automatic login may begin now, which counts as begun: a password is stored, and none began lately."""
    return (await conn.execute(_LOG_IN_AGAIN, [connection_id, user_id, at_most_every])).rowcount == 1


async def forget_login(conn: WorkerConnection, user_id: UUID, connection_id: UUID) -> None:
    """Erases the stored password."""
    await conn.execute(_FORGET, [connection_id, user_id])


async def mark(
    conn: WorkerConnection, user_id: UUID, connection_id: UUID, state: ConnectionState, why: StoredError | None = None
) -> None:
    """Sets the state of the connection after the platform's answer, and its cause; a revoked one stays revoked."""
    await conn.execute(_MARK, {"state": state, "id": connection_id, "user_id": user_id} | _why(why))


async def explain(
    conn: WorkerConnection, user_id: UUID, connection_id: UUID, state: ConnectionState, why: StoredError
) -> None:
    """Replaces the cause of this state, if the connection is in it."""
    await conn.execute(_EXPLAIN, {"state": state, "id": connection_id, "user_id": user_id} | _why(why))


async def mark_warned(conn: WorkerConnection, user_id: UUID, connection_id: UUID, why: StoredError) -> None:
    """COOLING_DOWN until its person ends that. The job's end sets the length of the cool-down."""
    await conn.execute(_WARNED, {"id": connection_id, "user_id": user_id} | _why(why))


def _why(why: StoredError | None) -> dict[str, Any]:
    return {"code": why and why.code, "params": storable({} if why is None else why.params)}
