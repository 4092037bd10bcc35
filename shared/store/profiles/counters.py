"""The profile's own counters over time: a row for each change, and at least one a day in the profile's zone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.social import ProfileFacts

with statements(__file__) as named:
    _RECORD = named("record")


async def record(
    conn: WorkerConnection,
    user_id: UUID,
    profile_id: UUID,
    facts: ProfileFacts,
    observed_at: datetime,
    *,
    source: str = "browser",
) -> bool:
    """Stores the counters of a reading and returns whether a row was written; a hidden counter is NULL, never 0.

    `source` is the way in that read them. A reading older than the newest row writes nothing.
    """
    given = {
        "user_id": user_id,
        "profile_id": profile_id,
        "source": source,
        "at": observed_at,
        "followers": facts.followers,
        "following": facts.following,
        "media": facts.media_count,
    }
    return (await conn.execute(_RECORD, given)).rowcount == 1
