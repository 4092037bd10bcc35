"""Workers and the database killed, stopped, frozen, restarted: nothing is lost and nothing is done twice."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from shared.db import roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from tests.conftest import Database, Personas
from tests.rig.scratch import scratch
from tests.said import error_said
from tests.worker.fleet import Seen, until, workers

pytestmark = pytest.mark.slow
Make = Callable[..., UUID]
Walk = Callable[..., UUID]


@pytest.fixture
def seen(owner: psycopg.Connection[dict[str, Any]]) -> Seen:
    return Seen(owner)


@pytest.fixture
def start(people: Personas, make_profile: Make, make_job: Make) -> Walk:
    """start("walk", pages=30) -> the id of a job of Alice's."""

    def enqueue(play: str, max_attempts: int = 5, **args: Any) -> UUID:
        profile = make_profile(people.alice)
        return make_job(people.alice, profile, "SYNC", args=Jsonb({"play": play, **args}), max_attempts=max_attempts)

    return enqueue


def pages(count: int) -> list[str]:
    return [f"page {n}" for n in range(count)]


def test_a_worker_killed_before_the_claim_leaves_the_job_to_another(
    database: Database, seen: Seen, start: Walk
) -> None:
    with workers(database.worker, 2) as (first, _):
        first.signal(signal.SIGKILL)
        first.wait()
        job = start("once")
        seen.until_state(job, "COMPLETED")
    assert seen.attempts(job) == [("COMPLETED", None)]


def test_a_claim_that_was_not_committed_leaves_the_job_where_it_was(
    database: Database, seen: Seen, start: Walk
) -> None:
    job = start("once")
    with psycopg.connect(database.worker) as conn:
        conn.execute("set role service_role")
        claimed = conn.execute("select id from rollcall.claim_jobs('dies', '1 hour', '{SYNC}', 1)").fetchall()
        conn.rollback()
    assert claimed == [(job,)]
    with workers(database.worker):
        seen.until_state(job, "COMPLETED")
    assert seen.attempts(job) == [("COMPLETED", None)]


def test_a_walk_whose_worker_is_killed_goes_on_at_its_cursor_and_reads_no_page_twice(
    database: Database, seen: Seen, start: Walk
) -> None:
    with workers(database.worker) as (first,):
        job = start("walk", pages=40)
        seen.until_played(job, "page 10")
        first.signal(signal.SIGKILL)
        first.wait()
        with workers(database.worker):
            seen.until_state(job, "COMPLETED")
    assert seen.played(job) == pages(40)
    assert seen.attempts(job) == [("LOST", "worker_lost"), ("COMPLETED", None)]


def test_a_job_that_kills_every_worker_ends_with_a_sentence(database: Database, seen: Seen, start: Walk) -> None:
    job = start("die", max_attempts=2)
    for _ in range(2):
        with workers(database.worker) as (victim,):
            assert victim.wait() == -signal.SIGKILL
    with workers(database.worker):
        ended = seen.until_state(job, "FAILED")
    assert seen.attempts(job) == [("LOST", "worker_lost")] * 2
    assert "again and again" in error_said(ended)


def test_a_worker_that_is_asked_to_stop_puts_its_walk_back_with_the_cursor(
    database: Database, seen: Seen, start: Walk
) -> None:
    with workers(database.worker) as (first,):
        job = start("walk", pages=60)
        seen.until_played(job, "page 5")
        first.signal(signal.SIGTERM)
        assert first.wait() == 0
    stopped = seen.job(job)
    assert stopped["state"] == "PENDING"
    assert (stopped["cursor"]["page"], stopped["attempt"]) == (len(seen.played(job)), 0)
    with workers(database.worker):
        seen.until_state(job, "COMPLETED")
    assert seen.played(job) == pages(60)
    assert seen.attempts(job) == [("DRAINED", None), ("COMPLETED", None)]


