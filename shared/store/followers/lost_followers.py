"""Look-ups of lost followers, one by one: the reason for each loss, or its withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.domain.social import LookedUp, PlatformId, Standing

_DUE: LiteralString = """
    select s.id as span_id, p.id as person_id, p.platform_id, p.username
    from public.follow_spans s join public.people p on p.id = s.person_id
    where s.user_id = %(user_id)s and s.profile_id = %(profile_id)s and s.direction = 'follower'
        and s.until >= %(since)s and s.why is null and p.platform_id is not null and not p.follows_me
    order by s.until desc, s.id desc limit %(limit)s
"""
# A publication holds the same lock, so that no look-up is recorded while a list is being written.
_LOCK: LiteralString = "select from public.profiles where id = %s and user_id = %s for no key update"
_RECORD: LiteralString = """
    update public.follow_spans set why = %(why)s, looked_up_at = %(at)s
    where id = %(span)s and user_id = %(user_id)s and until is not null and why is null
"""
# Undoes the loss. The classes of people follow; the days from then on are derived
# again, so their rows have to go.
_WITHDRAW: LiteralString = """
    with was as (
        select s.id, s.person_id, s.since, s.until, s.end_run from public.follow_spans s
        where s.id = %(span)s and s.user_id = %(user_id)s and s.profile_id = %(profile_id)s and s.until is not null
            and not exists (select from public.follow_spans o
                where o.person_id = s.person_id and o.direction = s.direction and o.until is null)
    ), reopened as (
        update public.follow_spans s
        set until = null, until_after = null, until_known = null, end_run = null, why = null, looked_up_at = %(at)s
        from was where s.id = was.id returning was.person_id, was.since, was.until, was.end_run
    ), run as (
        update public.list_runs r set lost = greatest(r.lost - 1, 0) from reopened
        where r.id = reopened.end_run and r.user_id = %(user_id)s
    ), days as (
        delete from public.profile_days d using reopened, public.profiles o
        where o.id = %(profile_id)s and d.user_id = %(user_id)s and d.profile_id = o.id
            and d.day >= (reopened.until at time zone rollcall.zone(o.timezone))::date
    ), back as (
        update public.people p set follows_me = true, follows_me_since = reopened.since, updated_at = %(at)s
        from reopened where p.id = reopened.person_id and p.user_id = %(user_id)s returning p.i_follow
    )
    update public.profiles p set mutual_count = p.mutual_count + back.i_follow::int,
        fan_count = p.fan_count + (not back.i_follow)::int,
        not_following_back_count = p.not_following_back_count - back.i_follow::int
    from back where p.id = %(profile_id)s and p.user_id = %(user_id)s
"""
# A first known name is no rename.
_RENAME: LiteralString = """
    with called as (
        update public.people p set username = %(username)s, updated_at = %(at)s from public.people before
        where p.id = %(person)s and p.user_id = %(user_id)s and before.id = p.id and before.username <> %(username)s
        returning p.user_id, p.profile_id, p.id, before.username as old_username
    )
    insert into public.person_names (user_id, profile_id, person_id, username, renamed_to, renamed_at)
    select user_id, profile_id, id, old_username, %(username)s, %(at)s from called where old_username <> ''
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """A lost person without a look-up yet."""

    span_id: int
    person_id: int
    platform_id: PlatformId
    username: str


async def to_look_up(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, since: datetime, limit: int
) -> list[Loss]:
    """Up to `limit` people lost at `since` or later, newest first; people known by name only cannot be looked up."""
    given = {"user_id": user_id, "profile_id": profile_id, "since": since, "limit": limit}
    async with conn.cursor(row_factory=class_row(Loss)) as cursor:
        return await (await cursor.execute(_DUE, given)).fetchall()


async def record(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, loss: Loss, found: LookedUp, at: datetime
) -> bool:
    """Stores the result and returns whether the loss was withdrawn because the person still follows.

    A changed username is stored as a renaming, a first known one is only filled in.
    """
    given = {"user_id": user_id, "profile_id": profile_id, "span": loss.span_id, "person": loss.person_id, "at": at}
    await conn.execute(_LOCK, [profile_id, user_id])
    if found.username:
        await conn.execute(_RENAME, {**given, "username": found.username})
    if found.standing is Standing.FOLLOWS:
        return (await conn.execute(_WITHDRAW, given)).rowcount == 1
    await conn.execute(_RECORD, {**given, "why": found.standing})
    return False
