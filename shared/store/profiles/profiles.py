"""Profiles: the accounts that people follow up. The web reads and schedules them, the worker writes its readings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain import zones
from shared.domain.cooldown import ended_by_login
from shared.domain.social import ProfileFacts


class ProfileState(StrEnum):
    """CONNECTING until the first login; the schedule reads CONNECTED ones. A cool-down is no state, but a column."""

    CONNECTING = "CONNECTING"
    CONNECTED = "CONNECTED"
    NEEDS_LOGIN = "NEEDS_LOGIN"
    CHALLENGED = "CHALLENGED"
    RESTING = "RESTING"
    DISCONNECTED = "DISCONNECTED"
    DELETING = "DELETING"


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One row of `profiles`. Counts are None until read; `observed_at` is the platform's time of the newest reading."""

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
    state_reason: str | None
    state_since: datetime
    cooldown_until: datetime | None
    rest_code: str | None
    observed_at: datetime | None
    schedule_paused: bool
    next_profile_at: datetime | None
    next_followers_at: datetime | None
    next_following_at: datetime | None
    next_media_at: datetime | None
    next_stories_at: datetime | None
    next_likers_at: datetime | None
    next_check_at: datetime | None
    profile_every: timedelta
    followers_every: timedelta
    following_every: timedelta
    media_every: timedelta
    stories_every: timedelta
    likers_every: timedelta
    check_every: timedelta
    automatic: list[str]
    created_at: datetime


# The database may not know a stored name; every figure is of UTC then.
_COLUMNS = sql.SQL(", ").join(
    sql.SQL("rollcall.zone(timezone) as timezone") if f.name == "timezone" else sql.Identifier(f.name)
    for f in fields(ProfileRow)
)
_GET = sql.SQL("select {} from public.profiles where id = %s and state <> 'DELETING'").format(_COLUMNS)
_LIST = sql.SQL("select {} from public.profiles where state <> 'DELETING' order by created_at, id").format(_COLUMNS)
_FIND = sql.SQL(
    "select {} from public.profiles where user_id = %s and platform = 'instagram' and lower(username) = lower(%s)"
).format(_COLUMNS)
_LOAD = sql.SQL("select {} from public.profiles where id = %s and user_id = %s").format(_COLUMNS)
ADD: LiteralString = """
    insert into public.profiles (user_id, platform, username, timezone)
    values (%s, 'instagram', %s, rollcall.zone(variadic %s::text[]))
    on conflict (user_id, platform, lower(username)) do nothing
"""
_WEB_STATE: LiteralString = """
    update public.profiles set state = %s, state_reason = null, state_since = now(), updated_at = now()
    where id = %s and state <> 'DELETING'
"""
_SCHEDULE: LiteralString = """
    update public.profiles set schedule_paused = %s, timezone = rollcall.zone(variadic %s::text[]),
        updated_at = now()
    where id = %s
"""
# A shorter interval counts from now; an earlier due time stays, and an unscheduled one (NULL) too.
_INTERVALS: LiteralString = """
    update public.profiles set profile_every = %(profile)s, followers_every = %(followers)s,
        following_every = %(following)s, media_every = %(media)s, stories_every = %(stories)s,
        likers_every = %(likers)s, automatic = coalesce(%(automatic)s::text[], automatic),
        next_stories_at = next_stories_at - greatest(next_stories_at - now() - %(stories)s, '0'),
        next_likers_at = next_likers_at - greatest(next_likers_at - now() - %(likers)s, '0'),
        next_profile_at = next_profile_at - greatest(next_profile_at - now() - %(profile)s, '0'),
        next_followers_at = next_followers_at - greatest(next_followers_at - now() - %(followers)s, '0'),
        next_following_at = next_following_at - greatest(next_following_at - now() - %(following)s, '0'),
        next_media_at = next_media_at - greatest(next_media_at - now() - %(media)s, '0'), updated_at = now()
    where id = %(id)s
"""
_FACTS: LiteralString = """
    update public.profiles p set
        external_id = %(platform_id)s, display_name = %(display_name)s, biography = %(biography)s,
        category = %(category)s, external_url = %(external_url)s,
        is_private = %(is_private)s, is_verified = %(is_verified)s,
        is_professional = coalesce(%(is_professional)s, p.is_professional),
        followers = coalesce(%(followers)s, p.followers), following = coalesce(%(following)s, p.following),
        media_count = coalesce(%(media_count)s, p.media_count),
        observed_at = greatest(p.observed_at, %(observed_at)s), updated_at = now(),
        username = case when exists (
            select from public.profiles o where o.user_id = p.user_id and o.platform = p.platform
                and o.id <> p.id and lower(o.username) = lower(%(username)s)
        ) then p.username else %(username)s end
    where p.id = %(id)s and p.user_id = %(user_id)s
"""
_CONNECTED: LiteralString = """
    update public.profiles set state = 'CONNECTED', state_reason = null, updated_at = now(),
        state_since = case when state = 'CONNECTED' then state_since else now() end,
        next_profile_at = now() + profile_every, next_followers_at = now() + followers_every,
        next_following_at = now() + following_every, next_media_at = now() + media_every,
        next_stories_at = now() + stories_every, next_check_at = now() + check_every,
        next_likers_at = least(next_likers_at, now() + likers_every),
        cooldown_until = case when rest_code = any(%(answered)s) then null else cooldown_until end,
        rest_code = case when rest_code = any(%(answered)s) then null else rest_code end
    where id = %(id)s and user_id = %(user_id)s and state <> 'DELETING'
"""
_WORKER_STATE: LiteralString = """
    update public.profiles set state = %(state)s, state_reason = %(reason)s, updated_at = now(),
        state_since = case when state = %(state)s then state_since else now() end
    where id = %(id)s and user_id = %(user_id)s and state not in ('DISCONNECTED', 'DELETING')
"""
_RESTING: LiteralString = """
    update public.profiles set state = 'RESTING', state_reason = %(reason)s, updated_at = now(),
        state_since = case when state = 'RESTING' then state_since else now() end
    where id = %(id)s and user_id = %(user_id)s and state not in ('DISCONNECTED', 'DELETING')
"""
_TWIN: LiteralString = """
    select id from public.profiles where user_id = %s and platform = 'instagram' and external_id = %s and id <> %s
"""


