"""The operator's pages: what they tell, what they never tell, and for whom they do not exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.errors import ConfigError
from shared.settings import load
from tests.conftest import Personas
from tests.web.conftest import MakeApp
from tests.web.pages import form_token, post
from web.admin.labels import error_sentence
from web.auth.session import cookie_name, sign_in

Make = Callable[..., UUID]
Owner = psycopg.Connection[dict[str, Any]]
Visit = Callable[..., FlaskClient]
PAGES = ["/admin", "/admin?span=week", "/admin/jobs", "/admin/profiles", "/admin/system"]
CANARY = "canary"
OPERATOR = frozenset({"bob@example.org"})


@pytest.fixture
def visit(make_app: MakeApp) -> Visit:
    """visit(user_id, **settings) -> a browser of that person, where Bob is the operator unless told otherwise."""

    def make(user_id: UUID | None, **changes: object) -> FlaskClient:
        app = make_app(**{"operators": OPERATOR, **changes})
        browser = app.test_client()
        if user_id is not None:
            with app.test_request_context():
                response = app.make_response("")
                sign_in(response, user_id)
            name = cookie_name(app.extensions["rollcall"].settings)
            found = re.search(rf"{re.escape(name)}=([^;]+)", response.headers["Set-Cookie"])
            assert found is not None
            browser.set_cookie(name, found[1])
        return browser

    return make


@pytest.fixture
def attempted(owner: Owner) -> Callable[..., None]:
    """attempted(user, profile, job, kind, outcome, seconds, code=None, days=0): one attempt that is over."""
    fences = iter(range(1, 10_000))

    def make(
        user: UUID,
        profile: UUID,
        job: UUID,
        kind: str,
        outcome: str,
        seconds: float,
        code: str | None = None,
        days: int = 0,
    ) -> None:
        began = datetime.now(UTC) - timedelta(days=days, seconds=seconds + 60)
        owner.execute(
            "insert into sync_attempts (user_id, job_id, profile_id, kind, fence, worker, started_at, ended_at,"
            " outcome, error_code, error_params) values (%s, %s, %s, %s, %s, 'host:1:abc', %s, %s, %s, %s, %s)",
            (
                user,
                job,
                profile,
                kind,
                next(fences),
                began,
                began + timedelta(seconds=seconds),
                outcome,
                code,
                Jsonb({"x": CANARY}),
            ),
        )

    return make


@pytest.fixture
def troubled(
    owner: Owner,
    people: Personas,
    make_profile: Make,
    make_job: Make,
    attempted: Callable[..., None],
    second_way_in: str,
) -> dict[str, UUID]:
    """Alice's profile with a history of good and bad attempts; jobs that are stuck, dead, and done again since."""
    now = datetime.now(UTC)
    ended = {"state": "FAILED", "ended_at": now - timedelta(hours=1), "error_params": Jsonb({"x": CANARY})}
    profile = make_profile(people.alice, f"{CANARY}.name", display_name=CANARY)
    other = make_profile(people.alice, f"{CANARY}.other")
    jobs = {
        "good": make_job(people.alice, profile, "DERIVE", state="COMPLETED", ended_at=now),
        "dead": make_job(people.alice, profile, "SYNC", error_code="site_failed", args=Jsonb({"x": CANARY}), **ended),
        "login": make_job(people.alice, profile, "LOGIN", error_code="wrong_password", **ended),
        "before": make_job(people.alice, other, "SYNC_MEDIA", error_code="media_gone", **ended),
        "since": make_job(people.alice, other, "SYNC_MEDIA", run_at=now - timedelta(hours=1)),
        "silent": make_job(
            people.alice, profile, "EXPORT", state="RUNNING", fence=1, lease_until=now - timedelta(minutes=9)
        ),
        "old": make_job(people.alice, profile, "PROBE_ENDPOINTS", **ended | {"ended_at": now - timedelta(days=3)}),
    }
    for outcome, seconds, code in (("COMPLETED", 10, None), ("COMPLETED", 30, None), ("RETRY", 5, "site_failed")):
        attempted(people.alice, profile, jobs["dead"], "SYNC", outcome, seconds, code)
    attempted(people.alice, profile, jobs["dead"], "SYNC", "FAILED", 5, "site_failed")
    attempted(people.alice, profile, jobs["good"], "DERIVE", "COMPLETED", 5, days=3)
    owner.execute(
        "insert into connections (user_id, profile_id, method, state, expires_at, secret, cooldown_until,"
        " cooldown_code) values"
        " (%s, %s, %s, 'ACTIVE', now() + interval '2 days', 'x', %s, 'rate_limited'),"
        " (%s, %s, 'browser', 'EXPIRED', null, 'x', null, null)",
        (people.alice, profile, second_way_in, now + timedelta(hours=3), people.alice, other),
    )
    owner.execute(
        "insert into exports (user_id, profile_id, what, format, path, filename, byte_count, expires_at)"
        " values (%s, %s, 'media', 'csv', %s, %s, 5000, now() - interval '1 hour')",
        (people.alice, profile, CANARY, CANARY),
    )
    return jobs


