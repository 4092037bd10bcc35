"""The queue's table and its functions, on a real PostgreSQL: claim, lane, fence, lease, settle."""

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain import backoff
from shared.domain.backoff import Decision
from shared.domain.cooldown import Cooldown
from shared.domain.jobs import ENDED, TRANSITIONS, CodeMethod, InputRequest, JobKind, JobState, Outcome
from shared.store.queue import claims
from tests.conftest import Personas

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
LEASE = timedelta(minutes=1)
AGAIN = Decision(state=JobState.WAITING, outcome=Outcome.RETRY, error_code="site_failed", counts=True)


@pytest.fixture
async def conn(worker_pool: AsyncConnectionPool[WorkerConnection]) -> AsyncIterator[WorkerConnection]:
    async with worker_pool.connection() as made:
        await made.set_autocommit(True)
        yield made
        await made.set_autocommit(False)


@pytest.fixture
def profile(people: Personas, make_profile: Make) -> UUID:
    return make_profile(people.alice)


@pytest.fixture
def job(people: Personas, profile: UUID, make_job: Make) -> UUID:
    return make_job(people.alice, profile, "SYNC")


async def claim(conn: WorkerConnection, limit: int = 10, worker: str = "w", **given: Any) -> list[claims.Job]:
    return await claims.claim(conn, worker, LEASE, list(JobKind), limit, **given)


async def claim_one(conn: WorkerConnection) -> claims.Job:
    (claimed,) = await claim(conn)
    return claimed


def row(owner: Owner, job: UUID) -> dict[str, Any]:
    found = owner.execute("select * from public.sync_jobs where id = %s", (job,)).fetchone()
    assert found is not None
    return found


def outcomes(owner: Owner, job: UUID) -> list[str | None]:
    rows = owner.execute("select outcome from public.sync_attempts where job_id = %s order by fence", (job,))
    return [attempt["outcome"] for attempt in rows]


def expire(owner: Owner, job: UUID) -> None:
    owner.execute("update public.sync_jobs set lease_until = now() - interval '1 second' where id = %s", (job,))


async def test_the_best_priority_goes_first_and_the_oldest_among_equals(
    conn: WorkerConnection, people: Personas, make_profile: Make, make_job: Make
) -> None:
    late, first, early = (
        make_job(people.alice, make_profile(people.alice, f"p{n}"), "SYNC", priority=priority)
        for n, priority in enumerate((200, 50, 200))
    )
    assert [c.id for c in await claim(conn, 2)] == [first, late]
    assert [c.id for c in await claim(conn, 2)] == [early]


async def test_a_job_is_not_claimed_before_its_time_nor_by_whom_it_does_not_suit(
    conn: WorkerConnection, people: Personas, make_profile: Make, make_job: Make
) -> None:
    make_job(people.alice, make_profile(people.alice), "SYNC", run_at=datetime.now(UTC) + timedelta(hours=1))
    derive = make_job(people.alice, make_profile(people.alice, "other"), "DERIVE")
    assert await claims.claim(conn, "w", LEASE, [JobKind.SYNC], 10) == []
    assert [c.id for c in await claim(conn)] == [derive]


async def test_a_lane_holds_one_job_and_work_without_a_lane_goes_beside_it(
    conn: WorkerConnection, people: Personas, profile: UUID, make_job: Make
) -> None:
    first = make_job(people.alice, profile, "SYNC")
    second = make_job(people.alice, profile, "SYNC_MEDIA")
    derive, export = (make_job(people.alice, profile, kind) for kind in ("DERIVE", "EXPORT"))
    claimed = await claim(conn)
    assert {c.id for c in claimed} == {first, derive, export}
    assert await claim(conn) == []
    await claims.settle(conn, first, claimed[0].fence, backoff.COMPLETED, None)
    assert [c.id for c in await claim(conn)] == [second]


