"""Removes figures that a platform lends for a time: they are read again in that time, or they go.

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
