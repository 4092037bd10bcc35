"""Calls to official interfaces, counted for app and connection before each is made, in one place for all workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.platforms.platform import Quota

_COUNT: LiteralString = """
    select granted, until, spent from rollcall.count_call(%(user_id)s, %(connection_id)s, %(quota)s,
        %(units)s::integer, %(per_day)s::integer, %(zone)s, %(by_person)s, %(now)s::timestamptz)
"""
_SPENT: LiteralString = "select rollcall.quota_is_spent(%s, %s, %s, %s::timestamptz)"


@dataclass(frozen=True, slots=True)
class Counted:
    """Granted: the call may be made. Refused until `until`; `spent` says that nothing at all is left until then."""

    granted: bool
    until: datetime
    spent: bool


async def count(
    conn: WorkerConnection,
    user_id: UUID,
    connection_id: UUID | None,
    quota: Quota,
    units: int,
    *,
    by_person: bool,
    now: datetime | None = None,
) -> Counted:
    """Counts a call that costs `units`; from 90 % of the quota on, only what a person started is granted.

    A call from before there is a connection is counted for the app alone.
    `now` stands in for the database's clock.
    """
    given = {
        "user_id": user_id,
        "connection_id": connection_id,
        "quota": quota.name,
        "units": units,
        "per_day": quota.per_day,
        "zone": quota.zone,
        "by_person": by_person,
        "now": now,
    }
    async with conn.cursor(row_factory=class_row(Counted)) as cursor:
        counted = await (await cursor.execute(_COUNT, given)).fetchone()
    if counted is None:
        raise LookupError("a call was neither granted nor refused")
    return counted


async def mark_spent(conn: WorkerConnection, quota: Quota, until: datetime, now: datetime | None = None) -> None:
    """Records that the platform itself says that the quota is spent, so that no worker asks before `until`."""
    await conn.execute(_SPENT, [quota.name, quota.zone, until, now])