async def test_two_workers_at_one_lane_neither_wait_nor_fail(
    worker_pool: AsyncConnectionPool[WorkerConnection],
    people: Personas,
    make_profile: Make,
    make_job: Make,
) -> None:
    lane = make_profile(people.alice)
    for kind in ("SYNC", "SYNC_MEDIA"):
        make_job(people.alice, lane, kind)
    elsewhere = make_job(people.alice, make_profile(people.alice, "elsewhere"), "SYNC")
    async with worker_pool.connection() as one, worker_pool.connection() as two:
        await two.execute("set lock_timeout = '1s'")
        first = await claim(one, 1)
        second = await claim(two, 5)
        assert len(first) == 1
        assert [c.id for c in second] == [elsewhere]


async def test_a_lane_cannot_be_entered_twice_whatever_the_statement(
    conn: WorkerConnection, people: Personas, profile: UUID, make_job: Make, owner: Owner
) -> None:
    make_job(people.alice, profile, "SYNC")
    await claim(conn)
    other = make_job(people.alice, profile, "SYNC_MEDIA")
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute("update public.sync_jobs set state = 'RUNNING', lease_until = now() where id = %s", (other,))


async def test_a_claim_raises_the_fence_and_opens_an_attempt(conn: WorkerConnection, job: UUID, owner: Owner) -> None:
    claimed = await claim_one(conn)
    assert (claimed.id, claimed.fence) == (job, 1)
    assert outcomes(owner, job) == [None]
    assert row(owner, job)["lease_until"] > datetime.now(UTC)


async def test_an_old_fence_changes_nothing(conn: WorkerConnection, job: UUID, owner: Owner) -> None:
    old = await claim_one(conn)
    expire(owner, job)
    new = await claim_one(conn)
    before = row(owner, job)
    assert new.fence == old.fence + 1
    assert not await claims.prove(conn, job, old.fence, LEASE)
    assert await claims.beat(conn, job, old.fence, LEASE, {"step": "x", "done": 1, "total": 2}) is None
    assert not await claims.save_cursor(conn, job, old.fence, {"page": 9}, 5)
    assert await claims.settle(conn, job, old.fence, backoff.COMPLETED, None) is None
    assert not await claims.ask(conn, job, old.fence, InputRequest(CodeMethod.SMS))
    assert await claims.take_answer(conn, job, old.fence, give_up=True) is None
    assert row(owner, job) == before
    assert outcomes(owner, job) == ["LOST", None]


async def test_a_fence_is_void_as_soon_as_the_job_was_taken_back(
    conn: WorkerConnection, job: UUID, owner: Owner
) -> None:
    claimed = await claim_one(conn)
    expire(owner, job)
    owner.execute("select rollcall.release_lost_jobs()")
    assert row(owner, job)["fence"] == claimed.fence
    assert not await claims.prove(conn, job, claimed.fence, LEASE)


async def test_a_beat_extends_the_lease_and_brings_back_the_cancellation(
    conn: WorkerConnection, job: UUID, owner: Owner
) -> None:
    claimed = await claim_one(conn)
    before = row(owner, job)["lease_until"]
    assert await claims.beat(conn, job, claimed.fence, LEASE, None) is False
    assert row(owner, job)["lease_until"] > before
    owner.execute("update public.sync_jobs set cancel_requested_at = now() where id = %s", (job,))
    assert await claims.beat(conn, job, claimed.fence, LEASE, None) is True


async def test_a_step_keeps_its_beginning_until_another_step_or_attempt(
    conn: WorkerConnection, job: UUID, owner: Owner
) -> None:
    async def told(step: str, done: int) -> dict[str, Any]:
        await claims.beat(conn, job, row(owner, job)["fence"], LEASE, {"step": step, "done": done, "total": 9})
        progress: dict[str, Any] = row(owner, job)["progress"]
        return progress

    await claim(conn)
    first, second, third = await told("followers", 1), await told("followers", 4), await told("media", 0)
    assert first["step_started_at"] == second["step_started_at"] != third["step_started_at"]
    assert (first["started_from"], second["started_from"], second["done"]) == (1, 1, 4)
    expire(owner, job)
    await claim(conn)
    resumed = await told("media", 3)
    assert resumed["started_from"] == 3
    assert resumed["step_started_at"] != third["step_started_at"]


