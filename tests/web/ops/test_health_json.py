"""`/api/health…`: the process, the database, and the syncs of each platform, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from flask import Flask
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, web_pool
from tests.conftest import Personas
from tests.web.conftest import FAST, MakeApp
from web import create_app
from web.auth.identity import EmbeddedIdentity
from web.ops.health import AWAY
from web.ops.health_json import Kept

Owner = psycopg.Connection[dict[str, Any]]
SECRET = "a-secret-of-the-tests"
BEARER = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """It counts at each request."""
    made = make_app(cron_secret=SECRET)
    made.extensions["rollcall.sync_health"] = Kept(0)
    return made


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=240) as made:
        yield made


def ended(owner: Owner, profile: UUID, kind: str, state: str, number: int, at: datetime) -> None:
    """So many jobs that ended in this state at this time."""
    owner.execute(
        "insert into public.sync_jobs (user_id, profile_id, kind, state, ended_at)"
        " select user_id, id, %s, %s, %s from public.profiles, generate_series(1, %s) where id = %s",
        [kind, state, at, number, profile],
    )


def test_the_process_answers_with_its_time(http: httpx.Client) -> None:
    answer = http.get("/api/health")
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "ok")
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() == timedelta(0)


def test_only_who_has_the_secret_learns_how_many_accounts_there_are(http: httpx.Client, people: Personas) -> None:
    for header in ({}, {"Authorization": "Bearer another"}):
        answer = http.get("/api/health/db", headers=header)
        assert (answer.status_code, answer.json()["status"], set(answer.json())) == (200, "ok", {"status", "timestamp"})
    assert http.get("/api/health/db", headers=BEARER).json()["users_count"] == 3


def test_a_database_that_is_away_is_said_and_the_process_is_well(app: Flask) -> None:
    away: ConnectionPool[WebConnection] = web_pool("postgresql:///nowhere?host=/nonexistent&port=1")
    parts = app.extensions["rollcall"]
    broken = create_app(parts.settings, away, parts.sealing_key, EmbeddedIdentity(away, FAST), parts.files, "k" * 32)
    browser = broken.test_client()
    assert browser.get("/api/health").status_code == 200
    answer = browser.get("/api/health/db", headers=BEARER)
    assert (answer.status_code, answer.json["status"]) == (503, AWAY)  # type: ignore[index]


def test_a_platform_is_unhealthy_when_more_than_a_tenth_of_its_jobs_failed(
    http: httpx.Client, owner: Owner, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    now = datetime.now(UTC)
    account, channel = make_profile(people.alice), make_profile(people.bob, "ada", platform="youtube")
    ended(owner, account, "SYNC", "COMPLETED", 18, now - timedelta(hours=23))
    ended(owner, account, "SYNC_MEDIA", "FAILED", 2, now - timedelta(hours=1))
    # Neither a login, nor work without the platform, nor another day counts.
    ended(owner, account, "LOGIN", "FAILED", 30, now)
    ended(owner, account, "DERIVE", "FAILED", 30, now)
    ended(owner, account, "SYNC", "CANCELLED", 30, now)
    ended(owner, account, "SYNC", "FAILED", 30, now - timedelta(hours=25))
    ended(owner, channel, "SYNC_INSIGHTS", "COMPLETED", 1, now - timedelta(days=3))
    answer = http.get("/api/health/social-sync")
    assert (answer.status_code, answer.json()["healthy"]) == (200, True)
    assert answer.json()["platforms"] == [
        {
            "platform": "instagram",
            "completed": 18,
            "failed": 2,
            "share": 0.1,
            "last_success": (now - timedelta(hours=23)).isoformat(),
        },
        {
            "platform": "youtube",
            "completed": 0,
            "failed": 0,
            "share": None,
            "last_success": (now - timedelta(days=3)).isoformat(),
        },
    ]
    ended(owner, channel, "SYNC_INSIGHTS", "FAILED", 20, now)
    answer = http.get("/api/health/social-sync")
    assert (answer.status_code, answer.json()["healthy"]) == (503, False)


def test_many_requests_cost_one_count(app: Flask, owner: Owner, people: Personas, make_profile: Any) -> None:
    app.extensions["rollcall.sync_health"] = Kept(3600)
    browser = app.test_client()
    assert browser.get("/api/health/social-sync").json["platforms"] == []  # type: ignore[index]
    make_profile(people.alice)
    assert browser.get("/api/health/social-sync").json["platforms"] == []  # type: ignore[index]


def test_no_person_may_count_what_belongs_to_all(owner: Owner) -> None:
    rows = owner.execute(
        "select p.proname as name, r as role from pg_proc p, unnest(array['anon', 'authenticated', 'rollcall_anon',"
        " 'rollcall_person', 'service_role', 'rollcall_worker', 'rollcall_web']) r"
        " where p.pronamespace = 'rollcall'::regnamespace and has_function_privilege(r, p.oid, 'execute')"
        " and p.proname in ('cron_enqueue', 'cron_results', 'renewal_results', 'sync_health', 'account_count')"
        " order by 1"
    ).fetchall()
    assert [(row["name"], row["role"]) for row in rows] == [
        (name, "rollcall_web")
        for name in ("account_count", "cron_enqueue", "cron_results", "renewal_results", "sync_health")
    ]
