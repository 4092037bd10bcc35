"""The engagers that decide about the ghosts of a profile. For the web, in tenant transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WebConnection
from shared.domain.engagers import FOLLOWED_FOR, LAST_POSTS, Coverage, Engagers, coverage, latest_ghost_start

# The last posts, and the stories of the same time.
_ENGAGERS: LiteralString = """
    with latest as (
        select id, posted_at from public.media
        where profile_id = %(profile)s and kind <> 'story' and gone_at is null and posted_at is not null
        order by posted_at desc limit %(posts)s
    )
    select a.media_id, a.known, a.total, (select count(*) from latest) as posts
    from public.media_engagers a join public.media m on m.id = a.media_id
    where a.profile_id = %(profile)s and (
        m.id in (select id from latest)
        or m.kind = 'story' and m.posted_at >= (select min(posted_at) from latest)
    )
"""


# Only people with an id can be found among viewers and likers.
_LONGEST: LiteralString = """
    select min(follows_me_since) as since from public.people
    where profile_id = %s and follows_me and platform_id is not null
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """The media whose viewers and likers are no ghosts, and the latest start of following for a ghost; None: no ghosts.

    `known_from` is the time at which the follower known longest is known long enough; None without one.
    """

    coverage: Coverage
    media_ids: tuple[int, ...] = ()
    followed_before: datetime | None = None
    known_from: datetime | None = None


def scope(conn: WebConnection, profile_id: UUID, observed_at: datetime | None) -> Scope:
    """The known engagers at the time of the newest reading."""
    rows = conn.execute(_ENGAGERS, {"profile": profile_id, "posts": LAST_POSTS}).fetchall()
    read = coverage(rows[0]["posts"] if rows else 0, (Engagers(row["known"], row["total"]) for row in rows))
    longest = conn.execute(_LONGEST, [profile_id]).fetchone()
    known_from = longest["since"] + FOLLOWED_FOR if longest and longest["since"] else None
    if observed_at is None or not read.enough:
        return Scope(read, known_from=known_from)
    return Scope(read, tuple(row["media_id"] for row in rows), latest_ghost_start(observed_at), known_from)