def get_for_web(conn: WebConnection, profile_id: UUID) -> ProfileRow | None:
    """The profile if it belongs to the person of this transaction and is not being deleted, else None."""
    with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        return cursor.execute(_GET, [profile_id]).fetchone()


def list_for_web(conn: WebConnection) -> list[ProfileRow]:
    """All profiles of the person of this transaction, oldest first."""
    with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        return cursor.execute(_LIST).fetchall()


def find_or_add(conn: WebConnection, user_id: UUID, username: str, timezone: str = "UTC") -> ProfileRow:
    """The user's profile of this username, made CONNECTING if it is new; an existing one may be DELETING."""
    conn.execute(ADD, [user_id, username, zones.names_of(timezone)])
    with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        found = cursor.execute(_FIND, [user_id, username]).fetchone()
    if found is None:
        raise LookupError("the profile was deleted while it was being added")
    return found


def set_schedule(conn: WebConnection, profile_id: UUID, *, paused: bool, timezone: str) -> None:
    """Pauses or resumes the schedule, and sets the time zone in which the profile's days are counted."""
    conn.execute(_SCHEDULE, [paused, zones.names_of(timezone), profile_id])


def set_intervals(
    conn: WebConnection,
    profile_id: UUID,
    *,
    profile: timedelta,
    followers: timedelta,
    following: timedelta,
    media: timedelta,
    stories: timedelta,
    likers: timedelta,
    automatic: Collection[str],
) -> None:
    """Sets the interval of each kind (at least an hour); a kind that was never scheduled stays so.

    The kinds in `automatic` follow the plan from their next sync on.
    """
    values = {"id": profile_id, "profile": profile, "followers": followers, "following": following, "media": media}
    conn.execute(_INTERVALS, values | {"stories": stories, "likers": likers, "automatic": list(automatic)})


def set_state_for_web(conn: WebConnection, profile_id: UUID, state: ProfileState) -> bool:
    """Sets a state that a person chose and returns whether the profile exists; a DELETING one stays so."""
    return conn.execute(_WEB_STATE, [state, profile_id]).rowcount == 1


async def load(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> ProfileRow | None:
    """The user's profile in any state, None when it is gone."""
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        return await (await cursor.execute(_LOAD, [profile_id, user_id])).fetchone()


async def save_facts(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, facts: ProfileFacts, observed_at: datetime
) -> None:
    """Stores a reading's facts; a hidden count keeps its last value. A new username holds unless another has it."""
    values = {
        "id": profile_id,
        "user_id": user_id,
        "observed_at": observed_at,
        "platform_id": facts.platform_id,
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
    return await (await conn.execute(_TWIN, [user_id, external_id, profile_id])).fetchone() is not None


async def mark_connected(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> None:
    """CONNECTED and on schedule: the parts of a sync are next due one interval from now, due work stays due.

    A cool-down continues, unless its cause was a challenge that this login has answered.
    """
    values = {"id": profile_id, "user_id": user_id, "answered": ended_by_login()}
    await conn.execute(_CONNECTED, values)


async def mark_state(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, state: ProfileState, reason: str | None
) -> None:
    """Sets the state and the sentence that explains it; a disconnected or deleted profile stays as it is."""
    values = {"state": state, "reason": reason, "id": profile_id, "user_id": user_id}
    await conn.execute(_WORKER_STATE, values)


async def mark_resting(conn: WorkerConnection, user_id: UUID, profile_id: UUID, reason: str) -> None:
    """RESTING until its person ends that; `reason` is shown. The job's end sets the length of the cool-down."""
    await conn.execute(_RESTING, {"reason": reason, "id": profile_id, "user_id": user_id})
