"""Creates the fleet's rows: a person and a connected profile each, with the schedule of its plan, begun at any hour."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import LiteralString
from uuid import UUID

import psycopg

from bench.capacity.job_costs import Profile

_PLACE: LiteralString = """
    update public.schedules s set every = f.every, next_at = f.next_at
    from first f where s.profile_id = f.profile_id and s.kind = f.kind
"""


def enrol(url: str, profiles: list[Profile], began: datetime, rng: Random) -> dict[UUID, Profile]:
    """Writes them through the table's own constraints, as its owner; the first of each reading at a random time."""
    ids = [UUID(int=rng.getrandbits(128), version=4) for _ in profiles]
    with psycopg.connect(url) as conn, conn.cursor() as cursor:
        with cursor.copy("copy auth.users (id, email, encrypted_password) from stdin") as copy:
            for number, owner in enumerate(ids):
                copy.write_row((owner, f"person-{number}@example.org", "no login"))
        with cursor.copy(
            "copy public.profiles (id, user_id, platform, username, external_id, state, followers, following,"
            " media_count) from stdin"
        ) as copy:
            for number, (owner, one) in enumerate(zip(ids, profiles, strict=True)):
                size = (one.size.followers, one.size.following, one.size.media)
                copy.write_row((owner, owner, "instagram", f"profile.{number}", str(number), "CONNECTED", *size))
        with cursor.copy("copy public.connections (id, user_id, profile_id, method, state) from stdin") as copy:
            for owner in ids:
                copy.write_row((owner, owner, owner, "browser", "ACTIVE"))
        cursor.execute("create temporary table first (profile_id uuid, kind text, every interval, next_at timestamptz)")
        with cursor.copy("copy first from stdin") as copy:
            for owner, one in zip(ids, profiles, strict=True):
                for kind, every in one.every().items():
                    copy.write_row((owner, kind, every, began + every * rng.random()))
        cursor.execute(_PLACE)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("vacuum analyze public.profiles, public.schedules")
    return dict(zip(ids, profiles, strict=True))
