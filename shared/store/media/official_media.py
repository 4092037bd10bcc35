"""The media that an official interface knows, and those whose figures are due. For the worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from json import dumps
from typing import LiteralString

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.domain.social import Media, OfficialMedium
from shared.store.insights.figures import Owner

# One reading asks for at most this many, the newest first; the rest is due at the next one.
MOST = 60
_NOTE: LiteralString = """
    insert into public.official_media as o (media_id, source, user_id, profile_id, official_id, product)
    select m.id, %(source)s, m.user_id, m.profile_id, r.official_id, r.product
    from jsonb_to_recordset(%(rows)s) as r (platform_id text, official_id text, product text)
    join public.media m on m.user_id = %(user_id)s and m.profile_id = %(profile_id)s
        and m.platform_id = r.platform_id collate "C"
    on conflict (media_id, source) do update set official_id = excluded.official_id,
        product = coalesce(excluded.product, o.product)
"""
# A month long a post is asked for twice a day, then once a month, and the platform keeps its figures for two years.
_DUE_POSTS: LiteralString = """
    select o.media_id, o.official_id, o.product
    from public.official_media o join public.media m on m.id = o.media_id
    where o.user_id = %(user_id)s and o.profile_id = %(profile_id)s and o.source = %(source)s and o.final_code is null
        and m.kind <> 'story' and m.gone_at is null and m.posted_at > now() - interval '730 days'
        and (o.read_at is null or o.read_at < now() - interval '30 days'
            or (o.read_at < now() - interval '12 hours' and m.posted_at > now() - interval '30 days'))
    order by m.posted_at desc limit %(limit)s
"""
_DUE_STORIES: LiteralString = """
    select o.media_id, o.official_id, o.product
    from public.official_media o join public.media m on m.id = o.media_id
    where o.user_id = %(user_id)s and o.profile_id = %(profile_id)s and o.source = %(source)s and o.final_code is null
        and m.kind = 'story' and coalesce(m.expires_at, m.posted_at + interval '24 hours') > now()
    order by m.posted_at limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A medium whose figures are due."""

    media_id: int
    official_id: str
    product: str | None

    @property
    def medium(self) -> OfficialMedium:
        return OfficialMedium(self.official_id, self.product)


async def note(conn: WorkerConnection, whose: Owner, shown: Iterable[Media]) -> None:
    """Keeps the official ids of stored media; media that a page showed have none."""
    rows = [
        {"platform_id": one.platform_id, "official_id": one.official.id, "product": one.official.product}
        for one in shown
        if one.official is not None
    ]
    if rows:
        await conn.execute(_NOTE, {**whose.values(), "rows": dumps(rows)})


async def due_posts(conn: WorkerConnection, whose: Owner) -> list[Due]:
    """The posts and reels whose figures are due, the newest first."""
    return await _due(conn, whose, _DUE_POSTS)


async def due_stories(conn: WorkerConnection, whose: Owner) -> list[Due]:
    """The live stories, the one that ends first before the others."""
    return await _due(conn, whose, _DUE_STORIES)


async def _due(conn: WorkerConnection, whose: Owner, query: LiteralString) -> list[Due]:
    async with conn.cursor(row_factory=class_row(Due)) as cursor:
        return await (await cursor.execute(query, {**whose.values(), "limit": MOST})).fetchall()
