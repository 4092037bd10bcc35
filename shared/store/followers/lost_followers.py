"""Look-ups of lost followers, one by one: the reason for each loss, or its withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.social import LookedUp, PlatformId, Standing
from shared.store import publishing

_DUE: LiteralString = """
    select s.id as span_id, p.id as person_id, p.platform_id, p.username
    from public.stays s join public.people p on p.id = s.person_id
    where s.user_id = %(user_id)s and s.profile_id = %(profile_id)s and s.direction = 'follower'
        and s.until >= %(since)s and s.why is null and p.platform_id is not null and not p.follows_me
    order by s.until desc, s.id desc limit %(limit)s
"""
# A publication holds the same lock, so that no look-up is recorded while a list is being written.
_RECORD: LiteralString = """
    update public.stays set why = %(why)s, looked_up_at = %(at)s
    where id = %(span)s and user_id = %(user_id)s and until is not null and why is null
"""

with statements(__file__) as named:
    _WITHDRAW = named("withdraw")

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
    await publishing.begin(conn, user_id, profile_id)
    if found.username:
        await conn.execute(_RENAME, {**given, "username": found.username})
    if found.standing is Standing.FOLLOWS:
        return (await conn.execute(_WITHDRAW, given)).rowcount == 1
    await conn.execute(_RECORD, {**given, "why": found.standing})
    return False
