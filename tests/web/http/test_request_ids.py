"""One id leads from the answer that a person got, over the web's log line, to what the worker did because of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from werkzeug.test import TestResponse

from shared import logs
from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.domain.jobs import JobKind
from shared.store.queue import jobs
from tests.conftest import Database, Personas
from tests.web.conftest import MakeApp, SignedInAs
from tests.web.pages import form_token
from tests.worker.fleet import Seen, workers

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]


def start(browser: FlaskClient, profile: UUID, kind: str = "DERIVE") -> TestResponse:
    headers = {"X-CSRFToken": form_token(browser)}
    return browser.post(f"/api/v1/profiles/{profile}/jobs", json={"kind": kind}, headers=headers)


def lines(text: str, event: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in found if line["event"] == event]


@pytest.mark.slow
def test_the_same_id_stands_in_the_answer_the_webs_line_and_the_workers(
    signed_in_as: SignedInAs,
    people: Personas,
    make_profile: Make,
    database: Database,
    owner: Owner,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen, profile = Seen(owner), make_profile(people.alice)
    logs.configure("INFO", "json")
    with workers(database.worker) as (worker,):
        answer = start(signed_in_as(people.alice), profile)
        seen.until_state(answer.get_json()["id"], "COMPLETED")
        worker.until_logged("job_completed")
        theirs = worker.log()
    request_id = answer.headers["X-Request-Id"]
    (mine,) = lines(capsys.readouterr().err, "request_answered")
    assert (mine["request_id"], mine["path"]) == (request_id, f"/api/v1/profiles/{profile}/jobs")
    for event in ("job_claimed", "job_completed"):
        (line,) = lines(theirs, event)
        assert (line["request_id"], line["job_id"]) == (request_id, answer.get_json()["id"])


def test_every_request_has_an_id_of_its_own_and_no_line_keeps_the_last_ones(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG", "json")
    ids = [client.get("/login").headers["X-Request-Id"] for _ in range(2)]
    logs.get("test").info("afterwards")
    said = capsys.readouterr().err
    assert len(set(ids)) == 2
    assert [line["request_id"] for line in lines(said, "request_answered")] == ids
    assert "request_id" not in lines(said, "afterwards")[0]


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "with a space", "line\tbreak", "täst-täst", "<script>alert</script>"]
)
def test_an_id_of_another_form_is_not_taken_from_a_proxy_either(given: str, make_app: MakeApp) -> None:
    answer = make_app(trusted_proxies=1).test_client().get("/login", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] != given
    assert len(answer.headers["X-Request-Id"]) == 32


def test_an_id_is_taken_from_a_trusted_proxy_only(make_app: MakeApp) -> None:
    headers = {"X-Request-Id": "proxy-id.0001"}
    assert (
        make_app(trusted_proxies=1).test_client().get("/login", headers=headers).headers["X-Request-Id"]
        == "proxy-id.0001"
    )
    assert make_app().test_client().get("/login", headers=headers).headers["X-Request-Id"] != "proxy-id.0001"


def test_a_fault_page_names_the_id(make_app: MakeApp) -> None:
    def fault() -> str:
        raise KeyError("a fault that no one foresaw")

    app = make_app()
    app.add_url_rule("/fault", view_func=fault)
    answer = app.test_client().get("/fault")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text


def test_an_export_and_what_follows_a_job_carry_the_id_too(
    web_pool: ConnectionPool[WebConnection], people: Personas, make_profile: Make, owner: Owner
) -> None:
    profile = make_profile(people.alice)
    with tenant(web_pool, people.alice, "request-0001") as conn:
        jobs.enqueue(conn, people.alice, profile, JobKind.EXPORT, args={"export_id": str(uuid4())})
    with tenant(web_pool, people.alice) as conn:
        jobs.enqueue(conn, people.alice, profile, JobKind.DERIVE)
    rows = owner.execute("select kind, request_id from public.sync_jobs order by seq").fetchall()
    assert [(row["kind"], row["request_id"]) for row in rows] == [("EXPORT", "request-0001"), ("DERIVE", None)]


async def test_a_job_that_follows_another_carries_its_id(
    worker_pool: AsyncConnectionPool[WorkerConnection], people: Personas, make_profile: Make, owner: Owner
) -> None:
    profile = make_profile(people.alice)
    async with worker_pool.connection() as conn:
        await jobs.enqueue_follow_up(conn, people.alice, profile, JobKind.DERIVE, request_id="request-0002")
    async with worker_pool.connection() as conn:
        await jobs.enqueue_follow_up(conn, people.alice, profile, JobKind.SYNC)
    rows = owner.execute("select kind, request_id from public.sync_jobs order by seq").fetchall()
    assert [(row["kind"], row["request_id"]) for row in rows] == [("DERIVE", "request-0002"), ("SYNC", None)]
