"""`/api/cron/…` over HTTP: closed without the secret, starts what is due once, waits a little for its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from flask import Flask

from shared.domain.schedules import KindSchedule
from shared.errors import ConfigError
from shared.settings import load
from shared.store.queue.cron import Results
from tests.conftest import Database, Personas
from tests.web.conftest import MakeApp
from web.ops.cron import Waiting

Owner = psycopg.Connection[dict[str, Any]]
SECRET = "a-secret-of-the-tests"
BEARER = {"Authorization": f"Bearer {SECRET}"}
DUE, LATER = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=30)
INSIGHTS, AUDIENCE = "/api/cron/collect-insights", "/api/cron/collect-audience"
TOKENS = "/api/cron/refresh-tokens"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Its cron addresses do not wait."""
    made = make_app(cron_secret=SECRET)
    made.extensions["rollcall.cron"] = Waiting(longest=0)
    return made


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=240) as made:
        yield made


@pytest.fixture
def channel(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    due = {"SYNC_INSIGHTS": DUE, "SYNC_AUDIENCE": LATER, "SYNC_MEDIA": DUE}
    return make_profile(people.alice, "ada", platform="youtube", due=due)


def asked(http: httpx.Client, path: str) -> tuple[int, dict[str, Any]]:
    """The status and the body without its time."""
    answer = http.get(path, headers=BEARER)
    body: dict[str, Any] = answer.json()
    assert datetime.fromisoformat(body.pop("timestamp")).utcoffset() == timedelta(0)
    return answer.status_code, body


@pytest.mark.parametrize("path", [INSIGHTS, AUDIENCE, TOKENS])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer another"}, {"Authorization": SECRET}])
def test_without_the_secret_nothing_is_started(
    http: httpx.Client, owner: Owner, channel: UUID, path: str, header: dict[str, str]
) -> None:
    answer = http.get(path, headers=header)
    assert (answer.status_code, answer.headers["WWW-Authenticate"], answer.json()["code"]) == (
        401,
        "Bearer",
        "wrong_secret",
    )
    assert owner.execute("select from public.sync_jobs").fetchone() is None


def test_where_no_secret_is_set_no_one_is_let_in(make_app: MakeApp, channel: UUID, owner: Owner) -> None:
    browser = make_app().test_client()
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        assert browser.get(INSIGHTS, headers=header).status_code == 401
    assert owner.execute("select from public.sync_jobs").fetchone() is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ConfigError, match="CRON_SECRET is shorter than 16"):
        load({"CRON_SECRET": "short"})


def test_what_is_due_is_started_once_and_pending(
    http: httpx.Client,
    owner: Owner,
    channel: UUID,
    schedules: Callable[[UUID], dict[str, KindSchedule]],
) -> None:
    pending = (202, {"success": True, "collected": 0, "failed": 0, "pending": 1})
    assert [asked(http, INSIGHTS), asked(http, INSIGHTS)] == [pending, pending]
    rows = owner.execute("select profile_id, kind, priority, run_at <= now() as now from public.sync_jobs").fetchall()
    assert rows == [{"profile_id": channel, "kind": "SYNC_INSIGHTS", "priority": 200, "now": True}]
    moved = schedules(channel)["SYNC_INSIGHTS"]
    assert moved.next_at is not None
    assert moved.next_at > datetime.now(UTC) + moved.every - timedelta(hours=1)
    nothing = (200, {"success": True, "collected": 0, "failed": 0, "pending": 0})
    assert asked(http, AUDIENCE) == nothing


