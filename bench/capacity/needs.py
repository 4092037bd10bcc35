"""Computes the needs of a number of profiles from measured and simulated figures; arithmetic only.

`docs/scale.md` writes it out by hand. Every figure is linear in the number of profiles but two: the places at the
busiest, which are three standard deviations above the mean (jobs begin independently of each other), and the claims,
which look at more jobs the more of them wait behind their own profile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, sqrt
from typing import Any

from bench.capacity.virtual import TICK_LIMIT
from shared.domain.traversal.media_walk import SETTLED_AFTER, WHOLE_EVERY
from shared.settings import Settings

STEPS = (1_000, 10_000, 100_000, 1_000_000)
# A worker with a free place looks at the whole queue at least this often: WORKER_POLL_SECONDS, a tenth less on average.
_LOOK_SECONDS = Settings().worker_poll.total_seconds() * 0.9
_DAY = 86_400
_GB, _MB = 1e9, 1e6
_YEAR = 365


def needs(profiles: int, simulation: Mapping[str, Any], places: Mapping[str, Any], claims: Mapping[str, Any],
          weights: Mapping[str, float]) -> dict[str, Any]:  # fmt: skip
    """Workers, connections, memory, processors, claims and storage for so many profiles."""
    mean = profiles * simulation["busy_seconds"] / _DAY
    busiest, largest = ceil(mean + 3 * sqrt(mean)), places["places"][-1]
    free = 1 - (mean / busiest) ** largest["places"]
    return {
        "profiles": profiles,
        "places_mean": round(mean, 1),
        "places_busiest": busiest,
        "by_concurrency": [_workers(busiest, one) for one in places["places"]],
        "cores": round(profiles * cpu_seconds_a_day(simulation, places) / _DAY, 1),
        "claims": _claims(profiles, simulation, claims, ceil(busiest / largest["places"]), free),
        "requests_a_second": round(profiles * simulation["requests"] / _DAY, 1),
        "transactions_a_second": round(
            profiles * simulation["requests"] * largest["transactions_per_request"] / _DAY, 1
        ),
        "schedule_calls_a_minute": schedule_calls(profiles, simulation),
        "storage": storage(profiles, simulation, weights),
    }


def cpu_seconds_a_day(simulation: Mapping[str, Any], places: Mapping[str, Any]) -> float:
    """Processor seconds of worker and browser for one profile in a day: sessions opened, and requests made."""
    largest = places["places"][-1]
    opened: float = simulation["sessions"] * places["opening_cpu_seconds"]
    return opened + float(simulation["requests"] * largest["cpu_ms_per_request"] / 1000)


def _workers(busiest: int, one: Mapping[str, Any]) -> dict[str, Any]:
    workers = ceil(busiest / one["places"])
    return {
        "concurrency": one["places"],
        "workers": workers,
        "connections": ceil(workers * one["connections_most"]),
        "connections_allowed": workers * one["connections_allowed"],
        "memory_gb": round(workers * one["memory_mb_most"] / 1000, 1),
    }


def _claims(
    profiles: int, simulation: Mapping[str, Any], claims: Mapping[str, Any], workers: int, free: float
) -> dict[str, Any]:
    """Claims a second, what each looks at, and what that takes of the database.

    A claim is made for each attempt, by each worker that looks by itself, and by each that is woken: every job that
    another job leaves and every call of the schedule tells all workers, and those with a `free` place look.
    Each looks at every job that waits for its lane, and locks none of them.
    """
    attempts = profiles * simulation["attempts"] / _DAY
    looks = workers / _LOOK_SECONDS
    notified = attempts * follow_up_share(simulation["by_kind"]) + schedule_calls(profiles, simulation) / 60
    calls = attempts + looks + notified * workers * free
    blocked = profiles * simulation["blocked"] / simulation["profiles"]
    milliseconds = behind(blocked, claims["behind"])
    return {
        "attempts_a_second": round(attempts, 1),
        "looks_a_second": round(looks, 1),
        "told_a_second": round(notified, 2),
        "calls_a_second": round(calls, 1),
        "behind": round(blocked),
        "claim_ms": None if milliseconds is None else round(milliseconds, 1),
        "database_cores": None if milliseconds is None else round(calls * milliseconds / 1000, 2),
        "lock_room": claims["lock_room"],
    }


def follow_up_share(by_kind: Mapping[str, int]) -> float:
    """Which part of the attempts are of jobs that another job left."""
    return sum(by_kind.get(kind, 0) for kind in ("DERIVE", "LOOK_UP")) / sum(by_kind.values())


def schedule_calls(profiles: int, simulation: Mapping[str, Any]) -> int:
    """The calls of the schedule per minute, by as many workers as it takes."""
    return ceil(float(profiles * simulation["due_a_minute"] / simulation["profiles"] / TICK_LIMIT))


def behind(blocked: float, measured: Sequence[Mapping[str, Any]]) -> float | None:
    """Milliseconds of one claim behind so many waiting jobs, between the two nearest that were timed; None beyond."""
    timed = [(one["waiting"], one["claim_ms"]) for one in measured if "claim_ms" in one]
    for (low, fast), (high, slow) in pairwise(timed):
        if low <= blocked <= high:
            return float(fast + (slow - fast) * (blocked - low) / (high - low))
    return None


def storage(profiles: int, simulation: Mapping[str, Any], weights: Mapping[str, float]) -> dict[str, Any]:
    """Bytes at the first reading and bytes a day, by what they are for; and both together after a year."""
    first, daily = a_profile(simulation, weights)
    year = {name: first.get(name, 0.0) + _YEAR * daily.get(name, 0.0) for name in {**first, **daily}}
    return {
        "first_gb": round(profiles * sum(first.values()) / _GB, 2),
        "daily_mb": round(profiles * sum(daily.values()) / _MB, 1),
        "year_gb": round(profiles * sum(year.values()) / _GB, 1),
        "year_gb_by_table": {
            name: round(profiles * size / _GB, 2) for name, size in sorted(year.items(), key=lambda one: -one[1])
        },
    }


def a_profile(simulation: Mapping[str, Any], weights: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Bytes of one mean profile: at its first reading, and in a day."""
    fleet, guess, played = simulation["fleet"], simulation["guess"], simulation["weight"]
    listed = fleet["followers_mean"] + fleet["following_mean"]
    moved = fleet["followers_mean"] * guess["followers_moved"] + fleet["following_mean"] * guess["following_moved"]
    first = {
        "the profile itself": weights["a_profile"],
        "people, stays": listed * weights["a_follower"],
        "media": fleet["media_mean"] * weights["a_medium"],
        "media_metrics": fleet["media_mean"] * weights["a_metric_row"],
    }
    daily = {
        "people, stays": moved * weights["a_change"],
        "media": (guess["posts_a_day"] + guess["stories_a_day"]) * weights["a_medium"],
        "media_metrics": metric_rows_a_day(simulation) * weights["a_metric_row"],
        "media_people": (fleet["viewers_a_day"] + fleet["likers_a_day"]) * weights["a_viewer"],
        "sync_jobs": simulation["jobs"] * played["bytes_a_job"],
        "sync_attempts": simulation["attempts"] * played["bytes_an_attempt"],
        "list_runs": fleet["lists_a_day"] * weights["a_row_of_list_runs"],
        "media_runs": fleet["media_readings_a_day"] * weights["a_row_of_media_runs"],
        "profile_counts": fleet["profile_readings_a_day"] * weights["a_row_of_profile_counts"],
        "profile_days": weights["a_row_of_profile_days"],
    }
    return first, daily


def metric_rows_a_day(simulation: Mapping[str, Any]) -> float:
    """Rows of `media_metrics`: posts of the last month at each reading, older ones that moved once a week, stories."""
    fleet, guess = simulation["fleet"], simulation["guess"]
    recent = guess["posts_a_day"] * SETTLED_AFTER.days
    older = max(fleet["media_mean"] - recent, 0) * guess["older_moved"] / WHOLE_EVERY.days
    rows: float = (
        recent * fleet["media_readings_a_day"] + older + guess["stories_a_day"] * fleet["story_readings_a_day"]
    )
    return rows
