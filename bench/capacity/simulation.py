"""Runs the simulation on a database of its own, and reports its result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from bench.capacity import fleet_rows
from bench.capacity.assumptions import Guess
from bench.capacity.counts import Tally, figures
from bench.capacity.job_costs import VIEWERS_A_PAGE, Profile, viewers
from bench.capacity.play import Costs, Play
from bench.capacity.virtual import Clock
from shared.db import pools, roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.domain.plan import Limits
from shared.platforms.instagram import INSTAGRAM
from shared.settings import Settings
from shared.store.profiles import budget

# By then the longest part of a list that a day has room for has ended once: 830 requests, 75 in each 660 seconds.
WARM_HOURS = 2.5
_DAY = timedelta(days=1)
_WEIGHT: LiteralString = """
    select (select count(*) from public.sync_jobs) as jobs, (select count(*) from public.sync_attempts) as attempts,
        pg_total_relation_size('public.sync_jobs') as job_bytes,
        pg_total_relation_size('public.sync_attempts') as attempt_bytes
"""


@contextmanager
def database() -> Iterator[str]:
    """The owner's address of an empty, migrated PostgreSQL that would not survive a power cut."""
    folder = TemporaryDirectory(prefix="bf", ignore_cleanup_errors=True)
    with folder as name, embedded_database(Path(name), durable=False) as url:
        migrate(url)
        yield url


async def simulate(
    url: str, guess: Guess, profiles: int, hours: float, seed: int, costs: Costs, warm: float = WARM_HOURS
) -> dict[str, Any]:
    """Plays `hours` after the warm-up with so many profiles at the default pace; `url` is the owner's."""
    limits = budget.limits(Settings(), INSTAGRAM)
    clock, began = Clock(datetime.now(UTC)), time.monotonic()
    drawn = [Profile.of(size, limits) for size in guess.sizes(seed, profiles)]
    fleet = fleet_rows.enrol(url, drawn, clock.began, Random(seed))
    async with pools.worker_pool(roles.allow_login(url, roles.WORKER), 2) as pool, pool.connection() as conn:
        await conn.set_autocommit(True)
        play = Play(conn, clock, fleet, limits, guess, costs)
        tally = await play.run(warm + hours)
        forgotten = {
            "due_and_not_enqueued": await clock.overdue(conn, play.now),
            "due_and_not_claimed": await clock.unclaimed(conn, play.now),
        }
    return {
        "guess": asdict(guess),
        "seed": seed,
        "warm_hours": warm,
        "hours": hours,
        "real_seconds": round(time.monotonic() - began),
        "fleet": _sizes(drawn, limits, guess),
        **asdict(figures(tally, profiles, round(warm * 60))),
        **forgotten,
        **_checks(tally, limits),
        "weight": _weight(url),
    }


def _sizes(fleet: list[Profile], limits: Limits, guess: Guess) -> dict[str, float]:
    """Means of the drawn profiles, of their plans' frequencies, and of the people that a day's readings can bring."""

    def mean(of: Callable[[Profile], float]) -> float:
        return round(sum(of(one) for one in fleet) / len(fleet), 3)

    def seen(one: Profile) -> float:
        return min(guess.stories_a_day * viewers(one, guess), VIEWERS_A_PAGE * (limits.per_day - one.kept))

    def liked(one: Profile) -> float:
        return guess.posts_a_day * min((one.size.followers or 0) * guess.likers, guess.likers_shown)

    return {
        "followers_mean": mean(lambda one: one.size.followers or 0),
        "following_mean": mean(lambda one: one.size.following or 0),
        "media_mean": mean(lambda one: one.size.media or 0),
        "followers_read_daily_share": mean(lambda one: one.plan.followers == _DAY),
        "lists_a_day": mean(lambda one: _DAY / one.plan.followers + _DAY / one.plan.following),
        "media_readings_a_day": mean(lambda one: _DAY / one.plan.media),
        "story_readings_a_day": mean(lambda one: _DAY / one.plan.stories),
        "profile_readings_a_day": mean(lambda one: _DAY / one.plan.profile),
        "viewers_a_day": mean(seen),
        "likers_a_day": mean(liked),
    }


def _checks(tally: Tally, limits: Limits) -> dict[str, Any]:
    """The invariants: no profile is read by two jobs at once, and none makes more requests than two windows allow."""
    return {
        "read_by_two_at_once": tally.twice,
        "most_requests_of_an_attempt": tally.most_requests,
        "most_requests_allowed": 2 * limits.per_window,
        "by_kind": dict(sorted(tally.by_kind.items())),
        "ended": dict(sorted(tally.ended.items())),
        "claim_seconds": round(tally.claim_seconds, 1),
    }


def _weight(url: str) -> dict[str, float]:
    """Bytes of a job and of an attempt, as the played hours left them, indexes and free space included."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as conn:
        conn.execute("vacuum analyze public.sync_jobs, public.sync_attempts")
        row = conn.execute(_WEIGHT).fetchone()
        assert row
    return {
        "jobs": row["jobs"],
        "attempts": row["attempts"],
        "bytes_a_job": round(row["job_bytes"] / row["jobs"]),
        "bytes_an_attempt": round(row["attempt_bytes"] / row["attempts"]),
    }