async def test_a_page_that_got_through_starts_the_count_of_failures_again(
    conn: WorkerConnection, job: UUID, owner: Owner
) -> None:
    claimed = await claim_one(conn)
    await claims.settle(conn, job, claimed.fence, AGAIN, None)
    assert row(owner, job)["attempt"] == 1
    claimed = await claim_one(conn)
    await claims.save_cursor(conn, job, claimed.fence, {"page": 1}, 0)
    assert row(owner, job)["attempt"] == 1
    await claims.save_cursor(conn, job, claimed.fence, {"page": 2}, 25)
    assert (row(owner, job)["attempt"], row(owner, job)["cursor"]) == (0, {"page": 2})
    items = owner.execute("select sum(items) as items from public.sync_attempts").fetchone()
    assert items == {"items": 25}


async def test_a_job_whose_workers_all_fall_silent_ends(
    conn: WorkerConnection, people: Personas, profile: UUID, make_job: Make, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "LOGIN", max_attempts=2, sealed=b"password")
    for _ in range(2):
        await claim_one(conn)
        expire(owner, job)
    assert await claim(conn) == []
    ended = row(owner, job)
    assert (ended["state"], ended["error_code"], ended["sealed"]) == ("FAILED", "worker_lost", None)
    assert outcomes(owner, job) == ["LOST", "LOST"]


async def test_a_lost_job_that_was_to_stop_stops(conn: WorkerConnection, job: UUID, owner: Owner) -> None:
    await claim(conn)
    owner.execute("update public.sync_jobs set cancel_requested_at = now() where id = %s", (job,))
    expire(owner, job)
    assert await claim(conn) == []
    assert row(owner, job)["state"] == "CANCELLED"


async def test_a_job_that_waits_for_its_person_is_claimed_again_when_its_lease_ran_out(
    conn: WorkerConnection, job: UUID, owner: Owner
) -> None:
    claimed = await claim_one(conn)
    await claims.ask(conn, job, claimed.fence, InputRequest(CodeMethod.SMS))
    assert await claim(conn) == []
    expire(owner, job)
    assert (await claim_one(conn)).id == job
    assert row(owner, job)["input_request"] is None


async def test_a_resting_profile_starts_nothing_in_its_lane(
    conn: WorkerConnection,
    people: Personas,
    make_profile: Make,
    make_connection: Make,
    make_job: Make,
    owner: Owner,
) -> None:
    until = datetime.now(UTC) + timedelta(hours=2)
    resting, rested = make_profile(people.alice, "resting"), make_profile(people.alice, "rested")
    make_connection(resting, cooldown_until=until)
    make_connection(rested, cooldown_until=datetime.now(UTC) - timedelta(hours=2))
    waits = [make_job(people.alice, resting, kind) for kind in ("SYNC", "SYNC_MEDIA")]
    goes = [make_job(people.alice, resting, "DERIVE"), make_job(people.alice, rested, "SYNC")]
    goes.append(make_job(people.alice, resting, "LOGIN"))
    assert {c.id for c in await claim(conn)} == set(goes)
    assert [(row(owner, job)["state"], row(owner, job)["run_at"]) for job in waits] == [("WAITING", until)] * 2


async def test_cooling_down_never_shortens_a_rest(
    conn: WorkerConnection, people: Personas, make_profile: Make, make_connection: Make, owner: Owner
) -> None:
    longer = datetime.now(UTC) + timedelta(hours=9)
    connection = make_connection(make_profile(people.alice), cooldown_until=longer)
    await claims.start_cooldown(conn, people.alice, connection, Cooldown("rate_limited", timedelta(hours=1)))
    assert owner.execute("select cooldown_until from public.profiles").fetchone() == {"cooldown_until": longer}