@pytest.mark.parametrize(
    "columns",
    [
        {"schedule_paused": True},
        {"state": "NEEDS_LOGIN"},
        {"cooldown_until": LATER, "cooldown_code": "rate_limited"},
    ],
)
def test_a_profile_that_may_not_be_synced_is_left_alone(
    http: httpx.Client,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    columns: dict[str, Any],
) -> None:
    make_profile(people.alice, "ada", platform="youtube", due={"SYNC_INSIGHTS": DUE}, **columns)
    assert asked(http, INSIGHTS)[1]["pending"] == 0
    assert owner.execute("select from public.sync_jobs").fetchone() is None


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("COMPLETED", {"success": True, "collected": 1, "failed": 0, "pending": 0}),
        ("FAILED", {"success": False, "collected": 0, "failed": 1, "pending": 0}),
        ("CANCELLED", {"success": True, "collected": 0, "failed": 0, "pending": 0}),
    ],
)
def test_the_answer_waits_for_the_end(
    app: Flask, http: httpx.Client, channel: UUID, database: Database, end: str, expected: dict[str, Any]
) -> None:
    app.extensions["rollcall.cron"] = Waiting(longest=240, pause=0.01)
    with ThreadPoolExecutor(1) as one:
        answer = one.submit(asked, http, INSIGHTS)
        with psycopg.connect(database.owner, autocommit=True) as worker:
            while worker.execute("select from public.sync_jobs").fetchone() is None:
                assert not answer.done()
            worker.execute("update public.sync_jobs set state = 'RUNNING', lease_until = now() + interval '1 hour'")
            worker.execute("update public.sync_jobs set state = %s", [end])
        assert answer.result() == (200, expected)


@pytest.fixture
def token(channel: UUID, make_connection: Callable[..., UUID]) -> UUID:
    """A connection whose access ends in ten days."""
    return make_connection(channel, method="google", expires_at=datetime.now(UTC) + timedelta(days=10))


def test_access_that_ends_soon_is_renewed_once(http: httpx.Client, owner: Owner, channel: UUID, token: UUID) -> None:
    pending = (202, {"success": True, "refreshed": 0, "failed": 0, "pending": 1})
    assert [asked(http, TOKENS), asked(http, TOKENS)] == [pending, pending]
    rows = owner.execute("select profile_id, connection_id, kind, priority from public.sync_jobs").fetchall()
    assert rows == [{"profile_id": channel, "connection_id": token, "kind": "RENEW_ACCESS", "priority": 200}]


def test_access_that_ends_late_is_left_alone(http: httpx.Client, owner: Owner, token: UUID) -> None:
    owner.execute("update public.connections set expires_at = now() + interval '40 days'")
    assert asked(http, TOKENS) == (200, {"success": True, "refreshed": 0, "failed": 0, "pending": 0})
    assert owner.execute("select from public.sync_jobs").fetchone() is None


@pytest.mark.parametrize("renewed", [1, 0])
def test_only_a_token_that_was_renewed_counts(
    app: Flask, http: httpx.Client, token: UUID, database: Database, renewed: int
) -> None:
    app.extensions["rollcall.cron"] = Waiting(longest=240, pause=0.01)
    with ThreadPoolExecutor(1) as one:
        answer = one.submit(asked, http, TOKENS)
        with psycopg.connect(database.owner, autocommit=True) as worker:
            while worker.execute("select from public.sync_jobs").fetchone() is None:
                assert not answer.done()
            worker.execute(
                "update public.sync_jobs set state = 'RUNNING', started_at = now(),"
                " lease_until = now() + interval '1 hour'"
            )
            if renewed:
                worker.execute("update public.connections set refreshed_at = now()")
            worker.execute("update public.sync_jobs set state = 'COMPLETED'")
        assert answer.result() == (200, {"success": True, "refreshed": renewed, "failed": 0, "pending": 0})


def test_one_request_waits_and_the_next_one_is_answered_at_once() -> None:
    waiting, live = Waiting(longest=240, pause=0), Results(pending=1)
    seen: list[Results] = []

    def look() -> Results:
        if seen:
            return Results(completed=1)
        seen.append(live)
        return live

    def second() -> Results:
        return live

    def first() -> Results:
        found = look()
        if found == Results(completed=1):
            seen.append(waiting.for_end(second))
        return found

    assert waiting.for_end(first) == Results(completed=1)
    assert seen == [live, live]
    assert waiting.for_end(lambda: Results(failed=1)) == Results(failed=1)
