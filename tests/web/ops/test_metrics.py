"""The contents of /metrics, its readers, and the data that never appears there."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as families
from psycopg_pool import ConnectionPool

from cli.ops.launcher import free_port
from shared.db.pools import WebConnection, tenant
from shared.errors import ConfigError
from shared.settings import load
from tests.conftest import REPO, Database, Personas
from tests.web.conftest import MakeApp
from web.ops.metrics import private_port

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
TOKEN = "a-token-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ENDED = """
    insert into public.sync_jobs (user_id, profile_id, kind, state, ended_at, fence, claim_no)
    select user_id, id, 'SYNC', 'COMPLETED', now(), 1, nextval('rollcall.claim_numbers')
      from public.profiles, generate_series(1, 20000)
"""


def scraped(browser: FlaskClient) -> dict[str, Metric]:
    answer = browser.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return {family.name: family for family in families(answer.text)}


def values(family: Metric) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for sample in family.samples}


@pytest.fixture
def busy(owner: Owner, people: Personas, make_profile: Make, make_connection: Make, make_job: Make) -> list[UUID]:
    """A queue with a job of each kind of trouble, three budgets, and a profile that rests."""
    now = datetime.now(UTC)
    one, two, three = (make_profile(people.alice, f"canary.{n}") for n in range(3))
    make_job(people.alice, one, "SYNC", run_at=now - timedelta(minutes=10))
    make_job(people.alice, two, "SYNC", run_at=now + timedelta(hours=1), state="WAITING")
    lost = {"state": "RUNNING", "fence": 1, "started_at": now - timedelta(hours=2)}
    make_job(people.bob, three, "DERIVE", lease_until=now - timedelta(minutes=5), **lost)
    make_job(people.bob, three, "EXPORT", state="FAILED", ended_at=now)
    for profile, spent in ((one, 100), (two, 80), (three, 10)):
        owner.execute(
            "insert into request_budget (connection_id, profile_id, user_id, per_day, day_ends, day_spent)"
            " select id, profile_id, user_id, 100, now() + interval '1 hour', %s from connections where id = %s",
            (spent, make_connection(profile)),
        )
    until = now + timedelta(hours=4)
    owner.execute(
        "update connections set cooldown_until = %s, cooldown_code = 'rate_limited' where profile_id = %s", (until, one)
    )
    return [one, two, three]


def test_the_queue_the_budgets_and_the_rests_are_told(make_app: MakeApp, busy: list[UUID]) -> None:
    told = scraped(make_app(metrics_token=TOKEN).test_client())
    assert values(told["rollcall_database_up"]) == {(): 1}
    assert values(told["rollcall_queue_jobs"]) == {
        ("SYNC", "PENDING"): 1,
        ("SYNC", "WAITING"): 1,
        ("DERIVE", "RUNNING"): 1,
    }
    ages = values(told["rollcall_queue_oldest_seconds"])
    assert 600 <= ages["SYNC", "PENDING"] < 700
    assert ages["SYNC", "WAITING"] == 0
    assert 7200 <= ages["DERIVE", "RUNNING"] < 7300
    assert values(told["rollcall_queue_due_jobs"]) == {("SYNC",): 1}
    assert values(told["rollcall_queue_lost_jobs"]) == {("DERIVE",): 1}
    assert values(told["rollcall_budget_profiles"]) == {("over",): 1, ("near",): 1, ("within",): 1}
    assert values(told["rollcall_resting_profiles"]) == {("rate_limited",): 1}


def test_pages_are_timed_by_their_route_and_no_label_holds_an_id_a_name_or_an_address(
    make_app: MakeApp, busy: list[UUID], people: Personas
) -> None:
    browser = make_app(metrics_token=TOKEN).test_client()
    browser.get(f"/profiles/{busy[0]}/activity?older=canary")
    browser.get("/canary-page?canary=1")
    browser.open("/login", method="CANARY")
    told = scraped(browser)
    counts = {k: v for k, v in values(told["rollcall_web_request_seconds"]).items() if len(k) == 3}
    assert counts["GET", "/profiles/<uuid:profile_id>/activity", "3xx"] > 0
    assert counts["GET", "none", "4xx"] > 0
    assert counts["other", "none", "4xx"] > 0
    labels = {value for family in told.values() for sample in family.samples for value in sample.labels.values()}
    forbidden = ["canary", "http", "?", "@", *map(str, [*busy, people.alice, people.bob])]
    assert [(label, word) for label in labels for word in forbidden if word in label.lower()] == []


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer täken"}]
)
def test_a_wrong_token_is_refused(make_app: MakeApp, header: dict[str, str]) -> None:
    answer = make_app(metrics_token=TOKEN).test_client().get("/metrics", headers=header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "rollcall_" not in answer.text


def test_a_short_token_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigError, match="METRICS_TOKEN is shorter than 16"):
        load({"METRICS_TOKEN": "short"})


def test_without_a_token_the_pages_port_has_no_metrics(client: FlaskClient, make_app: MakeApp) -> None:
    assert client.get("/metrics", headers=BEARER).status_code == 404
    assert make_app(metrics_port=9464).test_client().get("/metrics").status_code == 404


def test_the_form_of_openmetrics_is_spoken_too(make_app: MakeApp) -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    answer = make_app(metrics_token=TOKEN).test_client().get("/metrics", headers=BEARER | accept)
    assert answer.content_type.startswith("application/openmetrics-text")
    found = open_families(answer.text)  # type: ignore[no-untyped-call]
    assert "rollcall_database_up" in {family.name for family in found}


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_port_of_its_own_shows_the_same_and_nothing_else(make_app: MakeApp, token: str | None) -> None:
    app = make_app(metrics_port=free_port(0), metrics_token=token)
    address = f"http://127.0.0.1:{app.extensions['rollcall'].settings.metrics_port}"
    with private_port(app):
        asked = urllib.request.Request(f"{address}/metrics", headers=BEARER if token else {})
        with urllib.request.urlopen(asked, timeout=240) as answer:
            assert "rollcall_database_up" in {family.name for family in families(answer.read().decode())}
        for path, refused in {"/": 404, "/login": 404, **({"/metrics": 401} if token else {})}.items():
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(address + path, timeout=240)
            assert error.value.code == refused
            error.value.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{address}/metrics", timeout=240)


def test_a_port_that_is_taken_is_a_sentence(make_app: MakeApp) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        app = make_app(metrics_port=taken.getsockname()[1])
        with pytest.raises(ConfigError, match="cannot be listened on"), private_port(app):
            pass


def test_a_database_that_is_away_is_told_and_the_pages_are_timed_all_the_same(make_app: MakeApp, owner: Owner) -> None:
    app = make_app(metrics_token=TOKEN)
    app.extensions["rollcall"].pool.close()
    told = scraped(app.test_client())
    assert values(told["rollcall_database_up"]) == {(): 0}
    assert values(told["rollcall_queue_jobs"]) == {}
    assert "rollcall_web_connections" in told


def test_nothing_is_imported_where_nothing_is_set() -> None:
    code = (
        "import sys, web, web.serve, worker.main, worker.runner.loop, worker.bootstrap\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('prometheus_client', 'sentry_sdk')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_nobody_counts_the_installation_in_a_persons_transaction(
    web_pool: ConnectionPool[WebConnection], people: Personas, name: str
) -> None:
    who = getattr(people, name, None)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, who) as conn:
        conn.execute("select * from rollcall.prometheus_metrics()")


@pytest.mark.slow
def test_counting_reads_as_little_beside_sixty_thousand_jobs_that_are_over(
    database: Database, owner: Owner, busy: list[UUID]
) -> None:
    def pages() -> int:
        rows = conn.execute(
            "explain (analyze, buffers, format json) select * from rollcall.prometheus_metrics()"
        ).fetchone()
        assert rows is not None
        plan = rows[0][0]["Plan"]
        return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])

    with psycopg.connect(database.web, autocommit=True) as conn:
        owner.execute(ENDED)
        owner.execute("vacuum analyze public.sync_jobs")
        pages()
        many = pages()
    size = owner.execute("select pg_relation_size('public.sync_jobs') / 8192 as pages").fetchone()
    assert size is not None
    assert size["pages"] > 600
    assert many < 60
