"""Screenshots of pages at which a login stopped: one per job, kept for a day, for its owner only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection

LIFETIME = timedelta(days=1)
MOST_BYTES = 512 * 1024

# Only for an existing profile that is not being deleted: a login may outlive its profile.
_KEEP: LiteralString = """
    insert into public.login_screenshots (job_id, user_id, profile_id, picture, expires_at)
    select %(job_id)s, p.user_id, p.id, %(picture)s, now() + %(lifetime)s from public.profiles p
    where p.id = %(profile_id)s and p.user_id = %(user_id)s and p.state <> 'DELETING' for key share
    on conflict (job_id) do update
        set picture = excluded.picture, taken_at = excluded.taken_at, expires_at = excluded.expires_at
"""
_FORGET: LiteralString = "delete from public.login_screenshots where job_id = %s and user_id = %s"
_REMOVE_EXPIRED: LiteralString = "delete from public.login_screenshots where expires_at <= now()"
# Row-level security hides expired pictures.
_FIND: LiteralString = "select taken_at, expires_at from public.login_screenshots where job_id = %s"
_LOAD: LiteralString = "select picture from public.login_screenshots where job_id = %s"


@dataclass(frozen=True, slots=True)
class JobPicture:
    """The time of a job's picture, and the end of its storage."""

    taken_at: datetime
    expires_at: datetime


async def keep(conn: WorkerConnection, user_id: UUID, profile_id: UUID, job_id: UUID, picture: bytes) -> bool:
    """Stores a JPEG of at most MOST_BYTES in place of an earlier one; False when the profile is or will be gone."""
    given = {
        "job_id": job_id,
        "user_id": user_id,
        "profile_id": profile_id,
        "picture": picture,
        "lifetime": LIFETIME,
    }
    return (await conn.execute(_KEEP, given)).rowcount == 1


async def forget(conn: WorkerConnection, user_id: UUID, job_id: UUID) -> None:
    """Removes the picture of an earlier attempt of the job."""
    await conn.execute(_FORGET, [job_id, user_id])


async def remove_expired(conn: WorkerConnection) -> int:
    """Removes expired pictures of all users, and returns their number."""
    return (await conn.execute(_REMOVE_EXPIRED)).rowcount


def find(conn: WebConnection, job_id: UUID) -> JobPicture | None:
    """The job's picture without its bytes; None where the signed-in user has no stored one."""
    with conn.cursor(row_factory=class_row(JobPicture)) as cursor:
        return cursor.execute(_FIND, [job_id]).fetchone()


def load(conn: WebConnection, job_id: UUID) -> bytes | None:
    """The JPEG itself; None as for `find`."""
    row = conn.execute(_LOAD, [job_id]).fetchone()
    return None if row is None else bytes(row["picture"])
