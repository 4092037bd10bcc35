"""Accounts that a provider's consent opened: their profile and connection, found or made by the worker."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain import zones
from shared.domain.cooldown import codes_ended_by_login
from shared.errors import NotConnected, WrongAccount
from shared.store.profiles import profiles


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the provider names it.

    `own_ids` are the methods that share its kind of id, where that is not the platform's own: only the connections of
    these can be matched by it. `login_id` is the id by which the provider names the login, where it posts by itself.
    """

    platform: str
    platform_id: str
    username: str
    display_name: str | None = None
    own_ids: Collection[str] = ()
    login_id: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The user's profile that an account may be. `is_certain` False: the name alone says so, and ids cannot."""

    profile_id: UUID
    username: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Access:
    """What is stored of a grant: the encrypted token, the scopes, and when the person has to connect again."""

    secret: bytes = field(repr=False)
    scopes: Collection[str]
    expires_at: datetime | None


# The id says which account it is. A name alone is one that a data download brought, before any id was known.
with statements(__file__) as named:
    _FIND = named("find")
_NAME: LiteralString = """
    update public.profiles p set version = p.version + 1, updated_at = now(),
        external_id = case when %(has_own_id)s then p.external_id else %(platform_id)s end,
        display_name = coalesce(%(display_name)s, p.display_name),
        username = case when exists (
            select from public.profiles o where o.user_id = p.user_id and o.platform = p.platform and o.id <> p.id
                and lower(o.username) = lower(%(username)s)
        ) then p.username else %(username)s end
    where p.id = %(id)s and p.user_id = %(user_id)s
"""
_CONNECTED: LiteralString = """
    select coalesce(c.account_id, p.external_id) as external_id
    from public.connections c join public.profiles p on p.id = c.profile_id
    where c.user_id = %s and c.method = %s and c.state = 'ACTIVE' and p.platform = %s
        and coalesce(c.account_id, p.external_id) is not null
"""
_BEGIN: LiteralString = """
    insert into public.connections as c (user_id, profile_id, method, account_id, login_id) values (%s, %s, %s, %s, %s)
    on conflict (profile_id, method) do update
        set updated_at = now(), account_id = excluded.account_id, login_id = excluded.login_id
    returning c.id, c.state = 'ACTIVE' as is_active
"""
_ACTIVATE: LiteralString = """
    update public.connections set state = 'ACTIVE', state_code = null, state_params = '{}', state_after = null,
        state_since = case when state = 'ACTIVE' then state_since else now() end,
        secret = %(secret)s, scopes = %(scopes)s, expires_at = %(expires_at)s,
        refreshed_at = null, refresh_looked_at = null,
        cooldown_until = case when cooldown_code = any(%(answered)s) then null else cooldown_until end,
        cooldown_code = case when cooldown_code = any(%(answered)s) then null else cooldown_code end,
        checked_at = now(), last_used_at = now(), updated_at = now()
    where id = %(id)s and user_id = %(user_id)s
"""
_REVOKE_LATER: LiteralString = """
    insert into public.sync_jobs (user_id, kind, args, sealed, sealed_expires_at, max_attempts)
    values (%(user_id)s, 'REVOKE', jsonb_build_object('platform', %(platform)s::text, 'way_in', %(method)s::text,
        'connection_id', %(id)s::text), %(secret)s, now() + interval '2 days', 20)
"""
_NAME_JOB: LiteralString = """
    with named as (
        update public.sync_jobs set profile_id = %(profile_id)s, updated_at = now()
        where id = %(job)s and user_id = %(user_id)s returning id
    )
    update public.sync_attempts a set profile_id = %(profile_id)s from named where a.job_id = named.id
"""


async def revoke_later(
    conn: WorkerConnection, user_id: UUID, platform: str, method: str, stored_for: UUID, secret: bytes
) -> None:
    """Enqueues the revocation of a token that no connection has; it is encrypted to a connection of the id given."""
    values = {"user_id": user_id, "platform": platform, "method": method, "id": stored_for, "secret": secret}
    await conn.execute(_REVOKE_LATER, values)


async def connected_ids(conn: WorkerConnection, user_id: UUID, platform: str, method: str) -> frozenset[str]:
    """The platform's ids of the user's accounts that are connected in this way now."""
    rows = await (await conn.execute(_CONNECTED, [user_id, method, platform])).fetchall()
    return frozenset(row["external_id"] for row in rows)


async def match(conn: WorkerConnection, user_id: UUID, account: Account) -> Match | None:
    """The user's profile that this account is, or may be by its name; None where there is none."""
    found = await (await conn.execute(_FIND, _values(user_id, account))).fetchone()
    if found is None:
        return None
    return Match(found["id"], found["username"], found["external_id"] is not None or found["any_id"] is None)


async def ensure_profile(
    conn: WorkerConnection, user_id: UUID, account: Account, timezone: str, joins: UUID | None = None
) -> UUID:
    """The user's profile of the account with its present names, made where there was none.

    `joins` is the profile that the person said is the same account. Raises NotConnected while it is being deleted,
    WrongAccount where its name belongs to another account's history.
    """
    names, values = zones.names_of(timezone), _values(user_id, account)
    found = await (await conn.execute(_FIND, values)).fetchone()
    if found is None:
        await conn.execute(profiles.ADD, [user_id, account.platform, account.username, names])
        found = await (await conn.execute(_FIND, values)).fetchone()
    if found is None or found["state"] == "DELETING":
        raise NotConnected().as_variant("deleting")
    by_name_only = found["external_id"] is None and found["any_id"] is not None and found["id"] != joins
    if found["external_id"] not in (None, account.platform_id) or by_name_only:
        raise WrongAccount().as_variant("moved")
    await conn.execute(_NAME, values | {"id": found["id"]})
    profile_id: UUID = found["id"]
    return profile_id


async def begin(
    conn: WorkerConnection,
    user_id: UUID,
    profile_id: UUID,
    method: str,
    account_id: str | None = None,
    login_id: str | None = None,
) -> tuple[UUID, bool]:
    """The profile's connection by this way in, made where there was none, and whether it works already.

    `account_id` is the account's id by this way in, where that is not the platform's own; `login_id` the id by which
    the provider names the login, where it posts by itself.
    """
    row = await (await conn.execute(_BEGIN, [user_id, profile_id, method, account_id, login_id])).fetchone()
    if row is None:
        raise NotConnected
    return row["id"], bool(row["is_active"])


async def activate(conn: WorkerConnection, user_id: UUID, connection_id: UUID, access: Access) -> None:
    """Stores the grant in the connection, whatever its state was; a disconnected one begins again."""
    values = {
        "secret": access.secret,
        "scopes": sorted(access.scopes),
        "expires_at": access.expires_at,
        "answered": codes_ended_by_login(),
        "id": connection_id,
        "user_id": user_id,
    }
    await conn.execute(_ACTIVATE, values)


async def name_job(conn: WorkerConnection, user_id: UUID, job_id: UUID, profile_id: UUID) -> None:
    """Ties the CONNECT job to the profile that it turned out to be of."""
    await conn.execute(_NAME_JOB, {"user_id": user_id, "job": job_id, "profile_id": profile_id})


def _values(user_id: UUID, account: Account) -> dict[str, object]:
    return {
        "user_id": user_id,
        "platform": account.platform,
        "platform_id": account.platform_id,
        "username": account.username,
        "display_name": account.display_name,
        "own_ids": list(account.own_ids),
        "has_own_id": bool(account.own_ids),
    }
