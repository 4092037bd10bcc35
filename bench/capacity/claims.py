"""Measures claims: by four real workers whose handlers only count, and by one worker behind jobs that must wait.

Every claim looks at and leaves due jobs whose profile is being read already; in a large fleet there are always some. So
one claim of one job is timed behind more and more of them, and its locks are counted: each lane that a claim enters
takes an advisory lock until the claim commits, and PostgreSQL's room for locks is limited.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, LiteralString

import psutil
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from bench import queue as bench_queue
from bench.idle import postgres
from shared.db import pools, roles
from shared.db.embedded import embedded_database
from shared.domain.jobs import JobKind
from shared.store.queue import claims

BEHIND = (0, 300, 1_000, 3_000, 10_000, 30_000)
_LANES, _SECONDS, _TIMED = 1_000, 10.0, 15
_CONNECTED: LiteralString = "select count(*) as n from pg_stat_activity where usename = %s"
_BUSY: LiteralString = """
    with person as (
        insert into auth.users (email, encrypted_password) values ('behind-' || %(from)s || '@example.org', '-')
        returning id
    ), profile as (
        insert into public.profiles (user_id, platform, username, state)
        select id, 'instagram', 'behind.' || n, 'CONNECTED'
        from person, generate_series(%(from)s::int, %(to)s::int - 1) as n returning id, user_id
    ), running as (
        insert into public.sync_jobs (user_id, profile_id, kind, state, fence, claim_no, worker, lease_until, priority)
        select user_id, id, 'SYNC_FOLLOWERS', 'RUNNING', 1, nextval('rollcall.claim_numbers'), 'another',
            now() + interval '1 day', 200 from profile
    )
    insert into public.sync_jobs (user_id, profile_id, kind, priority, run_at)
    select user_id, id, 'SYNC_STORIES', 200, now() - interval '1 hour' from profile
"""
_FREE: LiteralString = """
    with person as (
        insert into auth.users (email, encrypted_password) values ('free@example.org', '-') returning id
    ), profile as (
        insert into public.profiles (user_id, platform, username, state)
        select id, 'instagram', 'free.' || n, 'CONNECTED' from person, generate_series(1, 500) as n
        returning id, user_id
    )
    insert into public.sync_jobs (user_id, profile_id, kind, priority, run_at)
    select user_id, id, 'SYNC_STORIES', 200, now() - interval '1 minute' from profile
"""
_LOCKS: LiteralString = """
    select count(*) as n from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()
"""
_ROOM: LiteralString = """
    select current_setting('max_locks_per_transaction')::int
        * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) as n
"""


def by_workers(seconds: float = _SECONDS) -> dict[str, Any]:
    """Claims a second and connections of four real workers that are never without work, on a durable PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="bf", ignore_cleanup_errors=True) as name:
        folder, ours = Path(name), bench_queue.Ours("fleet", _LANES)
        with embedded_database(folder / "pg") as server:
            with psycopg.connect(server, autocommit=True) as conn:
                conn.execute("create database bench_fleet")
            url = make_conninfo(server, dbname="bench_fleet")
            (folder / "work").mkdir()
            ours.set_up(url, folder / "work")
            with bench_queue.workers(ours, url, folder / "work") as made, bench_queue.feeding(ours, url):
                time.sleep(2)
                master = psutil.Process(postgres(folder / "pg")[0].pid)
                with _most_connections(url) as most:
                    rate = bench_queue.rate(folder / "work", partial(bench_queue.cast_of, master, made), seconds)
    return {
        "workers": bench_queue.WORKERS,
        "concurrency": bench_queue.CONCURRENCY,
        "claims_per_second": round(rate.jobs_per_second),
        "cpu_ms_per_claim": round(rate.cpu_ms_per_job, 2),
        "connections_per_worker_most": round(max(most) / bench_queue.WORKERS, 2),
    }


@contextmanager
def _most_connections(url: str) -> Iterator[list[int]]:
    """The workers' connections, counted again and again until the block ends."""
    seen, done = [0], threading.Event()

    def look() -> None:
        with psycopg.connect(url, autocommit=True) as conn:
            while not done.wait(0.1):
                row = conn.execute(_CONNECTED, [roles.WORKER]).fetchone()
                seen.append(int(row[0]) if row else 0)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


async def behind(url: str, counts: Sequence[int] = BEHIND) -> list[dict[str, Any]]:
    """One claim behind so many due jobs whose profiles are being read: its milliseconds and locks, or its error."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as owner:
        owner.execute(_FREE)
        found: list[dict[str, Any]] = []
        before = 0
        for count in counts:
            if count > before:
                owner.execute(_BUSY, {"from": before, "to": count})
                before = count
            owner.execute("vacuum analyze public.sync_jobs, public.profiles")
            found.append({"waiting": count, **await _timed(roles.address(url, roles.WORKER))})
    return found


def lock_room(url: str) -> int:
    """PostgreSQL's promised room for locks, all transactions together; there is some slack beyond."""
    with psycopg.connect(url) as conn:
        row = conn.execute(_ROOM).fetchone()
    return int(row[0]) if row else 0


async def _timed(url: str) -> dict[str, Any]:
    took: list[float] = []
    locks = 0
    async with pools.worker_pool(url, 1) as pool:
        for _ in range(_TIMED):
            try:
                async with pool.connection() as conn, conn.transaction(force_rollback=True):
                    began = time.perf_counter()
                    claimed = await claims.claim(conn, "fleet", timedelta(minutes=1), list(JobKind), 1)
                    took.append(time.perf_counter() - began)
                    row = await (await conn.execute(_LOCKS)).fetchone()
                    locks = int(row["n"]) if row else 0
                    assert len(claimed) == 1
            except psycopg.OperationalError as error:
                return {"error": str(error).partition("\n")[0], "sqlstate": error.sqlstate}
    return {"claim_ms": round(median(took) * 1000, 2), "locks": locks}