def cells(page: str, key: str) -> list[str]:
    """The texts of a row's cells, the row being the one with this attribute."""
    row = re.search(rf"<tr {re.escape(key)}>(.*?)</tr>", page, re.S)
    assert row is not None, key
    found = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row[1], re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]


@pytest.mark.parametrize("path", [*PAGES, "/admin/nothing"])
def test_for_charlie_the_pages_do_not_exist(path: str, visit: Visit, people: Personas) -> None:
    assert visit(people.charlie).get(path).status_code == 404


def test_charlie_retries_nothing(visit: Visit, people: Personas, troubled: dict[str, UUID], owner: Owner) -> None:
    answer = post(visit(people.charlie), f"/admin/jobs/{troubled['dead']}/retry")
    assert answer.status_code == 404
    assert owner.execute("select from sync_jobs where kind = 'SYNC'").rowcount == 1


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_asked_to_and_without_operators_there_is_nothing(
    path: str, visit: Visit, people: Personas
) -> None:
    asked = visit(None).get(path)
    assert (asked.status_code, asked.headers["Location"].partition("?")[0]) == (302, "/login")
    for user in (None, people.bob):
        assert visit(user, operators=None).get(path).status_code == 404


def test_only_the_operator_is_shown_the_way(visit: Visit, people: Personas) -> None:
    assert 'href="/admin"' in visit(people.bob).get("/account").text
    assert 'href="/admin"' not in visit(people.charlie).get("/account").text
    assert 'href="/admin"' not in visit(people.bob, operators=None).get("/account").text


def test_where_it_is_hosted_an_address_that_nobody_confirmed_is_no_operators(
    visit: Visit, people: Personas, owner: Owner
) -> None:
    hosted = {"supabase_url": "https://abcdefghijklmnop.supabase.co"}
    assert visit(people.bob, **hosted).get("/admin").status_code == 404
    owner.execute("alter table auth.users add column email_confirmed_at timestamptz")
    assert visit(people.bob, **hosted).get("/admin").status_code == 404
    owner.execute("update auth.users set email_confirmed_at = now() where id = %s", (people.bob,))
    assert visit(people.bob, **hosted).get("/admin").status_code == 200
    assert visit(people.charlie, **hosted).get("/admin").status_code == 404


def test_addresses_are_read_with_commas_and_in_any_case() -> None:
    assert load({"OPERATORS": " Bob@Example.org, eve@example.org,"}).operators == frozenset(
        {"bob@example.org", "eve@example.org"}
    )
    with pytest.raises(ConfigError, match="OPERATORS"):
        load({"OPERATORS": "bob"})


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_anybodys_data(
    path: str, visit: Visit, people: Personas, troubled: dict[str, UUID], owner: Owner
) -> None:
    page = visit(people.bob).get(path).text
    profiles = [str(row["id"]) for row in owner.execute("select id from profiles")]
    hidden = [CANARY, "alice@example.org", str(people.alice), *profiles]
    assert [word for word in hidden if word in page] == []


def test_health_tells_attempts_share_and_lengths_by_kind(
    visit: Visit, people: Personas, troubled: dict[str, UUID]
) -> None:
    page = visit(people.bob).get("/admin").text
    told = cells(page, 'data-kind="SYNC"')
    assert told[:7] == ["Syncing everything Instagram", "50.0 %", "4", "2", "0", "20 s", "29 s"]
    assert 'data-kind="DERIVE"' not in page
    assert cells(visit(people.bob).get("/admin?span=week").text, 'data-kind="DERIVE"')[1] == "100.0 %"


