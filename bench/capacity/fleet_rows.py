"""Creates the fleet's rows: a person and a connected profile each, with the schedule of its plan, begun at any hour."""

from __future__ import annotations

from datetime import datetime
from random import Random
from uuid import UUID

import psycopg

from bench.capacity.job_costs import Profile
from shared.domain.jobs import JobKind

_COLUMNS = (
    (JobKind.SYNC_PROFILE, "profile"),
    (JobKind.SYNC_FOLLOWERS, "followers"),
    (JobKind.SYNC_FOLLOWING, "following"),
    (JobKind.SYNC_MEDIA, "media"),
    (JobKind.SYNC_STORIES, "stories"),
    (JobKind.SYNC_LIKERS, "likers"),
    (JobKind.CHECK_SESSION, "check"),
)


def enrol(url: str, profiles: list[Profile], began: datetime, rng: Random) -> dict[UUID, Profile]:
    """Writes them through the table's own constraints, as its owner; the first of each reading at a random time."""
    ids = [UUID(int=rng.getrandbits(128), version=4) for _ in profiles]
    with psycopg.connect(url) as conn, conn.cursor() as cursor:
        with cursor.copy("copy auth.users (id, email, encrypted_password) from stdin") as copy:
            for number, owner in enumerate(ids):
                copy.write_row((owner, f"person-{number}@example.org", "no login"))
        columns = [f"next_{name}_at" for _, name in _COLUMNS] + [f"{name}_every" for _, name in _COLUMNS]
        statement = psycopg.sql.SQL(
            "copy public.profiles (id, user_id, platform, username, external_id, state, followers, following,"
            " media_count, {}) from stdin"
        ).format(psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, columns)))
        with cursor.copy(statement) as copy:
            for number, (owner, one) in enumerate(zip(ids, profiles, strict=True)):
                every = [one.every()[kind] for kind, _ in _COLUMNS]
                first = [began + interval * rng.random() for interval in every]
                size = (one.size.followers, one.size.following, one.size.media)
                named = (owner, owner, "instagram", f"profile.{number}", str(number), "CONNECTED")
                copy.write_row((*named, *size, *first, *every))
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("vacuum analyze public.profiles")
    return dict(zip(ids, profiles, strict=True))