async def test_the_answer_is_erased_as_it_is_read(conn: WorkerConnection, job: UUID, owner: Owner) -> None:
    claimed = await claim_one(conn)
    await claims.ask(conn, job, claimed.fence, InputRequest(CodeMethod.SMS))
    assert await claims.take_answer(conn, job, claimed.fence) is None
    assert row(owner, job)["state"] == "NEEDS_INPUT"
    owner.execute("update public.sync_jobs set sealed_input = 'sealed code' where id = %s", (job,))
    assert await claims.take_answer(conn, job, claimed.fence) == b"sealed code"
    after = row(owner, job)
    assert (after["state"], after["sealed_input"], after["input_request"]) == ("RUNNING", None, None)


@pytest.mark.parametrize(
    "end",
    [
        backoff.COMPLETED,
        backoff.CANCELLED,
        Decision(state=JobState.FAILED, outcome=Outcome.FAILED, error_code="wrong_password"),
    ],
    ids=lambda end: end.state,
)
@pytest.mark.parametrize("asking", [False, True])
async def test_what_was_sealed_goes_whatever_the_end(
    conn: WorkerConnection,
    people: Personas,
    profile: UUID,
    make_job: Make,
    owner: Owner,
    end: Decision,
    asking: bool,
) -> None:
    job = make_job(people.alice, profile, "LOGIN", sealed=b"password", sealed_expires_at=datetime.now(UTC))
    claimed = await claim_one(conn)
    if asking and end.state is not JobState.COMPLETED:
        await claims.ask(conn, job, claimed.fence, InputRequest(CodeMethod.SMS))
        owner.execute("update public.sync_jobs set sealed_input = 'code' where id = %s", (job,))
    settled = await claims.settle(conn, job, claimed.fence, end, None)
    after = row(owner, job)
    assert settled is not None
    assert (settled.state, after["sealed"], after["sealed_input"]) == (end.state, None, None)
    assert outcomes(owner, job) == [end.outcome]


async def test_a_retry_keeps_what_was_sealed_and_forgets_the_answer(
    conn: WorkerConnection, people: Personas, profile: UUID, make_job: Make, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "LOGIN", sealed=b"password")
    claimed = await claim_one(conn)
    await claims.ask(conn, job, claimed.fence, InputRequest(CodeMethod.SMS))
    owner.execute("update public.sync_jobs set sealed_input = 'code' where id = %s", (job,))
    await claims.settle(conn, job, claimed.fence, AGAIN, None)
    assert (row(owner, job)["sealed"], row(owner, job)["sealed_input"]) == (b"password", None)


async def test_a_job_that_is_to_stop_is_not_put_back(conn: WorkerConnection, job: UUID, owner: Owner) -> None:
    claimed = await claim_one(conn)
    owner.execute("update public.sync_jobs set cancel_requested_at = now() where id = %s", (job,))
    settled = await claims.settle(conn, job, claimed.fence, backoff.DRAINED, None)
    assert settled is not None
    assert settled.state is JobState.CANCELLED
    assert outcomes(owner, job) == ["CANCELLED"]


COLUMNS = {
    JobState.RUNNING: {"lease_until": "2030-01-01"},
    JobState.NEEDS_INPUT: {"lease_until": "2030-01-01", "input_request": "{}"},
    **{state: {"ended_at": "2030-01-01"} for state in ENDED},
}


