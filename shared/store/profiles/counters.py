"""The profile's own counters over time: a row for each change, and at least one a day in the profile's zone."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.social import ProfileFacts

_SOURCE = "browser"
_RECORD: LiteralString = """
    insert into public.profile_counts as c (profile_id, captured_at, user_id, source, followers, following, media)
    select p.id, %(at)s, p.user_id, %(source)s, %(followers)s, %(following)s, %(media)s
    from public.profiles p
    where p.id = %(profile_id)s and p.user_id = %(user_id)s and not exists (
        select from (
            select captured_at, followers, following, media from public.profile_counts
            where user_id = %(user_id)s and profile_id = %(profile_id)s order by captured_at desc limit 1
        ) last
        where last.captured_at > %(at)s or (
            (last.captured_at at time zone rollcall.zone(p.timezone))::date
                = (%(at)s::timestamptz at time zone rollcall.zone(p.timezone))::date
            and (last.followers, last.following, last.media)
                is not distinct from (%(followers)s::bigint, %(following)s::bigint, %(media)s::bigint)
        )
    )
    on conflict (profile_id, captured_at) do update set
        followers = excluded.followers, following = excluded.following, media = excluded.media
"""


async def record(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, facts: ProfileFacts, observed_at: datetime
) -> bool:
    """Stores the counters of a reading and returns whether a row was written; a hidden counter is NULL, never 0.

    A reading older than the newest row writes nothing.
    """
    given = {
        "user_id": user_id,
        "profile_id": profile_id,
        "source": _SOURCE,
        "at": observed_at,
        "followers": facts.followers,
        "following": facts.following,
        "media": facts.media_count,
    }
    return (await conn.execute(_RECORD, given)).rowcount == 1
