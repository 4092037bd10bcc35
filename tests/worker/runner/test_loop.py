"""Real workers on a real queue: who runs what, in which order, and how it ends."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from shared.errors import SiteFailed
from shared.messages import about
from tests.conftest import Database, Personas
from tests.said import error_said
from tests.worker.fleet import Seen, until, workers

pytestmark = pytest.mark.slow
Make = Callable[..., UUID]
Play = Callable[..., UUID]
SESSION_KINDS = ("SYNC_PROFILE", "SYNC_FOLLOWERS", "SYNC_FOLLOWING", "SYNC_MEDIA")


@pytest.fixture
def seen(owner: psycopg.Connection[dict[str, Any]]) -> Seen:
    return Seen(owner)


@pytest.fixture
def play(people: Personas, make_profile: Make, make_job: Make) -> Play:
    """play("walk", pages=3) -> the id of a new job of Alice's, in a lane of its own unless `profile` is given."""

    numbers = count()

    def enqueue(what: str, *, profile: UUID | None = None, kind: str = "SYNC", **args: Any) -> UUID:
        columns = {name: args.pop(name) for name in ("max_attempts", "priority", "sealed") if name in args}
        lane = profile or make_profile(people.alice, f"alice.{next(numbers)}")
        return make_job(people.alice, lane, kind, args=Jsonb({"play": what, **args}), **columns)

    return enqueue


def test_of_two_workers_one_runs_the_job_once(database: Database, seen: Seen, play: Play) -> None:
    with workers(database.worker, 2):
        job = play("once")
        seen.until_state(job, "COMPLETED")
    assert seen.played(job) == ["once"]
    assert seen.attempts(job) == [("COMPLETED", None)]


def test_four_workers_keep_twenty_lanes_apart_and_run_every_job_once(
    database: Database, seen: Seen, play: Play, people: Personas, make_profile: Make, owner: psycopg.Connection[Any]
) -> None:
    lanes = [make_profile(people.alice, f"lane.{n}") for n in range(20)]
    jobs = [
        play("hold", profile=lane, kind=kind, priority=100 + 50 * ((n + m) % 3))
        for m, kind in enumerate(SESSION_KINDS)
        for n, lane in enumerate(lanes)
    ]
    with workers(database.worker, 4, concurrency=5) as fleet:
        until(lambda: all(seen.state(job) == "COMPLETED" for job in jobs), 240)
        assert all(worker.process.poll() is None for worker in fleet)
        assert not [line for worker in fleet for line in worker.log().splitlines() if '"level": "error"' in line]
    rows = owner.execute(
        "select job_id, what, profile_id from public.played p join public.sync_jobs j on j.id = job_id order by p.id"
    ).fetchall()
    assert len(rows) == 2 * len(jobs)
    by_lane = defaultdict(list)
    for row in rows:
        by_lane[row["profile_id"]].append((row["job_id"], row["what"]))
    for told in by_lane.values():
        for (first, begin), (second, end) in zip(told[::2], told[1::2], strict=True):
            assert (first, begin, end) == (second, "begin", "end")


