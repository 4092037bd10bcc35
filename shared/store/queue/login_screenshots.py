"""Pictures of pages at which a login stopped: one a job, kept for a day, for its owner only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection

LIFETIME = timedelta(days=1)
MOST_BYTES = 512 * 1024

# Only of a profile that is still there and stays: a login may outlive the profile that its owner deletes.
_KEEP: LiteralString = """
    insert into public.job_pictures (job_id, user_id, profile_id, picture, expires_at)
    select %(job_id)s, p.user_id, p.id, %(picture)s, now() + %(lifetime)s from public.profiles p
    where p.id = %(profile_id)s and p.user_id = %(user_id)s and p.state <> 'DELETING' for key share
    on conflict (job_id) do update
        set picture = excluded.picture, taken_at = excluded.taken_at, expires_at = excluded.expires_at
"""
_FORGET: LiteralString = "delete from public.job_pictures where job_id = %s and user_id = %s"
_REMOVE_EXPIRED: LiteralString = "delete from public.job_pictures where expires_at <= now()"
# Row-level security shows nobody a picture whose time is over.
_FIND: LiteralString = "select taken_at, expires_at from public.job_pictures where job_id = %s"
_LOAD: LiteralString = "select picture from public.job_pictures where job_id = %s"


@dataclass(frozen=True, slots=True)
class JobPicture:
    """When a job's picture was taken, and until when it is kept."""

    taken_at: datetime
    expires_at: datetime


async def keep(conn: WorkerConnection, user_id: UUID, profile_id: UUID, job_id: UUID, picture: bytes) -> bool:
    """Stores a JPEG of at most MOST_BYTES in place of an earlier one; False when the profile is gone or going."""
    given = {
        "job_id": job_id,
        "user_id": user_id,
        "profile_id": profile_id,
        "picture": picture,
        "lifetime": LIFETIME,
    }
    return (await conn.execute(_KEEP, given)).rowcount == 1


async def forget(conn: WorkerConnection, user_id: UUID, job_id: UUID) -> None:
    """Removes what an earlier attempt of the job left."""
    await conn.execute(_FORGET, [job_id, user_id])


async def remove_expired(conn: WorkerConnection) -> int:
    """Removes the pictures of all users whose time is over, and returns how many."""
    return (await conn.execute(_REMOVE_EXPIRED)).rowcount


def find(conn: WebConnection, job_id: UUID) -> JobPicture | None:
    """The job's picture without its bytes; None where the signed-in person has none that is still kept."""
    with conn.cursor(row_factory=class_row(JobPicture)) as cursor:
        return cursor.execute(_FIND, [job_id]).fetchone()


def load(conn: WebConnection, job_id: UUID) -> bytes | None:
    """The JPEG itself; None as for `find`."""
    row = conn.execute(_LOAD, [job_id]).fetchone()
    return None if row is None else bytes(row["picture"])
