"""A claim reads no more with more ended jobs, nor with rows that an old transaction keeps from vacuum."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain import backoff
from shared.domain.jobs import JobKind
from shared.store.queue import claims
from tests.conftest import Database, Personas
from tests.store.test_queue import LEASE

pytestmark = pytest.mark.slow
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

WAITING_FOR_THEIR_LANE = """
    insert into public.sync_jobs (user_id, profile_id, kind, priority)
    select j.user_id, j.profile_id, waiting.kind, 10
      from public.sync_jobs j, unnest(array['SYNC_PROFILE', 'SYNC_MEDIA', 'SYNC_STORIES']) as waiting (kind)
     where j.state = 'RUNNING'
"""
ADVISORY_LOCKS = "select count(*) as held from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"


@pytest.fixture
def profiles(owner: Owner, people: Personas) -> None:
    owner.execute(PROFILES, (people.alice,))


async def pages_read(conn: WorkerConnection, floors: dict[int, Any] | None) -> int:
    """Pages that a claim of five jobs looks at, in all of its statements; the claim is taken back.

    The least of three: statistics that are renewed meanwhile make a connection read the catalog again.
    """
    return min([await _pages_read_once(conn, floors) for _ in range(3)])


async def _pages_read_once(conn: WorkerConnection, floors: dict[int, Any] | None) -> int:
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
    for floors in (None, await claims.levels(conn)):
        await pages_read(conn, floors)


async def drained(conn: WorkerConnection) -> int:
    """Claims and completes all that is due; returns how many jobs that were."""
    count = 0
    while claimed := await claims.claim(conn, "w", LEASE, list(JobKind), 50, await claims.levels(conn)):
        for job in claimed:
            await claims.settle(conn, job.id, job.fence, backoff.COMPLETED, None)
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
        before = await pages_read(conn, await claims.levels(conn))
        with psycopg.connect(database.owner) as old:
            old.execute("set transaction isolation level repeatable read")
            old.execute("select pg_current_xact_id()")
            for _ in range(20):
                owner.execute(
                    "update public.sync_jobs set run_at = now() - interval '1 minute' where state = 'PENDING'"
                )
                assert await drained(conn) == 200
                owner.execute(DUE)
            during = await pages_read(conn, await claims.levels(conn))
            everything = await pages_read(conn, None)
        await conn.set_autocommit(False)
    assert during < everything / 2
    # What remains are the two unique keys, which look at every dead entry of the same lane.
    assert during < before * 5


async def test_jobs_that_wait_for_their_lane_cost_a_claim_no_lock_and_little_reading(
    worker_pool: AsyncConnectionPool[WorkerConnection], owner: Owner, profiles: None
) -> None:
    owner.execute(DUE)
    async with worker_pool.connection() as conn:
        inside = await claims.claim(conn, "w", LEASE, list(JobKind), 190, None)
        await conn.commit()
        owner.execute(WAITING_FOR_THEIR_LANE)
        claimed = await claims.claim(conn, "w", LEASE, list(JobKind), 5, None)
        locks = await (await conn.execute(ADVISORY_LOCKS)).fetchone()
        await conn.rollback()
        assert locks == {"held": 5}
        assert {job.profile_id for job in claimed}.isdisjoint({job.profile_id for job in inside})
        assert {job.kind for job in claimed} == {JobKind.SYNC}
        # Whoever leaves a lane makes what waited for it claimable, in its old place before the others.
        await claims.settle(conn, inside[7].id, inside[7].fence, backoff.COMPLETED, None)
        (next_one,) = await claims.claim(conn, "w", LEASE, list(JobKind), 1, None)
        await conn.rollback()
    assert (next_one.profile_id, next_one.kind) == (inside[7].profile_id, JobKind.SYNC_PROFILE)
