"""Writes the followers of a large profile as a file, and measures the process that does it."""

import asyncio
import resource
import time
from pathlib import Path
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg

from shared.db import pools
from shared.domain.exports import Format, What
from shared.store.files.exports import Export
from worker.exports.write import write

_PEOPLE: LiteralString = """
    with people as (
        insert into public.people (user_id, profile_id, platform_id, username, full_name, is_private, is_verified,
            follows_me, follows_me_since, first_seen_at, updated_at)
        select %(user)s, %(profile)s, (40000000000 + i * 37)::text, 'name.' || to_hex(hashint8(i) & 16777215) || i,
            'Name ' || i || ' Family', i %% 3 = 0, i %% 97 = 0, true,
            timestamptz '2026-01-01' + (i / 1000) * interval '1 hour', now(), now()
        from generate_series(1, %(size)s) i
        returning user_id, profile_id, id, follows_me_since
    )
    insert into public.stays (user_id, profile_id, person_id, direction, since, since_after, since_known)
    select user_id, profile_id, id, 'follower', follows_me_since, follows_me_since - interval '1 day', 'between'
    from people
"""
Measured = tuple[float, float]
"""Seconds, and the peak of resident memory in megabytes."""


def seed(url: str, size: int) -> tuple[UUID, UUID]:
    """A user and a profile with so many followers."""
    with psycopg.connect(url) as conn:
        user, profile = uuid4(), uuid4()
        conn.execute(
            "insert into auth.users (id, email, encrypted_password) values (%s, %s, '-')", (user, f"{user}@example.org")
        )
        conn.execute(
            "insert into profiles (id, user_id, platform, username, observed_at)"
            " values (%s, %s, 'instagram', 'bench', now())",
            (profile, user),
        )
        conn.execute(_PEOPLE, {"user": user, "profile": profile, "size": size})
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("vacuum analyze")
    return user, profile


def ours(url: str, user: UUID, profile: UUID, form: Format, folder: Path) -> Measured:
    """The export as the worker writes it."""
    request = Export(uuid4(), user, profile, What.FOLLOWERS, form, "all")

    async def run() -> float:
        async with pools.worker_pool(url, 1) as pool, pool.connection() as conn:
            began = time.perf_counter()
            with (folder / f"ours.{form}").open("w+b") as file:
                await write(conn, request, file, lambda *_: None)
            return time.perf_counter() - began

    return asyncio.run(run()), peak()


def peak() -> float:
    """Returns the peak of resident memory of this process in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
