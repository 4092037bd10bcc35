"""Past insights and the account's own posts, known only from a data download. Only the worker writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.db.statements import statements

_MEDIA: LiteralString = """
    insert into public.imported_media (user_id, profile_id, kind, posted_at, uri, caption, files)
    values (%(user_id)s, %(profile_id)s, %(kind)s, %(posted_at)s, %(uri)s, %(caption)s, %(files)s)
    on conflict (profile_id, kind, posted_at, uri) do update set caption = excluded.caption, files = excluded.files
"""
_INSIGHT: LiteralString = """
    insert into public.insights as i (user_id, profile_id, source, metric, period, started_on, ended_on, breakdown,
        posted_at, value, captured_at)
    values (%(user_id)s, %(profile_id)s, 'data_download', %(metric)s,
        case when %(ended_on)s::timestamptz is null then 'lifetime' else 'range' end, %(started_on)s, %(ended_on)s,
        %(breakdown)s, %(posted_at)s, %(value)s, %(captured_at)s)
    on conflict (profile_id, source, metric, period, started_on, ended_on, breakdown, posted_at)
    do update set value = excluded.value, captured_at = excluded.captured_at
    where i.captured_at <= excluded.captured_at
"""

with statements(__file__) as named:
    _JOIN = named("join")


@dataclass(frozen=True, slots=True)
class ArchivedMedia:
    """A post, reel or story in a data download; `uri` is its first file there."""

    kind: str
    posted_at: datetime
    caption: str | None
    files: int
    uri: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A past insight; see `worker.importers.data_download.insights.Insight` for its fields."""

    metric: str
    value: Decimal
    breakdown: str | None
    posted_at: datetime | None
    started_on: datetime | None
    ended_on: datetime | None


async def save_media(conn: WorkerConnection, user_id: UUID, profile_id: UUID, found: Sequence[ArchivedMedia]) -> None:
    """Stores posted media; a repetition changes nothing."""
    owner = {"user_id": user_id, "profile_id": profile_id}
    async with conn.cursor() as cursor:
        await cursor.executemany(_MEDIA, [owner | asdict(one) for one in found])


async def save_insights(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, captured_at: datetime, found: Sequence[Figure]
) -> None:
    """Stores the figures; of two data downloads the newer one counts."""
    owner = {"user_id": user_id, "profile_id": profile_id, "captured_at": captured_at}
    async with conn.cursor() as cursor:
        await cursor.executemany(_INSIGHT, [owner | asdict(one) for one in found])


async def join_media(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> int:
    """Joins figures to posts, reels and stories that a browser has read; returns the number of new joins.

    The order does not matter: an import joins earlier readings, a reading joins earlier imports.
    """
    row = await (await conn.execute(_JOIN, {"user_id": user_id, "profile_id": profile_id})).fetchone()
    return 0 if row is None else int(row["joined"])
