"""Removes what a platform lends for a time: figures, posts and facts are read again in that time, or they go.

Their age is that of the row, by the database's clock, whatever the platform's clock said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import LiteralString

from psycopg import sql

from shared.db.pools import WorkerConnection

KEPT = timedelta(days=30)
"""So long YouTube's policies let an app keep a statistic that it does not read again."""
TABLES = ("insight_days", "insight_totals", "audience_shares", "profile_counts", "media_metrics")
# No one lends the browser's figures, and the indexes leave them out.
_REMOVE: LiteralString = """
    delete from public.{table} where ctid = any(array(
        select ctid from public.{table}
        where source <> 'browser' and source = any(%(sources)s) and stored_at < now() - %(age)s limit %(limit)s
    ))
"""
# A derived day has no source; it is made of what was lent.
_REMOVE_DAYS: LiteralString = """
    delete from public.profile_days where ctid = any(array(
        select d.ctid from public.profiles p cross join lateral (
            select x.ctid from public.profile_days x
            where x.user_id = p.user_id and x.profile_id = p.id and x.computed_at < now() - %(age)s limit %(limit)s
        ) d
        where p.platform = any(%(platforms)s) limit %(limit)s
    ))
"""
# A post that no sync has shown again since: the account is disconnected, or the post is gone.
_REMOVE_MEDIA: LiteralString = """
    delete from public.media where id = any(array(
        select d.id from public.profiles p cross join lateral (
            select m.id from public.media m
            where m.user_id = p.user_id and m.profile_id = p.id and m.stored_at < now() - %(age)s limit %(limit)s
        ) d
        where p.platform = any(%(platforms)s) limit %(limit)s
    ))
"""
# Name and id stay: they are how the person finds the profile, and what another consent is compared with.
_FORGET_FACTS: LiteralString = """
    update public.profiles set version = version + 1, display_name = null, biography = null, category = null,
        external_url = null, followers = null, following = null, media_count = null, updated_at = now()
    where id = any(array(
        select p.id from public.profiles p
        where p.platform = any(%(platforms)s) and p.facts_stored_at < now() - %(age)s
            and num_nonnulls(p.display_name, p.biography, p.category, p.external_url, p.followers, p.following,
                p.media_count) > 0
        limit %(limit)s
    ))
"""


def statement(table: str) -> sql.Composed:
    """The statement that removes up to %(limit)s rows of these %(sources)s older than %(age)s."""
    return sql.SQL(_REMOVE).format(table=sql.Identifier(table))


async def remove(conn: WorkerConnection, table: str, sources: Sequence[str], limit: int, age: timedelta = KEPT) -> int:
    """Removes up to `limit` rows of all users that came by these ways in, and returns their number."""
    given = {"sources": list(sources), "age": age, "limit": limit}
    return (await conn.execute(statement(table), given)).rowcount


async def remove_days(conn: WorkerConnection, platforms: Sequence[str], limit: int, age: timedelta = KEPT) -> int:
    """Removes up to `limit` derived days of profiles on these platforms, and returns their number."""
    given = {"platforms": list(platforms), "age": age, "limit": limit}
    return (await conn.execute(_REMOVE_DAYS, given)).rowcount


async def remove_media(conn: WorkerConnection, platforms: Sequence[str], limit: int, age: timedelta = KEPT) -> int:
    """Removes up to `limit` posts, with their counts, of profiles on these platforms; returns their number."""
    given = {"platforms": list(platforms), "age": age, "limit": limit}
    return (await conn.execute(_REMOVE_MEDIA, given)).rowcount


async def forget_facts(conn: WorkerConnection, platforms: Sequence[str], limit: int, age: timedelta = KEPT) -> int:
    """Empties the facts and counters of up to `limit` profiles on these platforms; returns their number."""
    given = {"platforms": list(platforms), "age": age, "limit": limit}
    return (await conn.execute(_FORGET_FACTS, given)).rowcount
