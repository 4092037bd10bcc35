"""A worker shows on a port of its own what it claimed, how it ended, how long it took, and what its browser holds."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pytest
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.parser import text_string_to_metric_families as families
from psycopg.types.json import Jsonb

from cli.ops.launcher import free_port
from shared.domain.jobs import JobKind
from shared.settings import load
from tests.conftest import Database, Personas
from tests.worker.fleet import Seen, until, workers
from tests.worker.instagram import settings_for
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.telemetry.measures import Unmeasured, measuring
from worker.telemetry.metrics import Browser, Measured

Make = Callable[..., UUID]


def scraped(port: int) -> dict[str, Metric]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=240) as answer:
        return {family.name: family for family in families(answer.read().decode())}


def samples(family: Metric, name: str) -> dict[tuple[str, ...], float]:
    return {tuple(one.labels.values()): one.value for one in family.samples if one.name == name}


@pytest.mark.slow
def test_claims_outcomes_by_code_and_durations_are_told(
    database: Database, people: Personas, make_profile: Make, make_job: Make, owner: psycopg.Connection[dict[str, Any]]
) -> None:
    seen, port = Seen(owner), free_port(0)
    profile = make_profile(people.alice, "canary.name")
    with workers(database.worker, METRICS_PORT=str(port)):
        good = make_job(people.alice, profile, "DERIVE", args=Jsonb({"play": "once", "canary": "x"}))
        bad = make_job(people.alice, profile, "SYNC", args=Jsonb({"play": "site_failed"}), max_attempts=2)
        seen.until_state(good, "COMPLETED")
        seen.until_state(bad, "FAILED")
        outcomes: dict[tuple[str, ...], float] = until(lambda: _three_ended(port))
        told = scraped(port)
    assert outcomes == {
        ("", "DERIVE", "COMPLETED"): 1,
        ("site_failed", "SYNC", "RETRY"): 1,
        ("site_failed", "SYNC", "FAILED"): 1,
    }
    assert samples(told["rollcall_worker_claims"], "rollcall_worker_claims_total") == {("DERIVE",): 1, ("SYNC",): 2}
    counts = samples(told["rollcall_worker_attempt_seconds"], "rollcall_worker_attempt_seconds_count")
    assert counts == {("DERIVE",): 1, ("SYNC",): 2}
    assert set(samples(told["rollcall_worker_running_jobs"], "rollcall_worker_running_jobs").values()) == {0}
    assert samples(told["rollcall_worker_slots"], "rollcall_worker_slots") == {(): 2}
    assert samples(told["rollcall_worker_browser_processes"], "rollcall_worker_browser_processes")["browser",] == 0
    labels = {value for family in told.values() for one in family.samples for value in one.labels.values()}
    forbidden = ["canary", "http", str(people.alice), str(profile), str(good), str(bad)]
    assert [(label, word) for label in labels for word in forbidden if word in label] == []


def _three_ended(port: int) -> dict[tuple[str, ...], float]:
    found = samples(scraped(port)["rollcall_worker_outcomes"], "rollcall_worker_outcomes_total")
    return found if sum(found.values()) == 3 else {}


def test_a_job_that_was_lost_is_told_as_lost() -> None:
    registry = CollectorRegistry()
    measured = Measured(registry)
    measured.record_claim(JobKind.SYNC)
    measured.record_end(JobKind.SYNC, None, 1.0)
    labels = {"kind": "SYNC", "outcome": "LOST", "error_code": "lease_lost"}
    assert registry.get_sample_value("rollcall_worker_outcomes_total", labels) == 1


def test_without_a_port_nobody_listens() -> None:
    with measuring(load({"METRICS_TOKEN": "a-token-of-the-tests"}), 1) as measures:
        assert isinstance(measures, Unmeasured)


@pytest.mark.slow
async def test_the_processes_and_the_memory_of_a_real_browser_are_counted() -> None:
    registry = CollectorRegistry()
    registry.register(Browser(psutil.Process()))
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    try:
        async with pool.context(BrowserSession()) as context:
            await (await context.new_page()).goto("about:blank")
            assert told(registry, "processes", "driver") == 1
            assert told(registry, "processes", "browser") >= 3
            assert 50_000_000 < told(registry, "memory_bytes", "browser") < 4_000_000_000
    finally:
        await pool.close()
    assert told(registry, "processes", "driver") == 0


def told(registry: CollectorRegistry, what: str, program: str) -> float:
    return registry.get_sample_value(f"rollcall_worker_browser_{what}", {"program": program}) or 0