def test_a_handler_that_does_not_listen_is_ended_when_the_drain_is_over(
    database: Database, seen: Seen, start: Walk
) -> None:
    with workers(database.worker, WORKER_DRAIN_SECONDS="0.3") as (worker,):
        job = start("deaf")
        seen.until_played(job, "begin")
        worker.signal(signal.SIGINT)
        assert worker.wait() == 0
    assert seen.state(job) == "PENDING"
    assert seen.attempts(job) == [("DRAINED", None)]


def test_a_second_signal_ends_the_worker_at_once(database: Database, seen: Seen, start: Walk) -> None:
    with workers(database.worker, WORKER_DRAIN_SECONDS="3600") as (worker,):
        job = start("deaf")
        seen.until_played(job, "begin")
        worker.signal(signal.SIGTERM)
        worker.until_logged("worker_draining")
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 128 + signal.SIGTERM
    assert seen.state(job) == "RUNNING"


def test_a_worker_that_wakes_after_losing_its_lease_changes_nothing(
    database: Database, seen: Seen, start: Walk, owner: psycopg.Connection[dict[str, Any]]
) -> None:
    with workers(database.worker, 2) as fleet:
        job = start("walk", pages=40, pause=0.1)
        seen.until_played(job, "page 3")
        frozen = next(w for w in fleet if f":{w.pid}:" in seen.job(job)["worker"])
        frozen.signal(signal.SIGSTOP)
        until(lambda: seen.job(job)["fence"] == 2)
        seen.until_played(job, "page 20")
        frozen.signal(signal.SIGCONT)
        frozen.until_logged("job_lost")
        seen.until_state(job, "COMPLETED")
    assert seen.played(job) == pages(40)
    by_fence = owner.execute("select distinct fence, pid from public.played order by fence").fetchall()
    assert [row["fence"] for row in by_fence] == [1, 2]
    assert by_fence[0]["pid"] == frozen.pid != by_fence[1]["pid"]


def test_a_job_that_waits_for_its_person_is_taken_over_when_its_worker_dies(
    database: Database, seen: Seen, start: Walk, owner: psycopg.Connection[dict[str, Any]]
) -> None:
    with workers(database.worker) as (first,):
        job = start("ask")
        seen.until_state(job, "NEEDS_INPUT")
        first.signal(signal.SIGKILL)
        first.wait()
        with workers(database.worker):
            until(lambda: seen.job(job)["fence"] == 2)
            seen.until_state(job, "NEEDS_INPUT")
            owner.execute("update public.sync_jobs set sealed_input = 'code' where id = %s", (job,))
            seen.until_state(job, "COMPLETED")
    assert seen.played(job) == ["code"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for a socket's path."""
    with scratch("rq") as name:
        yield Path(name)


def test_a_worker_survives_a_stopped_database_and_its_walk_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", str(folder)))
    with ExitStack() as stack:
        with embedded_database(folder, durable=False) as url:
            migrate(url)
            roles.allow_login(url, roles.WORKER)
            with psycopg.connect(url, autocommit=True, row_factory=dict_row) as conn:
                seen = Seen(conn)
                row = conn.execute(ARRANGE, (Jsonb({"play": "walk", "pages": 60, "pause": 0.05}),)).fetchone()
                assert row is not None
                (worker,) = stack.enter_context(workers(make_conninfo(url, user=roles.WORKER)))
                seen.until_played(row["id"], "page 5")
        worker.until_logged("database_unreachable")
        with (
            embedded_database(folder, durable=False) as url,
            psycopg.connect(url, autocommit=True, row_factory=dict_row) as conn,
        ):
            seen = Seen(conn, make=False)
            seen.until_state(row["id"], "COMPLETED", seconds=90)
            assert seen.played(row["id"]) == pages(60)
            assert worker.process.poll() is None
            assert seen.job(row["id"])["attempt"] == 0


ARRANGE = """
with person as (
  insert into auth.users (email, encrypted_password) values ('alice@example.org', 'no login') returning id
), profile as (
  insert into public.profiles (user_id, platform, username, state)
  select id, 'instagram', 'alice', 'CONNECTED' from person returning id, user_id
)
insert into public.sync_jobs (user_id, profile_id, kind, args) select user_id, id, 'SYNC', %s from profile returning id
"""
