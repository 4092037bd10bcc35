"""Reads posts and reels, ranked by their newest figures. For the web, in tenant transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.domain.engagement import Formula
from shared.domain.paging import Cursor, Page, cut
from shared.domain.periods import Period


class Rank(StrEnum):
    """The figure that ranks posts, best first; unknown values come last."""

    NEWEST = "newest"
    LIKES = "likes"
    COMMENTS = "comments"
    PLAYS = "plays"
    VIEWS = "views"
    ENGAGED_VIEWS = "engaged_views"
    ENGAGEMENT = "engagement"


class Group(StrEnum):
    """The kinds of media that a page shows; stories are a group of their own."""

    ALL = "all"
    POSTS = "posts"
    REELS = "reels"
    IMAGE = "image"
    CAROUSEL = "carousel"
    VIDEO = "video"
    SHORTS = "shorts"
    STORIES = "stories"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The media and their order. `text` is searched in captions, and with a leading # among hashtags alone."""

    period: Period
    rank: Rank = Rank.NEWEST
    group: Group = Group.ALL
    text: str = ""


@dataclass(frozen=True, slots=True)
class ListedMedia:
    """One post, reel or story with its newest counts; None is "not known".

    `rank_key` is the value that ranked it, `matching` the number of media in the whole list. `gone_as` is None,
    "deleted" or "archived", `never_in_tabs`: it was in the archive when first seen; `viewers` and `likers` are the
    numbers of people known by name, None where they were not read.
    """

    id: int
    rank_key: float
    kind: str
    permalink: str | None
    caption: str | None
    hashtags: list[str]
    posted_at: datetime | None
    is_pinned: bool
    counts_hidden: bool
    followers_at_post: int | None
    likes: int | None
    comments: int | None
    plays: int | None
    views: int | None
    engaged_views: int | None
    metrics_at: datetime | None
    er_formula: str | None
    er_numerator: int | None
    er_denominator: int | None
    coauthors: list[str]
    owner_platform_id: str | None
    owner_username: str | None
    expires_at: datetime | None
    gone_at: datetime | None
    gone_as: str | None
    never_in_tabs: bool
    viewers: int | None
    likers: int | None
    matching: int

    @property
    def formula(self) -> Formula | None:
        """The formula of its engagement rate, None where there is none."""
        return None if self.er_formula is None else Formula(self.er_formula)

    @property
    def rate(self) -> float | None:
        """Interactions per hundred by its formula; None where either part is not known."""
        if self.er_numerator is None or not self.er_denominator:
            return None
        return 100 * self.er_numerator / self.er_denominator


_KEYS: dict[Rank, LiteralString] = {
    Rank.NEWEST: "coalesce(extract(epoch from m.posted_at), -1)::float8",
    Rank.LIKES: "coalesce(m.likes, -1)::float8",
    Rank.COMMENTS: "coalesce(m.comments, -1)::float8",
    Rank.PLAYS: "coalesce(m.plays, -1)::float8",
    Rank.VIEWS: "coalesce(m.views, -1)::float8",
    Rank.ENGAGED_VIEWS: "coalesce(m.engaged_views, -1)::float8",
    Rank.ENGAGEMENT: "coalesce(m.er_numerator::float8 / nullif(m.er_denominator, 0), -1)",
}
GROUPS: dict[Group, tuple[str, ...]] = {
    Group.ALL: ("image", "carousel", "video", "reel", "short"),
    Group.POSTS: ("image", "carousel", "video"),
    Group.REELS: ("reel",),
    Group.IMAGE: ("image",),
    Group.CAROUSEL: ("carousel",),
    Group.VIDEO: ("video",),
    Group.SHORTS: ("short",),
    Group.STORIES: ("story",),
}
"""The kinds of media in each group."""
_MATCHES: LiteralString = """
    m.profile_id = %(profile)s and m.kind = any(%(kinds)s)
    and (%(start)s::timestamptz is null or m.posted_at >= %(start)s)
    and (m.posted_at <= %(end)s or m.posted_at is null and %(start)s::timestamptz is null)
    and (%(text)s::text is null or strpos(lower(m.caption), %(text)s) > 0)
    and (%(tag)s::text is null
        or exists (select from unnest(m.hashtags) t (tag) where starts_with(lower(tag), %(tag)s)))
"""
# Ranked by its narrow columns first: captions are long, and a page shows few of them.
_PAGE = sql.SQL("""
    with ranked as materialized (
        select m.id, {key} as rank_key from public.media m where {matches}
    ), page as materialized (select * from ranked where {after} order by {order} limit %(limit)s)
    select page.rank_key, m.id, m.kind, m.permalink, m.caption, m.hashtags, m.posted_at, m.is_pinned, m.counts_hidden,
        m.followers_at_post, m.likes, m.comments, m.plays, m.views, m.engaged_views, m.metrics_at, m.er_formula,
        m.er_numerator, m.er_denominator, m.coauthors, m.owner_platform_id, m.owner_username, m.expires_at, m.gone_at,
        m.gone_as, coalesce(m.gone_at <= m.first_seen_at, false) as never_in_tabs,
        v.known as viewers, l.known as likers, (select count(*) from ranked) as matching
    from page join public.media m on m.id = page.id
    left join public.media_engagers v on v.media_id = m.id and v.role = 'viewer'
    left join public.media_engagers l on l.media_id = m.id and l.role = 'liker'
    order by {outer}
""")
_COUNT = sql.SQL("select count(*) as number from public.media m where {matches}")
# A reading that reached its planned end; a profile without stories leaves no mark.
_KNOWN: LiteralString = """
    select exists (select from public.media where profile_id = %(profile)s and kind = any(%(kinds)s))
        or %(posts)s and exists (
            select from public.media_runs where profile_id = %(profile)s and verdict in ('whole', 'recent')
        ) as known
"""
_NEWEST: LiteralString = """
    select max(posted_at) as at from public.media where profile_id = %s and kind <> 'story'
"""


