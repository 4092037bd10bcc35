"""A worker that is newer than the database waits for the migrations, and fails no job meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from tests.conftest import Database, Personas
from tests.worker.fleet import Seen, WorkerProcess
from worker.runner import schema_wait

Owner = psycopg.Connection[dict[str, Any]]
_BACK = """
    delete from supabase_migrations.schema_migrations
    where version = (select max(version) from supabase_migrations.schema_migrations) returning version
"""


def take_back(owner: Owner) -> str:
    row = owner.execute(_BACK).fetchone()
    assert row is not None
    return str(row["version"])


async def test_a_waiting_worker_ends_when_it_is_told_to(
    owner: Owner, worker_pool: AsyncConnectionPool[WorkerConnection]
) -> None:
    stop = asyncio.Event()
    assert await schema_wait.wait_for_schema(worker_pool, stop)
    take_back(owner)
    waiting = asyncio.create_task(schema_wait.wait_for_schema(worker_pool, stop))
    await asyncio.sleep(0)
    stop.set()
    assert not await waiting


@pytest.mark.slow
def test_jobs_are_begun_once_the_schema_is_there(
    database: Database,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> None:
    version, seen = take_back(owner), Seen(owner)
    job = make_job(people.alice, make_profile(people.alice), "SYNC", args=Jsonb({"play": "once"}))
    worker = WorkerProcess(database.worker, 1)
    try:
        worker.until_logged("schema_older")
        assert (seen.state(job), seen.attempts(job)) == ("PENDING", [])
        owner.execute("insert into supabase_migrations.schema_migrations (version) values (%s)", [version])
        seen.until_state(job, "COMPLETED")
        assert seen.attempts(job) == [("COMPLETED", None)]
    finally:
        worker.end()
