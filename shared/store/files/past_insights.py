"""Past insights from data downloads, for the pages. Rollcall computes none. In tenant transactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.db.statements import statements

_OF_ACCOUNT: LiteralString = """
    select metric, breakdown, value, started_on, ended_on, captured_at from public.insights
    where profile_id = %(profile)s and posted_at is null and captured_at = (
        select max(captured_at) from public.insights where profile_id = %(profile)s and posted_at is null
    )
    order by breakdown is not null, metric, value desc, breakdown limit %(limit)s
"""
# Whether the data download of that time had figures with unknown labels.
_SKIPPED: LiteralString = """
    select exists (
        select from public.imports where profile_id = %s and taken_at = %s
            and coalesce((report->>'insights_unread')::bigint, 0) > 0
    ) as skipped
"""
_OF_MEDIA: LiteralString = """
    select distinct on (media_id, metric) media_id, metric, value, captured_at from public.insights
    where media_id = any(%s) and breakdown is null
    order by media_id, metric, captured_at desc, ended_on desc nulls first
"""
_KNOWN: LiteralString = """
    select (
            select captured_at from public.insights where profile_id = %(profile)s and posted_at is not null
            order by captured_at desc limit 1
        ) as newest,
        exists (
            select from public.insights where profile_id = %(profile)s and posted_at is not null and media_id is null
        ) as unread
"""

with statements(__file__) as named:
    _POSTS = named("posts")


@dataclass(frozen=True, slots=True)
class AccountFigure:
    """A figure of the account itself, in the newest export that had any."""

    metric: str
    breakdown: str | None
    value: Decimal
    started_on: datetime | None
    ended_on: datetime | None
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post's past insights; None where the data download had none. `permalink` only where the post was read, too."""

    posted_at: datetime
    captured_at: datetime
    caption: str | None
    permalink: str | None
    reach: Decimal | None
    impressions: Decimal | None
    plays: Decimal | None
    likes: Decimal | None
    comments: Decimal | None
    shares: Decimal | None
    saves: Decimal | None
    follows: Decimal | None
    profile_visits: Decimal | None


@dataclass(frozen=True, slots=True)
class MediaFigure:
    """A figure of one medium, from the newest data download that has it."""

    media_id: int
    metric: str
    value: Decimal
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """The time of the newest data download with figures of posts, or None; and whether some belong to unread posts."""

    newest: datetime | None
    unread: bool


def of_account(conn: WebConnection, profile_id: UUID, limit: int = 200) -> list[AccountFigure]:
    """The newest figures of the account itself: totals first, then each breakdown with its largest parts first."""
    with conn.cursor(row_factory=class_row(AccountFigure)) as cursor:
        return cursor.execute(_OF_ACCOUNT, {"profile": profile_id, "limit": limit}).fetchall()


def skipped(conn: WebConnection, profile_id: UUID, taken_at: datetime) -> bool:
    """Whether the data download of that time had figures under unknown labels."""
    row = conn.execute(_SKIPPED, [profile_id, taken_at]).fetchone()
    return row is not None and row["skipped"]


def posts(conn: WebConnection, profile_id: UUID, limit: int = 100) -> list[PostRow]:
    """Posts with past insights, the newest first."""
    with conn.cursor(row_factory=class_row(PostRow)) as cursor:
        return cursor.execute(_POSTS, {"profile": profile_id, "limit": limit}).fetchall()


def of_media(conn: WebConnection, media_ids: Sequence[int]) -> list[MediaFigure]:
    """The figures of these media, without those in parts."""
    with conn.cursor(row_factory=class_row(MediaFigure)) as cursor:
        return cursor.execute(_OF_MEDIA, [list(media_ids)]).fetchall()


def extent(conn: WebConnection, profile_id: UUID) -> Known:
    """The extent of the posts' figures from data downloads."""
    with conn.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(_KNOWN, {"profile": profile_id}).fetchone() or Known(None, False)