def test_a_job_is_found_by_polling_when_no_notification_comes(
    database: Database, seen: Seen, play: Play, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("alter table public.sync_jobs disable trigger job_enqueued")
    with workers(database.worker):
        job = play("once", priority=7)
        seen.until_state(job, "COMPLETED")


def test_a_notification_that_means_nothing_is_passed_over(
    database: Database, seen: Seen, play: Play, owner: psycopg.Connection[Any]
) -> None:
    # Only a notification can bring the job to a worker that polls this seldom.
    with workers(database.worker, WORKER_POLL_SECONDS="300"):
        first = play("once")
        seen.until_state(first, "COMPLETED")
        for junk in ("what", "99999", "-1", "²", "00000000-0000-0000-0000-000000000000"):
            owner.execute("select pg_notify('rollcall_jobs', %s)", (junk,))
        job = play("once", priority=7)
        seen.until_state(job, "COMPLETED")


def test_a_passing_fault_is_tried_again_until_its_attempts_are_spent(
    database: Database, seen: Seen, play: Play
) -> None:
    with workers(database.worker):
        job = play("site_failed", max_attempts=3)
        ended = seen.until_state(job, "FAILED")
    assert seen.attempts(job) == [("RETRY", "site_failed")] * 2 + [("FAILED", "site_failed")]
    assert ended["error_code"] == "site_failed"
    assert error_said(ended).startswith(about(SiteFailed.sentence, "Instagram"))


def test_a_rate_limit_rests_the_whole_profile_and_counts_as_no_failure(
    database: Database,
    seen: Seen,
    play: Play,
    people: Personas,
    make_profile: Make,
    make_connection: Make,
    owner: psycopg.Connection[Any],
) -> None:
    profile = make_profile(people.alice, "limited")
    make_connection(profile)
    with workers(database.worker, concurrency=1):
        job = play("rate_limited", profile=profile, priority=1)
        other = play("once", profile=profile, kind="SYNC_MEDIA", priority=2)
        waiting = seen.until_state(job, "WAITING")
        behind = seen.until_state(other, "WAITING")
        derived = play("once", profile=profile, kind="DERIVE")
        seen.until_state(derived, "COMPLETED")
    assert waiting["attempt"] == 0
    assert waiting["run_at"] > datetime.now(UTC) + timedelta(minutes=50)
    assert seen.attempts(job) == [("WAITING", "rate_limited")]
    assert (behind["run_at"], seen.played(other)) == (waiting["run_at"], [])
    cooling = owner.execute("select cooldown_until from public.profiles where id = %s", (profile,)).fetchone()
    assert cooling == {"cooldown_until": waiting["run_at"]}


def test_an_ended_session_ends_the_job_with_what_to_do(database: Database, seen: Seen, play: Play) -> None:
    with workers(database.worker):
        job = play("needs_login", sealed=b"a sealed password")
        ended = seen.until_state(job, "FAILED")
    assert ended["error_code"] == "needs_login"
    assert error_said(ended) == "Instagram has ended the session. Connect the account again."
    assert ended["sealed"] is None


def test_an_unforeseen_fault_is_told_to_the_log_and_not_to_the_person(
    database: Database, seen: Seen, play: Play
) -> None:
    with workers(database.worker) as (worker,):
        job = play("broken", max_attempts=2, hint="canary-in-args", sealed=b"canary-in-seal")
        ended = seen.until_state(job, "FAILED")
        log = worker.log()
    assert seen.attempts(job) == [("RETRY", "internal"), ("FAILED", "internal")]
    assert str(job) in error_said(ended)
    assert "no one foresaw" not in error_said(ended)
    assert "no one foresaw" in log
    assert "canary" not in log


def test_a_running_job_stops_when_it_is_cancelled(
    database: Database, seen: Seen, play: Play, owner: psycopg.Connection[Any]
) -> None:
    # The lease is long: only the notification can bring the word this soon.
    with workers(database.worker, WORKER_LEASE_SECONDS="600", WORKER_DRAIN_SECONDS="0.2"):
        polite, deaf = play("hang"), play("deaf")
        for job in (polite, deaf):
            seen.until_played(job, "begin")
            owner.execute("update public.sync_jobs set cancel_requested_at = now() where id = %s", (job,))
            seen.until_state(job, "CANCELLED")
            assert seen.attempts(job) == [("CANCELLED", None)]


def test_a_job_gets_the_answer_it_asks_for_and_the_row_forgets_it(
    database: Database, seen: Seen, play: Play, owner: psycopg.Connection[Any]
) -> None:
    with workers(database.worker):
        job = play("ask", kind="LOGIN")
        asking = seen.until_state(job, "NEEDS_INPUT")
        owner.execute("update public.sync_jobs set sealed_input = %s where id = %s", (b"sealed 123456", job))
        ended = seen.until_state(job, "COMPLETED")
    asked: dict[str, Any] = {"method": "sms", "sent_to": "*** 42", "others": [], "choices": []}
    asked |= {"error": None, "resend_at": None}
    assert asking["input_request"] == asked
    assert seen.played(job) == ["sealed 123456"]
    assert (ended["sealed_input"], ended["input_request"]) == (None, None)


def test_a_job_ends_with_a_sentence_when_nobody_answers(database: Database, seen: Seen, play: Play) -> None:
    with workers(database.worker):
        job = play("ask_briefly", kind="LOGIN")
        ended = seen.until_state(job, "FAILED")
    assert ended["error_code"] == "nobody_answered"
    assert ended["input_request"] is None


def test_progress_is_on_the_row_while_the_job_runs(database: Database, seen: Seen, play: Play) -> None:
    with workers(database.worker):
        job = play("walk", pages=1000, pause=0.05)
        progress = until(lambda: seen.job(job)["progress"])
    assert (progress["step"], progress["total"], seen.state(job)) == ("walk", 1000, "RUNNING")
    assert 0 < progress["done"] < 1000
    assert datetime.fromisoformat(progress["step_started_at"]).tzinfo is not None
