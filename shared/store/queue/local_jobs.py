"""Jobs that begin at the worker's machine: their user, their profile, and their endings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain import zones
from shared.domain.jobs import JobKind
from shared.error_text import message
from shared.store.profiles import profiles
from shared.store.queue.claims import Job

with statements(__file__) as named:
    _BEGIN_CONNECT = named("begin_connect")

GONE = "GONE"
_FIND: LiteralString = "select rollcall.find_user(%s) as id"
_ONLY: LiteralString = "select rollcall.only_user() as id"
_PROFILE: LiteralString = """
    select id from public.profiles where user_id = %s and platform = %s and lower(username) = lower(%s)
"""
_BEGIN: LiteralString = """
    select id, user_id, profile_id, connection_id, kind, fence, attempt, args, cursor, sealed, priority
    from rollcall.begin_login(%s, %s, %s)
"""
# A profile with only a data download is CONNECTED, and has no session to drive.
_ALL: LiteralString = """
    select p.id, p.user_id, p.platform, p.username, p.state, p.state_code, p.state_params,
        case when p.cooldown_until > now() then p.cooldown_until end as cooldown_until,
        exists (select from public.connections c
            where c.profile_id = p.id and c.method <> 'data_download' and c.state = 'ACTIVE') as has_session
    from public.profiles p where p.state <> 'DELETING' order by lower(p.username), p.created_at
"""
_PROFILE_OF: LiteralString = "select profile_id from public.sync_jobs where id = %s and user_id = %s"
_END: LiteralString = """
    select state, error_code, error_params,
        (select p.platform from public.profiles p where p.id = profile_id) as platform
    from public.sync_jobs where id = %s and user_id = %s
"""


@dataclass(frozen=True, slots=True)
class LocalProfile:
    """A profile for a command at the worker's machine; `cooldown_until` is set only during a cool-down."""

    id: UUID
    user_id: UUID
    platform: str
    username: str
    state: str
    state_code: str | None
    state_params: Mapping[str, Any]
    cooldown_until: datetime | None
    has_session: bool

    @property
    def state_reason(self) -> str | None:
        """The text that explains the state."""
        return message(self.state_code, self.state_params, self.platform)


async def find_user(conn: WorkerConnection, email: str | None) -> UUID | None:
    """The account of this e-mail; without one, the only account. None where there is no such account."""
    row = await (await conn.execute(_FIND, [email]) if email else await conn.execute(_ONLY)).fetchone()
    return None if row is None else row["id"]


async def ensure_profile(conn: WorkerConnection, user_id: UUID, platform: str, username: str, timezone: str) -> UUID:
    """The user's profile of this name on the platform, made CONNECTING if it is new."""
    await conn.execute(profiles.ADD, [user_id, platform, username, zones.names_of(timezone)])
    row = await (await conn.execute(_PROFILE, [user_id, platform, username])).fetchone()
    if row is None:
        raise LookupError("the profile was deleted while it was being added")
    found: UUID = row["id"]
    return found


async def begin(conn: WorkerConnection, profile_id: UUID, worker: str, lease: timedelta) -> Job | None:
    """A LOGIN job that this worker already holds; None while another job uses the profile's session."""
    row = await (await conn.execute(_BEGIN, [profile_id, worker, lease])).fetchone()
    return None if row is None else Job(**row | {"kind": JobKind(row["kind"])})


async def begin_connect(
    conn: WorkerConnection, user_id: UUID, platform: str, way_in: str, worker: str, lease: timedelta
) -> Job:
    """A CONNECT job that this worker already holds; it has no profile before the account is known."""
    args = Jsonb({"platform": platform, "way_in": way_in})
    given = {"user_id": user_id, "args": args, "worker": worker, "lease": lease}
    row = await (await conn.execute(_BEGIN_CONNECT, given)).fetchone()
    if row is None:
        raise LookupError("the account was deleted while the job was being made")
    return Job(**row | {"kind": JobKind(row["kind"])})


async def ending(conn: WorkerConnection, user_id: UUID, job_id: UUID) -> tuple[str, str | None]:
    """The job's state and its sentence for the person, None without one; GONE for an unknown job."""
    row = await (await conn.execute(_END, [job_id, user_id])).fetchone()
    if row is None:
        return GONE, None
    return row["state"], message(row["error_code"], row["error_params"], row["platform"])


async def profile_of(conn: WorkerConnection, user_id: UUID, job_id: UUID) -> UUID | None:
    """The profile that a job is about; None where it is gone or not known yet."""
    row = await (await conn.execute(_PROFILE_OF, [job_id, user_id])).fetchone()
    found: UUID | None = None if row is None else row["profile_id"]
    return found


async def profiles_to_sync(conn: WorkerConnection) -> list[LocalProfile]:
    """Every profile of all users that is not being deleted, by username."""
    async with conn.cursor(row_factory=class_row(LocalProfile)) as cursor:
        return await (await cursor.execute(_ALL)).fetchall()
