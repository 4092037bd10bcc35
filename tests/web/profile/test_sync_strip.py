"""On every tab: the alerts as a bell, the last sync with *Sync now*, and the sync under way; first steps at first."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb

from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs
from tests.web.pages import post

Owner = psycopg.Connection[dict[str, Any]]
TABS = ("", "/followers", "/content", "/exports", "/activity", "/settings")
MakeJob = Callable[..., UUID]
_LIVE, _ENDED = ("RUNNING", "NEEDS_INPUT"), ("COMPLETED", "FAILED", "CANCELLED")


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice, state="CONNECTED", observed_at=NOW, followers=400)


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def job_of(people: Personas, profile: UUID, make_job: MakeJob) -> MakeJob:
    """job_of(kind, state, **columns) -> a job of the profile in that state."""

    def make(kind: str, state: str, **columns: Any) -> UUID:
        if state in _LIVE:
            columns |= {"lease_until": NOW + timedelta(days=1), "started_at": NOW}
        if state in _ENDED:
            columns["ended_at"] = NOW
        return make_job(people.alice, profile, kind, state=state, **columns)

    return make


@pytest.fixture
def alert(owner: Owner, people: Personas, profile: UUID) -> Callable[..., int]:
    def make(message: str, kind: str = "list_partial", **columns: Any) -> int:
        row = owner.execute(
            "insert into alerts (user_id, profile_id, kind, subject, params, times, closed_at)"
            " values (%s, %s, %s, %s, %s, %s, %s) returning id",
            [
                people.alice,
                profile,
                kind,
                "follower" if kind == "list_partial" else "",
                Jsonb({"code": "x", "sentence": message, "reason": message}),
                columns.get("times", 1),
                columns.get("closed_at"),
            ],
        ).fetchone()
        assert row is not None
        return int(row["id"])

    return make


def bell(page: str) -> str | None:
    match = re.search(r'class="bell-count"[^>]*>(\d+)<', page)
    return match[1] if match else None


def test_alerts_stand_in_full_on_the_overview_and_as_a_number_elsewhere(
    alice: FlaskClient, profile: UUID, alert: Callable[..., int]
) -> None:
    alert("<b>first</b>", times=3)
    alert("second", kind="rate_limited")
    alert("over", kind="challenge", closed_at=NOW)
    for tab in TABS:
        page = alice.get(f"/profiles/{profile}{tab}").text
        assert ("&lt;b&gt;first" in page, bell(page)) == ((True, None) if tab == "" else (False, "2")), tab
        assert "over" not in re.findall(r"<li data-alert.*?</li>", page, re.S)
    overview = alice.get(f"/profiles/{profile}").text
    assert "3 times since" in overview
    assert overview.count("data-alert=") == 2


def test_an_alert_is_dismissed_alone(alice: FlaskClient, profile: UUID, alert: Callable[..., int]) -> None:
    first, _ = alert("Cut short."), alert("Asked to wait.", kind="rate_limited")
    answer = post(alice, f"/profiles/{profile}/alerts/{first}/dismiss")
    assert answer.headers["Location"] == f"/profiles/{profile}#alerts"
    page = alice.get(f"/profiles/{profile}").text
    assert ("Cut short." in page, "Asked to wait." in page) == (False, True)
    assert post(alice, f"/profiles/{profile}/alerts/{'9' * 30}/dismiss").status_code == 302


@pytest.mark.parametrize(
    ("state", "kind"),
    [("NEEDS_LOGIN", "session_dead"), ("NEEDS_LOGIN", "login_failed"), ("CHALLENGED", "challenge")],
)
def test_a_cause_that_the_state_tells_is_told_once(
    alice: FlaskClient, profile: UUID, owner: Owner, alert: Callable[..., int], state: str, kind: str
) -> None:
    owner.execute(
        "update profiles set state = %s, state_code = 'x', state_params = %s where id = %s",
        [state, Jsonb({"sentence": "The reason."}), profile],
    )
    alert("The same again.", kind=kind)
    overview = alice.get(f"/profiles/{profile}").text
    assert overview.count("The reason.") == 1
    assert "The same again." not in overview
    assert bell(alice.get(f"/profiles/{profile}/content").text) == "1"


def test_a_sync_under_way_is_seen_on_every_tab_and_sync_now_only_where_none_runs(
    alice: FlaskClient, profile: UUID, job_of: MakeJob
) -> None:
    for tab in TABS:
        page = alice.get(f"/profiles/{profile}{tab}").text
        assert page.count(">Sync now<") >= 1, tab
        assert "data-job=" not in page.split("data-strip")[1].split(">")[0]
    job = job_of("SYNC", "RUNNING", progress=Jsonb({"step": "followers", "done": 50, "total": 400}))
    for tab in TABS:
        strip = alice.get(f"/profiles/{profile}{tab}").text.split("data-strip")[1].split('data-part="new"')[0]
        assert f'data-job="{job}"' in strip, tab
        assert "50 of 400 followers" in strip
        assert "Sync now" not in strip
    alone = alice.get(f"/profiles/{profile}/strip").text
    assert f'data-job="{job}"' in alone
    assert "<html" not in alone


def test_a_strip_names_the_login_that_wants_a_code_before_the_sync_that_runs(
    alice: FlaskClient, profile: UUID, job_of: MakeJob
) -> None:
    job_of("IMPORT", "RUNNING")
    asked: dict[str, Any] = {"method": "sms", "sent_to": None, "others": [], "error": None}
    login = job_of("LOGIN", "NEEDS_INPUT", input_request=Jsonb(asked))
    strip = alice.get(f"/profiles/{profile}/strip").text
    assert (f'data-job="{login}"' in strip, 'data-wants="code"' in strip, "Enter the code" in strip) == (True,) * 3


def test_work_that_brings_no_data_is_not_in_the_strip(alice: FlaskClient, profile: UUID, job_of: MakeJob) -> None:
    job_of("DERIVE", "RUNNING")
    job_of("SYNC", "COMPLETED")
    assert "data-job" not in alice.get(f"/profiles/{profile}/strip").text


@pytest.mark.parametrize(
    ("state", "asked", "title"),
    [
        ("RUNNING", None, "Connecting the account"),
        ("NEEDS_INPUT", "sms", "Code needed · Connecting the account"),
        ("NEEDS_INPUT", "approval", "Confirm the login · Connecting the account"),
        ("COMPLETED", None, "Finished · Connecting the account"),
        ("FAILED", None, "Failed · Connecting the account"),
    ],
)
def test_the_title_of_a_job_says_what_it_wants(
    alice: FlaskClient, profile: UUID, job_of: MakeJob, state: str, asked: str | None, title: str
) -> None:
    columns: dict[str, Any] = {}
    if asked:
        columns["input_request"] = Jsonb({"method": asked, "sent_to": None, "others": [], "error": None})
    job = job_of("LOGIN", state, **columns)
    assert f"<title>{title} · Rollcall</title>" in alice.get(f"/jobs/{job}").text
    assert alice.get(f"/api/v1/jobs/{job}").get_json()["page_title"] == title


def test_an_estimate_is_not_given_while_a_sync_waits(alice: FlaskClient, profile: UUID, job_of: MakeJob) -> None:
    job = job_of("SYNC", "WAITING", run_at=NOW + timedelta(hours=4))
    assert "Syncing everything takes" not in alice.get(f"/jobs/{job}").text


def test_first_steps_lead_to_the_second_sync_and_then_go(
    alice: FlaskClient, profile: UUID, people: Personas, owner: Owner
) -> None:
    def steps() -> list[tuple[str, str]]:
        page = alice.get(f"/profiles/{profile}").text
        return re.findall(r'<li data-state="(\w+)".*?<strong>(.*?)</strong>', page, re.S)

    history = History(owner, people.alice, profile)
    assert [state for state, _ in steps()] == ["done", "now", "later"]
    history.run(days_ago(1), gained=0, seen=400)
    first = steps()
    assert [state for state, _ in first] == ["done", "done", "now"]
    assert re.fullmatch(r"Baseline of \d+ \w+ \d{4}: 400 followers", first[1][1])
    history.run(days_ago(0), gained=2)
    assert steps() == []
