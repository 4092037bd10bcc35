"""The fleet in virtual time: it plays by the product's own rules, and its figures can be worked out again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil, sqrt
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from bench import fleet
from bench.capacity import needs, simulation
from bench.capacity.assumptions import Guess
from bench.capacity.budget_model import BudgetModel
from bench.capacity.job_costs import ALWAYS, OPENING, Profile, follow_ups, job_requests
from bench.capacity.play import Costs
from bench.capacity.virtual import Clock
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.domain.plan import Limits, Size
from shared.platforms.instagram import INSTAGRAM
from shared.settings import Settings
from shared.store.profiles import budget
from tests.conftest import Database, Personas
from tests.rig.limits import PAGES
from tests.rig.limits import limits as limits_of

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
LIMITS = budget.limits(Settings(), INSTAGRAM)
COSTS = Costs(opening=4.0, derive=0.5)


def place(places: int, connections: int, memory: float, cpu: float) -> dict[str, float]:
    return {
        "places": places,
        "connections_most": connections,
        "connections_allowed": 2 * places + 6,
        "memory_mb_most": memory,
        "cpu_ms_per_request": cpu,
        "transactions_per_request": 4.0,
    }


PLACES = {"opening_cpu_seconds": 2.0, "places": [place(2, 6, 500, 50), place(8, 9, 900, 40)]}
CLAIMS: dict[str, Any] = {
    "lock_room": 3840,
    "behind": [{"waiting": 0, "claim_ms": 1.0}, {"waiting": 100, "claim_ms": 3.0}, {"waiting": 9, "error": "no"}],
}
WEIGHTS = {
    "a_profile": 5000, "a_follower": 700, "a_change": 600, "a_medium": 2000, "a_metric_row": 200, "a_viewer": 400,
    "a_row_of_list_runs": 400, "a_row_of_media_runs": 300, "a_row_of_profile_counts": 300, "a_row_of_profile_days": 300,
}  # fmt: skip


async def played(database: Database, profiles: int = 300, warm: float = 0.5) -> dict[str, Any]:
    return await simulation.simulate(database.owner, Guess(), profiles, 0.5, 7, COSTS, warm)


async def test_nobody_is_read_by_two_jobs_at_once_and_nobody_who_is_due_is_forgotten(
    database: Database, owner: Owner
) -> None:
    told = await played(database)
    assert (told["read_by_two_at_once"], told["due_and_not_enqueued"], told["due_and_not_claimed"]) == (0, 0, 0)
    assert 2 < told["most_requests_of_an_attempt"] <= told["most_requests_allowed"]
    # Within an hour every kind has come up.
    assert set(told["by_kind"]) == {*Profile.of(Size(1, 1, 1), LIMITS).every(), JobKind.DERIVE, JobKind.LOOK_UP}
    twice = owner.execute(
        "select profile_id from sync_jobs where state = 'RUNNING' and lane is not null group by 1 having count(*) > 1"
    ).fetchall()
    assert twice == []


async def test_the_figures_follow_from_what_was_counted(database: Database, owner: Owner) -> None:
    told = await played(database, profiles=100, warm=0)
    attempts = owner.execute("select count(*) as n from sync_attempts").fetchone()
    assert attempts == {"n": sum(told["by_kind"].values())}
    assert told["attempts"] == pytest.approx(sum(told["by_kind"].values()) / 100 * 24 / 0.5)
    assert told["busy_seconds"] == pytest.approx(told["busy"] / 100 * 86_400)
    assert told["busy"] <= told["busy_p99"] <= told["busy_most"]
    ended = owner.execute("select count(*) as n from sync_attempts where outcome = 'COMPLETED'").fetchone()
    assert ended == {"n": told["ended"]["COMPLETED"]}


async def test_a_minute_of_the_schedule_moves_what_is_due_by_its_interval_and_nothing_else(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], worker_pool: Pool
) -> None:
    clock = Clock(datetime.now(UTC))
    due, later = clock.at(30), clock.at(90)
    make_profile(people.alice, "due", due={"SYNC_STORIES": due, "SYNC_MEDIA": later})
    make_profile(people.bob, "later", due={"SYNC_STORIES": later})
    async with worker_pool.connection() as conn:
        await conn.set_autocommit(True)
        ticked = await clock.tick(conn, 60)
        assert (ticked.due, ticked.made, ticked.calls) == (1, 1, 1)
        assert await clock.overdue(conn, 60) == 0 < await clock.overdue(conn, 90)
        await conn.set_autocommit(False)
    rows = owner.execute(
        "select username, kind, next_at from schedules join profiles p on p.id = profile_id where next_at is not null"
    ).fetchall()
    assert {(row["username"], row["kind"]): row["next_at"] for row in rows} == {
        ("due", "SYNC_STORIES"): clock.at(60) + timedelta(hours=2),
        ("due", "SYNC_MEDIA"): later,
        ("later", "SYNC_STORIES"): later,
    }
    job = owner.execute("select kind, run_at from sync_jobs").fetchone()
    assert job is not None
    assert job["kind"] == "SYNC_STORIES"
    assert clock.at(60) <= job["run_at"] <= clock.at(60) + timedelta(minutes=6)


@pytest.mark.parametrize(
    "within", [LIMITS, limits_of(timedelta(seconds=1), timedelta(0), 40)], ids=["default", "tight"]
)
async def test_the_budget_in_memory_grants_what_the_database_would(
    within: Limits,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_connection: Callable[..., UUID],
    worker_pool: Pool,
) -> None:
    connection, began, rng = make_connection(make_profile(people.alice)), datetime(2026, 3, 1, tzinfo=UTC), Random(3)
    model, clock, refused = BudgetModel(), 0.0, 0
    async with worker_pool.connection() as conn:
        for _ in range(200):
            pause, kept = rng.choice((0.5, 3.0, 5.0)), rng.choice((0, 10))
            now = began + timedelta(seconds=clock)
            theirs = await budget.take(
                conn, people.alice, connection, within, timedelta(seconds=pause), kept=kept, now=now
            )
            ours = model.take(clock, pause, within, kept)
            until = (theirs.until - began).total_seconds()
            assert (ours.granted, ours.day_over, round(ours.until, 3)) == (
                theirs.granted,
                theirs.day_over,
                round(until, 3),
            )
            refused += not theirs.granted
            clock = ours.until + rng.choice((*[0.0] * 30, 2.0, 100.0))
    assert refused


def test_a_long_walk_takes_as_long_as_the_plan_says() -> None:
    model, clock, waits, left = BudgetModel(), 0.0, 0, 300
    while left:
        read = model.read(clock, left, LIMITS, 0, lambda: 0.5)
        left -= read.requests
        waits += read.until is not None
        clock = read.until or read.ended
    # The plan counts the pause behind the last request, in which no one waits.
    assert clock == pytest.approx((LIMITS.lasting(300) - timedelta(seconds=4)).total_seconds())
    assert waits == 3


def test_jobs_ask_for_as_much_as_the_plan_of_a_profile_expects() -> None:
    of, guess, rng = Profile.of(Size(900, 100, 0), LIMITS), Guess(), Random(1)

    def asked(kind: JobKind) -> int:
        found = job_requests(kind, of, guess, rng)
        return OPENING + found.wanted + (found.optional if kind is JobKind.SYNC_STORIES else 0)

    day = timedelta(days=1)
    # Viewers are read on demand, so they have no interval.
    kinds = (*(kind for kind in ALWAYS if kind in of.every()), JobKind.SYNC_MEDIA)
    assert sum(asked(kind) * (day // of.every()[kind]) for kind in kinds) == of.plan.steady
    assert asked(JobKind.SYNC_FOLLOWERS) == PAGES.follower_requests(900)
    assert asked(JobKind.SYNC_FOLLOWING) == PAGES.following_requests(100)
    assert follow_ups(JobKind.SYNC_FOLLOWERS, of, guess) == [JobKind.DERIVE, JobKind.LOOK_UP]


def test_the_same_seed_draws_the_same_profiles_and_half_of_them_are_below_the_median() -> None:
    drawn = Guess().sizes(5, 4_000)
    assert drawn == Guess().sizes(5, 4_000) != Guess().sizes(6, 4_000)
    below = sum((size.followers or 0) < Guess().followers.median for size in drawn)
    assert below / len(drawn) == pytest.approx(0.5, abs=0.03)


@pytest.fixture
async def parts(database: Database) -> dict[str, Any]:
    return {"simulation": await played(database, profiles=50), "places": PLACES, "claims": CLAIMS, "weights": WEIGHTS}


async def test_what_a_number_of_profiles_needs_can_be_worked_out_by_hand(parts: dict[str, Any]) -> None:
    told = parts["simulation"]
    small, large = (one for one in fleet.report(parts)["needs"] if one["profiles"] in (1_000, 10_000))
    mean = 10_000 * told["busy_seconds"] / 86_400
    places = ceil(mean + 3 * sqrt(mean))
    assert large["places_busiest"] == places
    by_two, by_eight = large["by_concurrency"]
    assert (by_two["workers"], by_eight["workers"]) == (ceil(places / 2), ceil(places / 8))
    assert by_eight["connections"] == by_eight["workers"] * 9
    seconds = told["sessions"] * 2.0 + told["requests"] * 0.040
    assert large["cores"] == pytest.approx(10_000 * seconds / 86_400, abs=0.1)
    assert large["storage"]["daily_mb"] == pytest.approx(10 * small["storage"]["daily_mb"], rel=0.01)
    attempts = 10_000 * told["attempts"] / 86_400
    left = told["by_kind"]["DERIVE"] + told["by_kind"].get("LOOK_UP", 0)
    telling = attempts * left / sum(told["by_kind"].values()) + large["schedule_calls_a_minute"] / 60
    free = 1 - (mean / places) ** 8
    calls = attempts + by_eight["workers"] / 4.5 + telling * by_eight["workers"] * free
    assert large["claims"]["calls_a_second"] == pytest.approx(calls, abs=0.1)
    assert sum(large["storage"]["year_gb_by_table"].values()) == pytest.approx(large["storage"]["year_gb"], rel=0.01)


def test_a_claim_is_worked_out_between_what_was_timed_and_not_beyond() -> None:
    assert needs.behind(50, CLAIMS["behind"]) == 2.0
    assert needs.behind(101, CLAIMS["behind"]) is None


def test_needs_are_told_only_where_every_part_was_measured() -> None:
    assert "needs" not in fleet.report({"claims": CLAIMS})
