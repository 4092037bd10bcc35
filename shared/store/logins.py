"""Logins that begin at the worker's machine: whose they are, which profile, and their job in its lane."""

from __future__ import annotations

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain import zones
from shared.domain.jobs import JobKind
from shared.error_text import message
from shared.store.queue import Claimed

_FIND: LiteralString = "select rollcall.find_user(%s) as id"
_ONLY: LiteralString = "select rollcall.only_user() as id"
_ADD: LiteralString = """
    insert into public.profiles (user_id, platform, username, timezone)
    values (%s, 'instagram', %s, rollcall.zone(variadic %s::text[]))
    on conflict (user_id, platform, lower(username)) do nothing
"""
_PROFILE: LiteralString = """
    select id from public.profiles where user_id = %s and platform = 'instagram' and lower(username) = lower(%s)
"""
_BEGIN: LiteralString = """
    select id, user_id, profile_id, connection_id, kind, fence, attempt, args, cursor, sealed, priority
    from rollcall.begin_login(%s, %s, %s)
"""
_END: LiteralString = "select state, error_code, error_params from public.sync_jobs where id = %s and user_id = %s"


async def find_user(conn: WorkerConnection, email: str | None) -> UUID | None:
    """The account of this e-mail; without one the only account there is. None where there is no such account."""
    row = await (await conn.execute(_FIND, [email]) if email else await conn.execute(_ONLY)).fetchone()
    return None if row is None else row["id"]


async def ensure_profile(conn: WorkerConnection, user_id: UUID, username: str, timezone: str) -> UUID:
    """The user's profile of this name, made CONNECTING where there was none."""
    await conn.execute(_ADD, [user_id, username, zones.names_of(timezone)])
    row = await (await conn.execute(_PROFILE, [user_id, username])).fetchone()
    if row is None:
        raise LookupError("the profile was deleted while it was being added")
    found: UUID = row["id"]
    return found


async def begin(conn: WorkerConnection, profile_id: UUID, worker: str, lease: timedelta) -> Claimed | None:
    """A LOGIN job that is already this worker's; None while another job drives the profile's session."""
    row = await (await conn.execute(_BEGIN, [profile_id, worker, lease])).fetchone()
    return None if row is None else Claimed(**row | {"kind": JobKind(row["kind"])})


async def ending(conn: WorkerConnection, user_id: UUID, job_id: UUID) -> tuple[str, str | None]:
    """The job's state and its sentence for the person, None where there is none."""
    row = await (await conn.execute(_END, [job_id, user_id])).fetchone()
    return ("GONE", None) if row is None else (row["state"], message(row["error_code"], row["error_params"]))
