"""Reads the official figures of posts, reels and stories for pages, each with its way in and its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection

# A medium that never has figures has its error here, and no row there.
_OF_MEDIA: LiteralString = """
    select o.media_id, o.source, o.final_code, i.metric, i.part, i.value, coalesce(i.captured_at, o.read_at) as read_at
    from public.official_media o
    left join public.media_insights i on i.media_id = o.media_id and i.source = o.source
    where o.profile_id = %(profile)s and o.media_id = any(%(media)s) and o.read_at is not null
    order by o.media_id, o.source, i.metric, i.part
"""


@dataclass(frozen=True, slots=True)
class OfficialFigure:
    """One figure; `part` is the value of its breakdown, empty for the whole.

    `metric` is None where the reading found no figure; `final_code` is the error of a medium that never has any.
    """

    media_id: int
    source: str
    final_code: str | None
    metric: str | None
    part: str | None
    value: Decimal | None
    read_at: datetime


def of_media(conn: WebConnection, profile_id: UUID, media: Sequence[int]) -> list[OfficialFigure]:
    """The newest figures of these media, by medium, source and metric."""
    with conn.cursor(row_factory=class_row(OfficialFigure)) as cursor:
        return cursor.execute(_OF_MEDIA, {"profile": profile_id, "media": list(media)}).fetchall()
