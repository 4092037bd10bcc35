"""What a claim reads grows neither with the jobs that are over nor with what an old transaction keeps from vacuum."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain import backoff
from shared.domain.jobs import JobKind
from shared.store import queue
from tests.conftest import Database, Personas
from tests.db.test_queue import LEASE

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
PROFILES = """
    insert into public.profiles (user_id, platform, username, state)
    select %s, 'instagram', 'p' || n, 'CONNECTED' from generate_series(1, 200) as n
"""
ENDED = """
    insert into public.sync_jobs (user_id, profile_id, kind, state, ended_at, fence, claim_no)
    select user_id, id, 'SYNC', 'COMPLETED', now(), 1, nextval('rollcall.claim_numbers')
      from public.profiles, generate_series(1, 100)
"""
DUE = "insert into public.sync_jobs (user_id, profile_id, kind) select user_id, id, 'SYNC' from public.profiles"


@pytest.fixture
def profiles(owner: Owner, people: Personas) -> None:
    owner.execute(PROFILES, (people.alice,))


async def pages_read(conn: WorkerConnection, floors: dict[int, Any] | None) -> int:
    """Pages that a claim of five jobs looks at, in all of its statements; the claim is taken back."""
    levels = None if floors is None else sorted(floors)
    since = None if floors is None else [floors[level] for level in sorted(floors)]
    async with conn.transaction(force_rollback=True):
        rows = await conn.execute(
            "explain (analyze, buffers, format json)"
            " select * from rollcall.claim_jobs('w', '1 minute', '{SYNC}', 5, %s::smallint[], %s::timestamptz[])",
            (levels, since),
        )
        told = await rows.fetchone()
    assert told is not None
    plan = told["QUERY PLAN"][0]["Plan"]
    assert plan["Actual Rows"] == 5
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


async def warm(conn: WorkerConnection) -> None:
    """Lets the connection plan its statements, so that only the data's own pages are counted afterwards."""
    for floors in (None, await queue.levels(conn)):
        await pages_read(conn, floors)


async def drained(conn: WorkerConnection) -> int:
    """Claims and completes all that is due; returns how many jobs that were."""
    count = 0
    while claimed := await queue.claim(conn, "w", LEASE, list(JobKind), 50, await queue.levels(conn)):
        for job in claimed:
            await queue.settle(conn, job.id, job.fence, backoff.COMPLETED, None)
        count += len(claimed)
    return count


async def test_a_claim_reads_as_little_beside_twenty_thousand_jobs_that_are_over(
    worker_pool: AsyncConnectionPool[WorkerConnection], owner: Owner, profiles: None
) -> None:
    owner.execute(DUE)
    async with worker_pool.connection() as conn:
        await conn.set_autocommit(True)
        await warm(conn)
        few = await pages_read(conn, None)
        owner.execute(ENDED)
        owner.execute("analyze public.sync_jobs")
        await warm(conn)
        many = await pages_read(conn, None)
        await conn.set_autocommit(False)
    assert few < 300
    assert many < few * 1.5


async def test_a_claim_reads_no_more_while_an_old_transaction_is_open(
    worker_pool: AsyncConnectionPool[WorkerConnection], database: Database, owner: Owner, profiles: None
) -> None:
    owner.execute(DUE)
    async with worker_pool.connection() as conn:
        await conn.set_autocommit(True)
        await warm(conn)
        before = await pages_read(conn, await queue.levels(conn))
        with psycopg.connect(database.owner) as old:
            old.execute("set transaction isolation level repeatable read")
            old.execute("select pg_current_xact_id()")
            for _ in range(20):
                owner.execute(
                    "update public.sync_jobs set run_at = now() - interval '1 minute' where state = 'PENDING'"
                )
                assert await drained(conn) == 200
                owner.execute(DUE)
            during = await pages_read(conn, await queue.levels(conn))
            everything = await pages_read(conn, None)
        await conn.set_autocommit(False)
    assert during < everything / 2
    # What remains are the two unique keys, which look at every dead entry of the same lane.
    assert during < before * 5
