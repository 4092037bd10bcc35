"""Profiles: the accounts that people follow up. The web reads and schedules them, the worker writes its readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.db.statements import statements
from shared.domain import zones
from shared.domain.jobs import JobKind
from shared.domain.schedules import KindSchedule
from shared.domain.social import ProfileFacts
from shared.error_text import message


class ProfileState(StrEnum):
    """Follows from the profile's connections, except DELETING. The schedule reads CONNECTED ones.

    CONNECTING until the first login; COOLING_DOWN after a warning of the platform, until its person ends it. Any other
    cool-down is no state, but `cooldown_until`.
    """

    CONNECTING = "CONNECTING"
    CONNECTED = "CONNECTED"
    NEEDS_LOGIN = "NEEDS_LOGIN"
    CHALLENGED = "CHALLENGED"
    COOLING_DOWN = "COOLING_DOWN"
    DISCONNECTED = "DISCONNECTED"
    DELETING = "DELETING"


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One row of `profiles`. Counts are None until read; `observed_at` is the platform's time of the newest reading.

    `schedules` are of the kinds that its connections offer, and of all kinds of its platform while none works.
    """

    id: UUID
    user_id: UUID
    platform: str
    username: str
    external_id: str | None
    display_name: str | None
    biography: str | None
    category: str | None
    external_url: str | None
    is_private: bool | None
    is_verified: bool | None
    is_professional: bool | None
    followers: int | None
    following: int | None
    media_count: int | None
    mutual_count: int | None
    fan_count: int | None
    not_following_back_count: int | None
    timezone: str
    state: str
    state_code: str | None
    state_params: Mapping[str, Any]
    state_since: datetime
    cooldown_until: datetime | None
    cooldown_code: str | None
    observed_at: datetime | None
    schedule_paused: bool
    version: int
    schedules: Mapping[JobKind, KindSchedule]
    created_at: datetime

    def __post_init__(self) -> None:
        rows: Any = self.schedules
        if isinstance(rows, list):
            object.__setattr__(
                self, "schedules", {JobKind(row["kind"]): _schedule(row) for row in rows if row["kind"] in _KNOWN}
            )

    @property
    def state_reason(self) -> str | None:
        """What the person reads of the cause of the state; None where there is nothing to say."""
        return message(self.state_code, self.state_params, self.platform)

    @property
    def reads_people(self) -> bool:
        """Whether some connection reads a list of people, or could: an official one may give figures alone."""
        return JobKind.SYNC_FOLLOWERS in self.schedules or JobKind.SYNC_FOLLOWING in self.schedules

    def next_at(self, kind: JobKind) -> datetime | None:
        """When a kind of sync is due next by schedule; None while it is not scheduled."""
        schedule = self.schedules.get(kind)
        return None if schedule is None else schedule.next_at


_KNOWN = frozenset(JobKind)


def _schedule(row: Mapping[str, Any]) -> KindSchedule:
    next_at = None if row["next_at"] is None else datetime.fromisoformat(row["next_at"])
    return KindSchedule(timedelta(seconds=row["every"]), next_at, row["is_automatic"])


# The database may not know a stored zone; every figure is of UTC then. Only another version knows some kinds.
_SPECIAL: Mapping[str, LiteralString] = {
    "timezone": "rollcall.zone(timezone) as timezone",
    "schedules": """(
        select coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'every', extract(epoch from s.every),
            'next_at', s.next_at, 'is_automatic', s.is_automatic)), '[]')
        from public.schedules s where s.profile_id = profiles.id and s.is_offered
    ) as schedules""",
}
_COLUMNS = sql.SQL(", ").join(
    sql.SQL(_SPECIAL[f.name]) if f.name in _SPECIAL else sql.Identifier(f.name) for f in fields(ProfileRow)
)
_GET = sql.SQL("select {} from public.profiles where id = %s and state <> 'DELETING'").format(_COLUMNS)
_LIST = sql.SQL("select {} from public.profiles where state <> 'DELETING' order by created_at, id").format(_COLUMNS)
_FIND = sql.SQL(
    "select {} from public.profiles where user_id = %s and platform = %s and lower(username) = lower(%s)"
).format(_COLUMNS)
_LOAD = sql.SQL("select {} from public.profiles where id = %s and user_id = %s").format(_COLUMNS)
ADD: LiteralString = """
    insert into public.profiles (user_id, platform, username, timezone)
    values (%s, %s, %s, rollcall.zone(variadic %s::text[]))
    on conflict (user_id, platform, lower(username)) do nothing
"""
_DELETING: LiteralString = """
    update public.profiles set state = 'DELETING', state_code = null, state_params = '{}', state_since = now(),
        updated_at = now()
    where id = %s and state <> 'DELETING'
"""
_SCHEDULE: LiteralString = """
    update public.profiles set schedule_paused = %s, timezone = rollcall.zone(variadic %s::text[]),
        updated_at = now()
    where id = %s
"""