async def test_the_table_allows_the_transitions_that_the_domain_names_and_no_others(
    people: Personas, make_profile: Make, make_job: Make, owner: Owner
) -> None:
    allowed: dict[JobState, set[JobState]] = {state: set() for state in JobState}
    for n, (before, after) in enumerate((b, a) for b in JobState for a in JobState if b != a):
        lane = make_profile(people.alice, f"p{n}")
        job = make_job(people.alice, lane, "SYNC", state=before, **COLUMNS.get(before, {}))
        columns = {"lease_until": None, "input_request": None, "ended_at": None} | COLUMNS.get(after, {})
        with contextlib.suppress(psycopg.errors.CheckViolation):
            owner.execute(
                "update public.sync_jobs set state = %(state)s, lease_until = %(lease_until)s,"
                " input_request = %(input_request)s, ended_at = %(ended_at)s where id = %(id)s",
                columns | {"state": after, "id": job},
            )
            allowed[before].add(after)
    assert allowed == {state: set(after) for state, after in TRANSITIONS.items()}


async def test_an_ended_job_cannot_hold_a_secret(people: Personas, profile: UUID, make_job: Make) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        make_job(people.alice, profile, "LOGIN", state="FAILED", ended_at=datetime.now(UTC), sealed=b"password")


async def test_a_job_below_the_floors_is_found_at_the_full_look(
    conn: WorkerConnection, people: Personas, profile: UUID, make_job: Make
) -> None:
    floors = {100: datetime.now(UTC)}
    job = make_job(people.alice, profile, "SYNC", run_at=datetime.now(UTC) - timedelta(minutes=5))
    assert await claim(conn, floors=floors) == []
    assert [c.id for c in await claim(conn)] == [job]


async def test_the_floors_rise_to_the_first_job_that_waits_and_no_further(
    conn: WorkerConnection, people: Personas, make_profile: Make, make_job: Make, owner: Owner
) -> None:
    old = datetime.now(UTC) - timedelta(minutes=5)
    first = make_job(people.alice, make_profile(people.alice, "a"), "SYNC", run_at=old)
    make_job(people.alice, make_profile(people.alice, "b"), "SYNC", priority=200)
    before = await claims.levels(conn)
    assert before[100] == old
    assert set(before) == {100, 200}
    owner.execute("delete from public.sync_jobs where id = %s", (first,))
    after = await claims.levels(conn, before)
    assert after[100] > old
    assert [c.priority for c in await claim(conn, floors=after)] == [200]


async def test_two_connections_of_a_profile_hold_each_other_up_neither_at_work_nor_in_a_cooldown(
    conn: WorkerConnection,
    people: Personas,
    make_profile: Make,
    make_connection: Make,
    make_job: Make,
    owner: Owner,
    second_way_in: str,
) -> None:
    profile = make_profile(people.alice)
    browser, api = make_connection(profile), make_connection(profile, method=second_way_in)
    walk = make_job(people.alice, profile, "SYNC_FOLLOWERS", connection_id=browser)
    behind = make_job(people.alice, profile, "SYNC_FOLLOWING", connection_id=browser)
    stories = make_job(people.alice, profile, "SYNC_STORIES", connection_id=api)
    assert {one.id for one in await claim(conn)} == {walk, stories}
    await claims.start_cooldown(conn, people.alice, browser, Cooldown("rate_limited", timedelta(hours=1)))
    assert row(owner, behind)["state"] == "WAITING"
    media = make_job(people.alice, profile, "SYNC_MEDIA", connection_id=api)
    owner.execute("update public.sync_jobs set state = 'COMPLETED' where id = %s", (stories,))
    assert [one.id for one in await claim(conn)] == [media]
    cooling = owner.execute("select cooldown_until from public.profiles").fetchone()
    assert cooling == {"cooldown_until": None}, "a profile is in a cool-down when none of its connections may be used"


async def test_a_job_from_before_the_first_connection_gets_its_lane(
    conn: WorkerConnection, people: Personas, make_profile: Make, make_connection: Make, make_job: Make, owner: Owner
) -> None:
    profile = make_profile(people.alice)
    first = make_job(people.alice, profile, "SYNC")
    assert [one.id for one in await claim(conn)] == [first]
    connection = make_connection(profile)
    make_job(people.alice, profile, "SYNC_MEDIA")
    assert await claim(conn) == []
    assert (row(owner, first)["connection_id"], row(owner, first)["lane"]) == (connection, connection)
