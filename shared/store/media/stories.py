"""Stories as media of their own kind: their stored values, the live ones, and the time of the next reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import dumps
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.domain.social import Media
from shared.domain.stories import VIEWERS_SHOWN_FOR, expiry
from shared.errors import NotConnected
from shared.store import publishing
from shared.store.queue import schedule

_SAVE: LiteralString = """
    insert into public.media as m (user_id, profile_id, platform_id, code, kind, caption, hashtags, mentions, coauthors,
        owner_platform_id, owner_username, posted_at, expires_at, duration_seconds, is_paid_partnership,
        first_seen_at, last_seen_at)
    select %(user_id)s, %(profile_id)s, platform_id, code, 'story', caption, hashtags, mentions, coauthors,
        owner_platform_id, owner_username, posted_at, expires_at, duration_seconds, is_paid_partnership, %(at)s, %(at)s
    from jsonb_populate_recordset(null::public.media, %(rows)s)
    on conflict (profile_id, platform_id) do update set
        posted_at = coalesce(excluded.posted_at, m.posted_at), expires_at = coalesce(excluded.expires_at, m.expires_at),
        last_seen_at = greatest(m.last_seen_at, excluded.last_seen_at)
"""
_FOLLOWERS_THEN: LiteralString = """
    update public.media m set followers_at_post = (
        select c.followers from public.profile_counts c
        where c.user_id = m.user_id and c.profile_id = m.profile_id and c.followers is not null
            and c.captured_at <= m.posted_at and c.captured_at > m.posted_at - interval '14 days'
        order by c.captured_at desc limit 1
    )
    where m.user_id = %(user_id)s and m.profile_id = %(profile_id)s and m.kind = 'story'
        and m.posted_at > %(at)s - %(shown_for)s and m.followers_at_post is null
"""
# A story's last reading comes after its end: it gets no more views, and its viewers are still shown.
_DUE: LiteralString = """
    select m.id, m.platform_id, m.posted_at, m.expires_at from public.media m
    left join public.media_engagers a on a.media_id = m.id and a.role = 'viewer'
    where m.user_id = %(user_id)s and m.profile_id = %(profile_id)s and m.kind = 'story'
        and m.posted_at > %(at)s - %(shown_for)s
        and (a.observed_at is null or a.observed_at < coalesce(m.expires_at, m.posted_at + interval '24 hours'))
    order by m.posted_at
"""
_READABLE: LiteralString = """
    select m.id, m.platform_id, m.posted_at, m.expires_at
    from public.media m join public.profiles p on p.id = m.profile_id
    where m.user_id = %(user_id)s and m.profile_id = %(profile_id)s and m.kind = 'story'
        and coalesce(m.expires_at, m.posted_at + interval '24 hours') > p.observed_at
    order by m.posted_at
"""
_OBSERVED: LiteralString = """
    update public.profiles set observed_at = greatest(observed_at, %s), updated_at = now()
    where id = %s and user_id = %s
"""


@dataclass(frozen=True, slots=True)
class Story:
    """One story as it is stored."""

    id: int
    platform_id: str
    posted_at: datetime | None
    expires_at: datetime | None


async def save(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, shown: Sequence[Media], observed_at: datetime
) -> None:
    """Stores the live stories, each with the profile's followers at posting time.

    Raises NotConnected if the profile is gone.
    """
    if not await publishing.begin(conn, user_id, profile_id):
        raise NotConnected
    given = {"user_id": user_id, "profile_id": profile_id, "at": observed_at, "shown_for": VIEWERS_SHOWN_FOR}
    await conn.execute(_SAVE, {**given, "rows": dumps([_row(one) for one in shown])})
    await conn.execute(_FOLLOWERS_THEN, given)
    await conn.execute(_OBSERVED, [observed_at, profile_id, user_id])


async def with_viewers(conn: WorkerConnection, user_id: UUID, profile_id: UUID, observed_at: datetime) -> list[Story]:
    """Stories whose viewers are still shown and may be more than at the last reading, oldest first."""
    return await _stories(conn, _DUE, {"user_id": user_id, "profile_id": profile_id, "at": observed_at})


async def live(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> list[Story]:
    """The stories that were live when the profile was last read, oldest first."""
    return await _stories(conn, _READABLE, {"user_id": user_id, "profile_id": profile_id})


async def schedule_next(conn: WorkerConnection, user_id: UUID, profile_id: UUID, last_call: timedelta | None) -> None:
    """Sets the next reading: after the profile's interval, or after `last_call` if that is sooner."""
    # The platform's and this machine's clocks may differ: the schedule counts from now.
    await schedule.bring_forward(conn, user_id, profile_id, JobKind.SYNC_STORIES, last_call)


async def _stories(conn: WorkerConnection, query: LiteralString, given: dict[str, object]) -> list[Story]:
    async with conn.cursor(row_factory=class_row(Story)) as cursor:
        return await (await cursor.execute(query, {**given, "shown_for": VIEWERS_SHOWN_FOR})).fetchall()


def _row(story: Media) -> dict[str, object]:
    ends = expiry(story.posted_at, story.expires_at)
    return {
        "platform_id": story.platform_id,
        "code": story.code,
        "caption": story.caption,
        "hashtags": story.hashtags,
        "mentions": story.mentions,
        "coauthors": story.coauthors,
        "owner_platform_id": story.owner_platform_id,
        "owner_username": story.owner_username,
        "posted_at": story.posted_at and story.posted_at.isoformat(),
        "expires_at": ends and ends.isoformat(),
        "duration_seconds": story.duration_seconds,
        "is_paid_partnership": story.is_paid_partnership,
    }
