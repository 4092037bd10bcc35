"""The beginning of each transaction that publishes something of a profile."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from shared.db.pools import WorkerConnection

# The update locks the row, so one transaction publishes at a time. The tables of people have no foreign keys; this lock
# keeps the profile from being deleted under them.
_BEGIN: LiteralString = "update public.profiles set version = version + 1 where id = %s and user_id = %s"


async def begin(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> bool:
    """Locks the profile until the transaction ends, and raises its version; False when the profile is gone."""
    return (await conn.execute(_BEGIN, [profile_id, user_id])).rowcount == 1