def page(
    conn: WebConnection, profile_id: UUID, wanted: Wanted, *, size: int, cursor: Cursor | None
) -> Page[ListedMedia]:
    """One page of up to `size` media, best first; raises ValueError for a cursor that no page of this list gave."""
    up = cursor is not None and cursor.up
    way = sql.SQL("asc" if up else "desc")
    given = _given(profile_id, wanted) | {"limit": size + 1}
    after = sql.SQL("true")
    if cursor is not None:
        after = sql.SQL("(rank_key, id) > (%(key)s, %(id)s)" if up else "(rank_key, id) < (%(key)s, %(id)s)")
        given |= {"key": float(cursor.key), "id": cursor.row_id}
    statement = _PAGE.format(
        key=sql.SQL(_KEYS[wanted.rank]),
        matches=sql.SQL(_MATCHES),
        after=after,
        order=sql.SQL("rank_key {way}, id {way}").format(way=way),
        outer=sql.SQL("page.rank_key {way}, page.id {way}").format(way=way),
    )
    with conn.cursor(row_factory=class_row(ListedMedia)) as rows:
        found = rows.execute(statement, given).fetchall()
    return cut(found, size, cursor, lambda media: (repr(media.rank_key), media.id))


def count(conn: WebConnection, profile_id: UUID, wanted: Wanted) -> int:
    """The number of matches."""
    row = conn.execute(_COUNT.format(matches=sql.SQL(_MATCHES)), _given(profile_id, wanted)).fetchone()
    return 0 if row is None else int(row["number"])


def known(conn: WebConnection, profile_id: UUID, group: Group) -> bool:
    """Whether a sync has read posts and reels, or stories; only then does a count of 0 mean none."""
    kinds = GROUPS[Group.STORIES if group is Group.STORIES else Group.ALL]
    given = {"profile": profile_id, "kinds": list(kinds), "posts": group is not Group.STORIES}
    row = conn.execute(_KNOWN, given).fetchone()
    return row is not None and bool(row["known"])


def newest(conn: WebConnection, profile_id: UUID) -> datetime | None:
    """The time of the newest post or reel; None before any was read."""
    row = conn.execute(_NEWEST, [profile_id]).fetchone()
    return None if row is None else row["at"]


def _given(profile_id: UUID, wanted: Wanted) -> dict[str, Any]:
    text = wanted.text.replace("\x00", "").strip().lower()
    is_tag = text.startswith("#")
    return {
        "profile": profile_id,
        "kinds": list(GROUPS[wanted.group]),
        "start": wanted.period.start,
        "end": wanted.period.end,
        "text": None if is_tag or not text else text,
        "tag": text.removeprefix("#") if is_tag and len(text) > 1 else None,
    }
