"""Time zones: a name is stored as the database knows it, and one that it does not know stops nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import PlatformId, ProfileFacts
from shared.store.profiles import counters, profiles
from shared.store.queue import local_jobs
from tests.conftest import Personas

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNKNOWN = "Mars/Olympus"


def zone(owner: Owner, *names: str | None) -> str:
    row = owner.execute("select rollcall.zone(variadic %s::text[]) as zone", [list(names)]).fetchone()
    assert row is not None
    found: str = row["zone"]
    return found


def test_the_first_name_that_the_database_knows_counts(owner: Owner) -> None:
    assert zone(owner, "Asia/Kolkata") == "Asia/Kolkata"
    assert zone(owner, UNKNOWN, "Asia/Tokyo", "Asia/Kolkata") == "Asia/Tokyo"
    for names in ((), (UNKNOWN,), ("",), (None,), ("../etc/passwd",), ("x" * 5000,)):
        assert zone(owner, *names) == "UTC", names


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("localtime", "UTC"),
        (UNKNOWN, "UTC"),
    ],
)
async def test_the_command_stores_the_new_name(worker_pool: Pool, people: Personas, given: str, kept: str) -> None:
    async with worker_pool.connection() as conn:
        made = await local_jobs.ensure_profile(conn, people.alice, "instagram", "alice.test", given)
        profile = await profiles.load(conn, people.alice, made)
        assert profile is not None
        assert profile.timezone == kept


async def test_a_stored_name_that_the_database_does_not_know_counts_as_utc(
    worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice, timezone=UNKNOWN)
    facts = ProfileFacts(PlatformId("9"), "alice.test", followers=10, following=3, media_count=None)
    async with worker_pool.connection() as conn:
        profile = await profiles.load(conn, people.alice, profile_id)
        assert profile is not None
        assert profile.timezone == "UTC"
        written = [
            await counters.record(conn, people.alice, profile_id, facts, NOON + timedelta(hours=hours))
            for hours in (0, 11, 12)
        ]
    assert written == [True, False, True]