def test_failures_are_told_by_code_with_their_sentence(
    visit: Visit, people: Personas, troubled: dict[str, UUID]
) -> None:
    told = cells(visit(people.bob).get("/admin").text, 'data-code="site_failed"')
    assert told[:4] == ["The platform had an internal error. site_failed", "1", "1", "0"]


def test_stuck_and_dead_jobs_are_listed_by_their_ids(visit: Visit, people: Personas, troubled: dict[str, UUID]) -> None:
    page = visit(people.bob).get("/admin/jobs").text
    stuck, dead = page[: page.index('id="dead"')], page[page.index('id="dead"') :]
    assert re.findall(r'data-job="([^"]+)"', stuck) == [str(troubled["since"]), str(troubled["silent"])]
    assert {str(troubled[name]) for name in ("dead", "login", "before")} == set(re.findall(r'data-job="([^"]+)"', dead))
    assert re.findall(r"/admin/jobs/([^/]+)/retry", dead) == [str(troubled["dead"])]
    assert str(troubled["old"]) in visit(people.bob).get("/admin/jobs?span=week").text


def test_a_dead_job_is_done_again_once_by_a_new_one(
    visit: Visit, people: Personas, troubled: dict[str, UUID], owner: Owner
) -> None:
    browser = visit(people.bob)
    for _ in range(2):
        answer = post(browser, f"/admin/jobs/{troubled['dead']}/retry")
        assert answer.headers["Location"] == "/admin/jobs?span=day"
    assert "cannot be retried" in browser.get("/admin/jobs").text
    rows = owner.execute(
        "select user_id, state, args, request_id from sync_jobs where kind = 'SYNC' order by seq"
    ).fetchall()
    assert [(row["user_id"], row["state"], row["args"]) for row in rows] == [
        (people.alice, "FAILED", {"x": CANARY}),
        (people.alice, "PENDING", {"x": CANARY}),
    ]
    assert len(rows[1]["request_id"]) == 32


@pytest.mark.parametrize("which", ["good", "login", "before", "since", "silent", "none"])
def test_nothing_else_is_retried(
    which: str, visit: Visit, people: Personas, troubled: dict[str, UUID], owner: Owner
) -> None:
    before = owner.execute("select from sync_jobs").rowcount
    assert post(visit(people.bob), f"/admin/jobs/{troubled.get(which, uuid4())}/retry").status_code == 302
    assert owner.execute("select from sync_jobs").rowcount == before


@pytest.mark.parametrize(
    ("kind", "state", "again"),
    [
        ("SYNC", "NEEDS_LOGIN", False),
        ("DELETE_PROFILE", "DELETING", True),
        ("DELETE_PROFILE", "CONNECTED", False),
        ("DERIVE", "DISCONNECTED", True),
    ],
)
def test_a_retry_asks_how_the_profile_stands(
    kind: str, state: str, again: bool, visit: Visit, people: Personas, make_profile: Make, make_job: Make, owner: Owner
) -> None:
    profile = make_profile(people.alice, state=state)
    job = make_job(people.alice, profile, kind, state="FAILED", ended_at=datetime.now(UTC))
    post(visit(people.bob), f"/admin/jobs/{job}/retry")
    assert (owner.execute("select from sync_jobs").rowcount == 2) is again


def test_a_retry_needs_the_forms_token(visit: Visit, people: Personas, troubled: dict[str, UUID]) -> None:
    browser = visit(people.bob)
    form_token(browser)
    assert browser.post(f"/admin/jobs/{troubled['dead']}/retry").status_code == 400


def test_rests_connections_storage_and_workers_are_told(
    visit: Visit, people: Personas, troubled: dict[str, UUID]
) -> None:
    browser = visit(people.bob)
    page = browser.get("/admin/profiles").text
    told = cells(page, 'data-reason="rate_limited"')
    assert told[:2] == ["Instagram asks to wait before the next request. rate_limited Instagram", "1"]
    assert cells(page, 'data-method="instagram_login"')[1:5] == ["1", "0", "1", "0"]
    assert cells(page, 'data-method="browser"')[1:5] == ["0", "0", "0", "1"]
    page = browser.get("/admin/system").text
    assert "host:1:abc" in page
    assert cells(page, 'data-table="public.sync_jobs"')[1].endswith("iB")
    assert "1 file, 4.9 KiB" in " ".join(page.split())


