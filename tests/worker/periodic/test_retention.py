"""Retention: what is old goes, what a page needs stays, and follower history is never touched."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import sql

from shared.settings import load
from shared.store.deletion import retention
from shared.store.deletion.retention import Old
from tests.conftest import Personas
from tests.worker.export_data import TUESDAY, Data, Owner
from tests.worker.handling import Pool, services_for
from worker.periodic.retention import ages, clean, cleaning

MONTH = timedelta(days=30)


@pytest.fixture
def data(owner: Owner, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]) -> Data:
    """Of everything that is cleaned: two of 40 days ago and one of yesterday; and a history that is far older."""
    made = Data(owner, people.alice, make_profile(people.alice))
    made.medium("1")
    owner.execute(
        "insert into web_sessions (user_id, token_hash, expires_at) values (%s, 'x', now() + interval '1 day')",
        (made.user_id,),
    )
    for days in (40, 39, 1):
        ago = timedelta(days=days)
        job = make_job(*made.owned, "SYNC_MEDIA", state="COMPLETED", ended_at=TUESDAY)
        owner.execute("update sync_jobs set ended_at = now() - %s where id = %s", (ago, job))
        owner.execute(
            "insert into sync_attempts (user_id, job_id, profile_id, kind, fence, worker, started_at, ended_at,"
            " outcome) values (%s, %s, %s, 'SYNC_MEDIA', 1, 'w', now() - %s, now() - %s, 'COMPLETED')",
            (made.user_id, job, made.profile_id, ago, ago),
        )
        owner.execute(
            "insert into alerts (user_id, profile_id, kind, created_at, last_at)"
            " values (%s, %s, 'challenge', now() - %s, now() - %s)",
            (*made.owned, ago, ago),
        )
        owner.execute(
            "insert into media_metrics (media_id, captured_at, user_id, profile_id, source, likes)"
            " select id, now() - %s, user_id, profile_id, 'x', 1 from media",
            (ago,),
        )
        owner.execute(
            "insert into oauth_states (user_id, session_id, state_hash, provider, platform, way_in, redirect_uri,"
            " expires_at) select user_id, id, sha256(%s::text::bytea), 'google', 'youtube', 'google', 'x',"
            " now() - %s from web_sessions",
            (str(days), ago),
        )
    made.follower("7", "old", TUESDAY)
    made.run("follower", TUESDAY)
    made.day("2020-01-01")
    owner.execute("update stays set since = '2015-01-01'")
    owner.execute("update list_runs set ended_at = '2015-01-01', started_at = '2015-01-01'")
    owner.execute("update people set first_seen_at = '2015-01-01', updated_at = '2015-01-01'")
    return made


def _count(owner: Owner, table: str) -> int:
    row = owner.execute(sql.SQL("select count(*) as n from {}").format(sql.Identifier(table))).fetchone()
    return row["n"] if row else 0


async def test_what_is_old_goes_and_what_is_young_stays(data: Data, owner: Owner, worker_pool: Pool) -> None:
    removed = await clean(worker_pool.connection, dict.fromkeys(Old, MONTH))
    assert removed == dict.fromkeys(Old, 2)
    assert [_count(owner, what) for what in Old] == [1] * len(Old)
    assert await clean(worker_pool.connection, dict.fromkeys(Old, MONTH)) == dict.fromkeys(Old, 0)


async def test_history_is_never_touched(data: Data, owner: Owner, worker_pool: Pool) -> None:
    kept = ("people", "stays", "list_runs", "media", "profile_days", "profiles")
    before = [_count(owner, table) for table in kept]
    await clean(worker_pool.connection, dict.fromkeys(Old, timedelta(seconds=1)))
    assert [_count(owner, table) for table in kept] == before


async def test_the_newest_job_of_a_kind_and_the_newest_figures_of_a_post_stay_however_old(
    data: Data, owner: Owner, worker_pool: Pool
) -> None:
    await clean(worker_pool.connection, {Old.JOBS: timedelta(0), Old.METRICS: timedelta(0)})
    assert (_count(owner, "sync_jobs"), _count(owner, "media_metrics")) == (1, 1)


async def test_a_job_that_has_not_ended_keeps_its_attempts(data: Data, owner: Owner, worker_pool: Pool) -> None:
    owner.execute("alter table sync_jobs disable trigger job_changes_state")
    owner.execute("update sync_jobs set state = 'RUNNING', ended_at = null, lease_until = now(), kind = 'EXPORT'")
    assert await clean(worker_pool.connection, {Old.ATTEMPTS: timedelta(0), Old.JOBS: timedelta(0)}) == {
        Old.ATTEMPTS: 0,
        Old.JOBS: 0,
    }


async def test_batches_are_small_and_a_locked_row_is_left_to_the_next_turn(
    data: Data, owner: Owner, worker_pool: Pool
) -> None:
    async with worker_pool.connection() as conn:
        await conn.execute("select from public.alerts order by created_at limit 1 for update")
        assert await clean(worker_pool.connection, {Old.ALERTS: MONTH}, batch=1) == {Old.ALERTS: 1}
    async with worker_pool.connection() as conn:
        assert await retention.remove(conn, Old.ALERTS, MONTH, 1) == 1


async def test_a_long_backlog_is_worked_off_over_several_turns(data: Data, owner: Owner, worker_pool: Pool) -> None:
    assert await clean(worker_pool.connection, {Old.ALERTS: MONTH}, batch=1, most=1) == {Old.ALERTS: 1}
    assert _count(owner, "alerts") == 2


def test_zero_keeps_for_ever_and_the_defaults_keep_every_figure() -> None:
    assert Old.METRICS not in ages(load({}))
    never = {f"KEEP_{name}_DAYS": "0" for name in ("ATTEMPTS", "JOBS", "ALERTS", "METRICS")}
    assert set(ages(load(never))) == {Old.CONSENTS}
    assert ages(load({"KEEP_METRICS_DAYS": "730"}))[Old.METRICS] == timedelta(days=730)


async def test_a_worker_cleans_by_itself_where_it_keeps_the_schedule(
    data: Data, owner: Owner, worker_pool: Pool
) -> None:
    services = replace(services_for(worker_pool), settings=load({"KEEP_ALERTS_DAYS": "30"}))
    off = replace(services, settings=load({"KEEP_ALERTS_DAYS": "30", "SCHEDULER": "false"}))
    before = asyncio.all_tasks()
    async with cleaning(off):
        assert asyncio.all_tasks() == before
    async with cleaning(services), asyncio.timeout(240):
        while _count(owner, "alerts") > 1:
            await asyncio.sleep(0.05)