with statements(__file__) as named:
    _FACTS = named("facts")

_TWIN: LiteralString = """
    select o.id from public.profiles p join public.profiles o on o.user_id = p.user_id and o.platform = p.platform
    where p.id = %s and p.user_id = %s and o.external_id = %s and o.id <> p.id
"""


def get_for_web(conn: WebConnection, profile_id: UUID) -> ProfileRow | None:
    """The profile if it belongs to the person of this transaction and is not being deleted, else None."""
    with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        return cursor.execute(_GET, [profile_id]).fetchone()


def list_for_web(conn: WebConnection) -> list[ProfileRow]:
    """All profiles of the person of this transaction, oldest first."""
    with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        return cursor.execute(_LIST).fetchall()


def find_or_add(conn: WebConnection, user_id: UUID, platform: str, username: str, timezone: str = "UTC") -> ProfileRow:
    """The user's profile of this username on the platform, made CONNECTING if it is new; it may be DELETING."""
    conn.execute(ADD, [user_id, platform, username, zones.names_of(timezone)])
    with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        found = cursor.execute(_FIND, [user_id, platform, username]).fetchone()
    if found is None:
        raise LookupError("the profile was deleted while it was being added")
    return found


def set_schedule(conn: WebConnection, profile_id: UUID, *, paused: bool, timezone: str) -> None:
    """Pauses or resumes the schedule, and sets the time zone in which the profile's days are counted."""
    conn.execute(_SCHEDULE, [paused, zones.names_of(timezone), profile_id])


def mark_deleting(conn: WebConnection, profile_id: UUID) -> bool:
    """Marks a profile that its person deletes, and returns whether it existed and was not marked yet."""
    return conn.execute(_DELETING, [profile_id]).rowcount == 1


async def load(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> ProfileRow | None:
    """The user's profile in any state, None when it is gone."""
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        return await (await cursor.execute(_LOAD, [profile_id, user_id])).fetchone()


async def save_facts(
    conn: WorkerConnection,
    user_id: UUID,
    profile_id: UUID,
    facts: ProfileFacts,
    observed_at: datetime,
    *,
    has_other_id: bool = False,
) -> None:
    """Stores a reading's facts; a hidden count keeps its last value. A new username holds unless another has it.

    `has_other_id` says that the id is not the one of the platform's pages, which the profile keeps.
    """
    values = {
        "id": profile_id,
        "user_id": user_id,
        "observed_at": observed_at,
        "platform_id": None if has_other_id else facts.platform_id,
        "username": facts.username,
        "display_name": facts.display_name,
        "biography": facts.biography,
        "category": facts.category,
        "external_url": facts.external_url,
        "is_private": facts.is_private,
        "is_verified": facts.is_verified,
        "is_professional": facts.is_professional,
        "followers": facts.followers,
        "following": facts.following,
        "media_count": facts.media_count,
    }
    await conn.execute(_FACTS, values)


async def has_twin(conn: WorkerConnection, user_id: UUID, profile_id: UUID, external_id: str) -> bool:
    """Whether another profile of this user already is the account with this platform id."""
    return await (await conn.execute(_TWIN, [profile_id, user_id, external_id])).fetchone() is not None
