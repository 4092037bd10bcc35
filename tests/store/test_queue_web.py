"""The web changes the queue in a person's own name only, and never another person's job."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.domain.jobs import CodeMethod, JobKind, JobState
from shared.store.queue import jobs
from tests.conftest import Personas

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
Pool = ConnectionPool[WebConnection]
ASKING = Jsonb({"method": "sms", "sent_to": "*** 42", "others": ["backup"], "error": None})
LATER = datetime.now(UTC) + timedelta(days=30)


@pytest.fixture
def profile(people: Personas, make_profile: Make) -> UUID:
    return make_profile(people.alice)


def state(owner: Owner, job: UUID) -> str:
    found = owner.execute("select state from public.sync_jobs where id = %s", (job,)).fetchone()
    assert found is not None
    return str(found["state"])


def test_enqueueing_twice_gives_the_live_job_and_a_new_one_once_it_ended(
    web_pool: Pool, people: Personas, profile: UUID, owner: Owner
) -> None:
    with tenant(web_pool, people.alice) as conn:
        first, made = jobs.enqueue(conn, people.alice, profile, JobKind.SYNC)
        assert made
        assert jobs.enqueue(conn, people.alice, profile, JobKind.SYNC) == (first, False)
        assert jobs.enqueue(conn, people.alice, profile, JobKind.SYNC_MEDIA)[1]
        assert jobs.request_cancel(conn, first)
        second, made = jobs.enqueue(conn, people.alice, profile, JobKind.SYNC)
    assert made
    assert second != first
    assert state(owner, first) == "CANCELLED"


def test_exports_do_not_stand_in_for_each_other_but_the_same_form_sent_twice_is_one(
    web_pool: Pool, people: Personas, profile: UUID
) -> None:
    chosen, args = uuid4(), {"export_id": str(uuid4())}
    with tenant(web_pool, people.alice) as conn:
        assert jobs.enqueue(conn, people.alice, profile, JobKind.EXPORT, args=args, job_id=chosen) == (chosen, True)
        assert jobs.enqueue(conn, people.alice, profile, JobKind.EXPORT, args=args, job_id=chosen) == (chosen, False)
        assert jobs.enqueue(conn, people.alice, profile, JobKind.EXPORT, args=args)[1]


def test_two_tabs_at_once_enqueue_one_job(web_pool: Pool, people: Personas, profile: UUID, owner: Owner) -> None:
    with tenant(web_pool, people.alice) as one:
        first, _ = jobs.enqueue(one, people.alice, profile, JobKind.SYNC)
        with owner.transaction(force_rollback=True):
            owner.execute("set local lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                owner.execute(
                    "insert into public.sync_jobs (user_id, profile_id, kind) values (%s, %s, 'SYNC')"
                    " on conflict do nothing",
                    (people.alice, profile),
                )
    with tenant(web_pool, people.alice) as two:
        assert jobs.enqueue(two, people.alice, profile, JobKind.SYNC) == (first, False)


@pytest.mark.parametrize("user", ["alice", "charlie"])
def test_nobody_enqueues_for_a_profile_that_is_not_theirs(
    web_pool: Pool, people: Personas, profile: UUID, user: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, people.charlie) as conn:
        jobs.enqueue(conn, getattr(people, user), profile, JobKind.SYNC)


@pytest.mark.parametrize(
    "statement",
    [
        "update public.sync_jobs set state = 'RUNNING'",
        "update public.sync_jobs set cancel_requested_at = now()",
        "update public.sync_jobs set sealed_input = 'x'",
        "update public.sync_jobs set priority = 0",
        "update public.sync_jobs set run_at = now()",
        "delete from public.sync_jobs",
        "select sealed from public.sync_jobs",
        "select sealed_input from public.sync_jobs",
        "select cursor from public.sync_jobs",
        "insert into sync_jobs (user_id, profile_id, kind, state) select user_id, id, 'SYNC', 'WAITING' from profiles",
        "insert into sync_jobs (user_id, profile_id, kind, run_at) select user_id, id, 'SYNC', now() from profiles",
        "update public.sync_attempts set items = 1",
        "select rollcall.release_lost_jobs()",
        "select rollcall.claim_jobs('w', '1 hour', '{SYNC}', 1)",
    ],
)
def test_the_web_may_do_nothing_else_even_to_its_own_persons_job(
    web_pool: Pool, people: Personas, profile: UUID, make_job: Make, statement: Any
) -> None:
    make_job(people.alice, profile, "SYNC_MEDIA")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, people.alice) as conn:
        conn.execute(statement)


def test_a_job_that_waits_is_cancelled_at_once_and_forgets_its_secret(
    web_pool: Pool, people: Personas, profile: UUID, make_job: Make, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "LOGIN", sealed=b"password")
    with tenant(web_pool, people.alice) as conn:
        assert jobs.request_cancel(conn, job)
        assert not jobs.request_cancel(conn, job)
    after = owner.execute("select state, sealed, ended_at from public.sync_jobs").fetchone()
    assert after is not None
    assert (after["state"], after["sealed"]) == ("CANCELLED", None)
    assert after["ended_at"] is not None


def test_a_running_job_is_told_and_its_worker_woken(
    web_pool: Pool, people: Personas, profile: UUID, make_job: Make, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "SYNC", state="RUNNING", lease_until=LATER)
    owner.execute("listen rollcall_jobs")
    with tenant(web_pool, people.alice) as conn:
        assert jobs.request_cancel(conn, job)
        view = jobs.get(conn, job)
    assert view is not None
    assert (view.state, view.cancel_requested) == (JobState.RUNNING, True)
    assert [notice.payload for notice in owner.notifies(timeout=240, stop_after=1)] == [str(job)]


def test_enqueueing_wakes_the_workers_at_commit(web_pool: Pool, people: Personas, profile: UUID, owner: Owner) -> None:
    owner.execute("listen rollcall_jobs")
    with tenant(web_pool, people.alice) as conn:
        jobs.enqueue(conn, people.alice, profile, JobKind.SYNC)
    assert [notice.payload for notice in owner.notifies(timeout=240, stop_after=1)] == ["100"]


def test_an_answer_is_taken_once_and_only_while_it_is_asked_for(
    web_pool: Pool, people: Personas, profile: UUID, make_job: Make, owner: Owner
) -> None:
    asking = make_job(people.alice, profile, "LOGIN", state="NEEDS_INPUT", lease_until=LATER, input_request=ASKING)
    silent = make_job(people.alice, profile, "SYNC")
    with tenant(web_pool, people.alice) as conn:
        assert not jobs.answer(conn, silent, b"code")
        assert jobs.answer(conn, asking, b"code")
        assert not jobs.answer(conn, asking, b"another")
    kept = owner.execute("select sealed_input from public.sync_jobs where id = %s", (asking,)).fetchone()
    assert kept == {"sealed_input": b"code"}


def test_another_persons_job_can_be_neither_seen_cancelled_nor_answered(
    web_pool: Pool, people: Personas, profile: UUID, make_job: Make, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "LOGIN", state="NEEDS_INPUT", lease_until=LATER, input_request=ASKING)
    for user in (people.charlie, people.bob):
        with tenant(web_pool, user) as conn:
            assert jobs.get(conn, job) is None
            assert jobs.recent(conn, profile, 10) == []
            assert jobs.attempts(conn, [job]) == {job: []}
            assert not jobs.request_cancel(conn, job)
            assert not jobs.answer(conn, job, b"code")
    with tenant(web_pool, None) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        jobs.request_cancel(conn, job)
    assert state(owner, job) == "NEEDS_INPUT"


def test_a_view_says_what_is_asked_and_how_long_it_will_take(
    web_pool: Pool, people: Personas, make_profile: Make, make_job: Make
) -> None:
    began = (datetime.now(UTC) - timedelta(seconds=100)).isoformat()
    walking = make_job(
        people.alice,
        make_profile(people.alice, "walking"),
        "SYNC",
        state="RUNNING",
        lease_until=LATER,
        progress=Jsonb({"step": "followers", "done": 500, "total": 1000, "step_started_at": began, "started_from": 0}),
    )
    asking = make_job(
        people.alice,
        make_profile(people.alice, "asking"),
        "LOGIN",
        state="NEEDS_INPUT",
        lease_until=LATER,
        input_request=ASKING,
    )
    with tenant(web_pool, people.alice) as conn:
        seen, asked = jobs.get(conn, walking), jobs.get(conn, asking)
    assert seen is not None
    assert asked is not None
    assert seen.eta_seconds == pytest.approx(100, abs=20)
    assert asked.eta_seconds is None
    assert asked.input_request is not None
    assert (asked.input_request.sent_to, asked.input_request.others) == ("*** 42", (CodeMethod.BACKUP,))


def test_the_history_is_paged_newest_first_with_its_attempts(
    web_pool: Pool, people: Personas, profile: UUID, make_job: Make, owner: Owner
) -> None:
    made = [make_job(people.alice, profile, "EXPORT", state="FAILED", ended_at=LATER) for _ in range(5)]
    owner.execute(
        "insert into public.sync_attempts (user_id, job_id, kind, fence, worker, ended_at, outcome, error_code)"
        " values (%s, %s, 'EXPORT', 1, 'w', now(), 'FAILED', 'internal')",
        (people.alice, made[0]),
    )
    with tenant(web_pool, people.alice) as conn:
        first = jobs.recent(conn, profile, 3)
        rest = jobs.recent(conn, profile, 3, before=first[-1].seq)
        attempts = jobs.attempts(conn, made)
    assert [view.id for view in (*first, *rest)] == made[::-1]
    assert [(a.fence, a.error_code) for a in attempts[made[0]]] == [(1, "internal")]
    assert attempts[made[1]] == []