@pytest.mark.parametrize("path", PAGES)
def test_with_nothing_to_tell_a_page_says_so(path: str, visit: Visit, people: Personas) -> None:
    page = visit(people.bob).get(path)
    assert page.status_code == 200
    assert re.search(r"No job|No profile|There are none|Nothing went wrong", page.text)


def test_no_person_and_no_worker_may_call_what_the_operator_sees(
    owner: Owner, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    rows = owner.execute(
        "select p.oid::regprocedure::text as name, r as role, has_function_privilege(r, p.oid, 'execute') as may"
        " from pg_proc p, unnest(array['anon', 'authenticated', 'rollcall_anon', 'rollcall_person', 'service_role',"
        " 'rollcall_worker', 'rollcall_web']) r"
        " where p.pronamespace = 'rollcall'::regnamespace and (p.proname ~ '^operator_' or p.proname in"
        " ('prometheus_metrics', 'email_confirmed', 'may_be_retried'))"
    ).fetchall()
    assert len({row["name"] for row in rows}) == 15
    assert {row["role"] for row in rows if row["may"]} == {"rollcall_web"}
    for user in (people.bob, None):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, user) as conn:
            conn.execute("select * from rollcall.operator_dead('1 day')")


def test_every_code_of_an_error_has_a_sentence() -> None:
    for code in (
        "site_failed",
        "wrong_password",
        "worker_lost",
        "internal",
        "database",
        "budget_spent",
        "session_dead",
    ):
        assert error_sentence(code)
    assert error_sentence("made_up") == error_sentence(None) == ""


def test_quotas_say_what_is_used_what_an_account_costs_and_how_many_more_fit(
    visit: Visit, people: Personas, owner: Owner, make_profile: Make
) -> None:
    page = visit(people.bob).get("/admin").text
    assert "No call was made yet." in page
    made = make_profile(people.alice, CANARY, platform="youtube")
    owner.execute(
        "insert into rollcall.api_quotas (quota, day, calls, units, day_limit, spent_until) values"
        " ('youtube_data', current_date, 30, 30, 10000, now() + interval '3 hours'),"
        " ('youtube_analytics', current_date, 12, 12, null, null)"
    )
    (row,) = owner.execute(
        "insert into connections (user_id, profile_id, method, state) values (%s, %s, 'google', 'ACTIVE') returning id",
        (people.alice, made),
    ).fetchall()
    owner.execute(
        "insert into api_calls (connection_id, quota, day, profile_id, user_id, calls, units) values"
        " (%(connection)s, 'youtube_data', current_date, %(profile)s, %(user)s, 30, 30),"
        " (%(connection)s, 'youtube_data', current_date - 1, %(profile)s, %(user)s, 15, 15)",
        {"connection": row["id"], "profile": made, "user": people.alice},
    )
    page = visit(people.bob).get("/admin").text
    data = _row(page, "quota", "youtube_data")
    assert [cell for cell in data if cell][-6:] == ["30", "30", "10,000", "1", "15.0", "599"]
    assert "used up until" in " ".join(data)
    assert _row(page, "quota", "youtube_analytics")[-6:] == ["12", "12", "n/a", "0", "n/a", "n/a"]
    assert CANARY not in page


def test_an_episode_stands_on_top_until_it_closes(visit: Visit, people: Personas, owner: Owner) -> None:
    owner.execute(
        "insert into alerts (kind, subject, params) values ('jobs_failing', 'youtube', %s)",
        (Jsonb({"failed": 3, "ended": 21}),),
    )
    assert "3 of 21 jobs for YouTube that ended in 24 hours have failed." in visit(people.bob).get("/admin").text
    owner.execute("update alerts set closed_at = now()")
    assert "data-episode" not in visit(people.bob).get("/admin").text


def _row(page: str, name: str, value: str) -> list[str]:
    """The cells of the row with this data attribute, as text."""
    found = re.search(rf'<tr data-{name}="{value}">(.*?)</tr>', page, re.S)
    assert found is not None
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", found[1], re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def test_the_version_of_the_graph_api_is_spoken_of_where_its_end_is_near_or_not_known(
    visit: Visit, people: Personas
) -> None:
    for app in ("instagram_app_id", "meta_app_id"):
        shown = visit(people.bob, **{app: "an-id"}, graph_version="v99.0").get("/admin").text
        assert "does not know when v99.0" in shown
    for changes in ({"instagram_app_id": "an-id"}, {"graph_version": "v99.0"}):
        assert "graph-version" not in visit(people.bob, **changes).get("/admin").text
