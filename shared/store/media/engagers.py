"""Stores the viewers of stories and the likers of posts: the worker adds each reading's people and removes no one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from json import dumps
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.engagers import LAST_POSTS, Engagers, Role
from shared.domain.social import Viewer
from shared.store import publishing

SOURCE = "browser"

with statements(__file__) as named:
    _ADD = named("add")

_RECORD: LiteralString = """
    insert into public.media_engagers as a (media_id, role, user_id, profile_id, total, known, observed_at)
    values (%(media_id)s, %(role)s, %(user_id)s, %(profile_id)s, %(total)s, %(known)s, %(at)s)
    on conflict (media_id, role) do update set total = coalesce(excluded.total, a.total), known = excluded.known,
        observed_at = greatest(a.observed_at, excluded.observed_at)
"""
# A story's views are its viewers; the history gets a row only when they became more.
_VIEWS: LiteralString = """
    with moved as (
        update public.media set views = %(total)s, metrics_at = %(at)s
        where id = %(media_id)s and user_id = %(user_id)s and views is distinct from %(total)s
            and (metrics_at is null or metrics_at <= %(at)s)
        returning id, user_id, profile_id
    )
    insert into public.media_metrics (media_id, captured_at, user_id, profile_id, source, views)
    select id, %(at)s, user_id, profile_id, %(source)s, %(total)s from moved
    on conflict (media_id, captured_at) do update set views = excluded.views
"""
# An unchanged like count since the last reading of likers means no new likers.
_TO_LIKE: LiteralString = """
    with latest as (
        select id, platform_id, posted_at, likes, metrics_at from public.media
        where user_id = %(user_id)s and profile_id = %(profile_id)s and kind <> 'story' and gone_at is null
            and posted_at is not null
        order by posted_at desc limit %(posts)s
    )
    select m.id, m.platform_id, m.likes from latest m
    left join public.media_engagers a on a.media_id = m.id and a.role = 'liker'
    where a.observed_at is null or m.likes is null or a.total is distinct from m.likes or a.known < a.total
    order by a.observed_at nulls first, m.posted_at desc
"""


@dataclass(frozen=True, slots=True)
class Liked:
    """A recent post whose likers are worth reading; `likes` None while they are hidden."""

    id: int
    platform_id: str
    likes: int | None


@dataclass(frozen=True, slots=True)
class Whose:
    """The viewers or likers of one stored medium."""

    user_id: UUID
    profile_id: UUID
    media_id: int
    role: Role

    def params(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "profile_id": self.profile_id, "media_id": self.media_id, "role": self.role}


async def add(conn: WorkerConnection, whose: Whose, shown: Sequence[Viewer], observed_at: datetime) -> int:
    """Adds a page of people and returns the number of known ones. Commit it together with the job's cursor."""
    given = {**whose.params(), "at": observed_at, "rows": dumps([_row(one) for one in shown])}
    row = await (await conn.execute(_ADD, given)).fetchone()
    if row is None:
        raise LookupError("an aggregate returned no row")
    return int(row["known"])


async def record(conn: WorkerConnection, whose: Whose, engagers: Engagers, observed_at: datetime) -> None:
    """Records a reading that reached its end; without a new total the earlier one stays."""
    await publishing.begin(conn, whose.user_id, whose.profile_id)
    given = {**whose.params(), "total": engagers.total, "known": engagers.known, "at": observed_at, "source": SOURCE}
    await conn.execute(_RECORD, given)
    if whose.role is Role.VIEWER and engagers.total is not None:
        await conn.execute(_VIEWS, given)


async def posts_to_read(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> list[Liked]:
    """Those of the last twelve posts with unknown likers, the longest unread first."""
    given = {"user_id": user_id, "profile_id": profile_id, "posts": LAST_POSTS}
    async with conn.cursor(row_factory=class_row(Liked)) as cursor:
        return await (await cursor.execute(_TO_LIKE, given)).fetchall()


def _row(shown: Viewer) -> dict[str, object]:
    return {
        "platform_id": shown.person.platform_id,
        "username": shown.person.username,
        "full_name": shown.person.full_name,
        "has_liked": shown.has_liked,
    }
