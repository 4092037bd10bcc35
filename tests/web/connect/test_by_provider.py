"""The way to a provider's consent page and back: what is asked, what is sealed, and each answer that is not used."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb

from shared.db.declarations import declare
from shared.platforms import PLATFORMS
from shared.platforms.provider import s256
from shared.vault import KeyRing, Purpose
from tests.conftest import Database, Personas
from tests.rig.fakehub import CLIENT_ID, FAKEHUB, FIGURES, READ
from tests.web.conftest import MakeApp, SignedInAs
from tests.web.pages import form_token, post
from web.connect import apps
from web.connect.apps import App

Owner = psycopg.Connection[dict[str, Any]]
CONSENT = "https://fakeid.example"
START, BACK = "/api/auth/fakeid/connect", "/api/auth/fakeid/callback"


@pytest.fixture
def hub(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fakehub, declared, with an app at Fakeid."""
    monkeypatch.setitem(PLATFORMS, FAKEHUB.name, FAKEHUB)
    monkeypatch.setitem(apps.APPS, "fakeid", lambda settings: App(CLIENT_ID, CONSENT))
    with psycopg.connect(database.owner) as conn:
        declare(conn)


@pytest.fixture
def alice(hub: None, signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


def begin(browser: FlaskClient, **fields: str) -> dict[str, str]:
    """Presses the button as the script does; the parameters of the consent page's address."""
    sent = {"csrf_token": form_token(browser), **fields}
    answer = browser.post(START, data=sent, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    url = urlsplit(answer.get_json()["url"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{CONSENT}/authorize"
    return {name: values[0] for name, values in parse_qs(url.query).items()}


def sealed_for(owner: Owner, ring: KeyRing) -> dict[str, str]:
    (job,) = owner.execute("select * from public.sync_jobs where kind = 'CONNECT'").fetchall()
    text = ring.open(
        job["sealed"],
        purpose=Purpose.OAUTH_CODE,
        user_id=job["user_id"],
        subject_id=job["id"],
        now=datetime.now(UTC),
    )
    opened: dict[str, str] = json.loads(text)
    return opened


def test_the_consent_is_asked_for_with_a_state_and_a_challenge_that_are_new_each_time(
    alice: FlaskClient, owner: Owner
) -> None:
    first, second = begin(alice), begin(alice)
    assert first["client_id"] == CLIENT_ID
    assert first["redirect_uri"] == f"http://localhost{BACK}"
    assert len(first["state"]) >= 43
    assert {first["state"], first["code_challenge"]}.isdisjoint({second["state"], second["code_challenge"]})
    rows = owner.execute("select s::text as row, expires_at - created_at as life from oauth_states s").fetchall()
    assert [row["life"].total_seconds() for row in rows] == [300, 300]
    assert not [row for row in rows if first["state"] in row["row"] or second["state"] in row["row"]]


def test_a_public_address_stands_in_the_redirect_address(
    make_app: MakeApp, hub: None, people: Personas, app: Flask, signed_in_as: SignedInAs
) -> None:
    app.extensions["rollcall"] = _with(app, public_url="http://localhost:8642")
    assert begin(signed_in_as(people.alice))["redirect_uri"] == f"http://localhost:8642{BACK}"


def test_what_comes_back_is_sealed_for_a_job_that_has_no_profile(
    alice: FlaskClient, owner: Owner, ring: KeyRing, people: Personas
) -> None:
    asked = begin(alice, timezone="Europe/Berlin")
    answer = alice.get(BACK, query_string={"state": asked["state"], "code": "canary-code"})
    (job,) = owner.execute("select * from public.sync_jobs").fetchall()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/jobs/{job['id']}")
    assert (job["user_id"], job["profile_id"], job["kind"]) == (people.alice, None, "CONNECT")
    assert job["args"] == {"platform": "fakehub", "way_in": "google"}
    opened = sealed_for(owner, ring)
    assert (opened["code"], opened["redirect_uri"]) == ("canary-code", f"http://localhost{BACK}")
    assert opened["timezone"] == "Europe/Berlin"
    assert s256(opened["verifier"]) == asked["code_challenge"]
    assert "canary-code" not in str(owner.execute("select j::text as row from sync_jobs j").fetchall())
    page = alice.get(answer.headers["Location"])
    assert "Connecting the account" in page.text


def test_the_way_back_tells_no_one_its_address_and_keeps_the_window_that_opened_it(alice: FlaskClient) -> None:
    asked = begin(alice, popup="1")
    answer = alice.get(BACK, query_string={"state": asked["state"], "code": "x"})
    assert answer.headers["Location"].endswith("?popup=1")
    page = alice.get(answer.headers["Location"])
    for one in (answer, page):
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert one.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert (
        alice.get(answer.headers["Location"].partition("?")[0]).headers["Cross-Origin-Opener-Policy"] == "same-origin"
    )


def test_a_form_without_script_leads_to_the_consent_page(alice: FlaskClient) -> None:
    token = form_token(alice)
    answer = alice.post(START, data={"csrf_token": token}, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{CONSENT}/authorize?")
    page = alice.get("/connect")
    assert f"form-action 'self' {CONSENT}" in page.headers["Content-Security-Policy"]
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


def test_the_button_needs_a_form_token_and_a_person(alice: FlaskClient, client: FlaskClient, hub: None) -> None:
    assert alice.post(START).status_code == 400
    assert client.post(START, data={"csrf_token": form_token(client)}).status_code == 401
    assert post(alice, "/api/auth/nothing/connect").status_code == 404
    assert alice.get("/api/auth/nothing/callback").status_code == 404
    assert alice.head(BACK).status_code == 405


OUTCOMES = {
    "denied": ({"error": "access_denied"}, 200, "You did not allow it, so nothing was connected."),
    "refused": ({"error": "server_error"}, 400, "Fakeid sent you back without its consent"),
    "without a code": ({}, 400, "Fakeid sent you back without its consent"),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_refusal_has_its_sentence_and_uses_the_state(alice: FlaskClient, owner: Owner, name: str) -> None:
    sent, status, words = OUTCOMES[name]
    asked = begin(alice)
    answer = alice.get(BACK, query_string={"state": asked["state"], **sent})
    assert answer.status_code == status
    assert words in answer.text
    assert 'href="/connect"' in answer.text
    assert_bare(answer.text, answer.headers)
    again = alice.get(BACK, query_string={"state": asked["state"], "code": "x"})
    assert "This consent was used already." in again.text
    assert owner.execute("select from sync_jobs").rowcount == 0


def test_a_state_is_good_once(alice: FlaskClient, owner: Owner) -> None:
    sent = {"state": begin(alice)["state"], "code": "x"}
    assert alice.get(BACK, query_string=sent).status_code == 303
    again = alice.get(BACK, query_string=sent)
    assert (again.status_code, "This consent was used already." in again.text) == (400, True)
    assert owner.execute("select from sync_jobs").rowcount == 1


def test_a_state_ends_after_five_minutes(alice: FlaskClient, owner: Owner) -> None:
    asked = begin(alice)
    owner.execute("update oauth_states set expires_at = now() - interval '1 second'")
    answer = alice.get(BACK, query_string={"state": asked["state"], "code": "x"})
    assert "This consent took too long" in answer.text
    assert owner.execute("select from sync_jobs").rowcount == 0


def test_a_state_of_another_provider_is_not_used(alice: FlaskClient, owner: Owner) -> None:
    asked = begin(alice)
    owner.execute("update oauth_states set provider = 'google'")
    answer = alice.get(BACK, query_string={"state": asked["state"], "code": "x"})
    assert "This consent was begun for another provider than Fakeid" in answer.text
    assert owner.execute("select from sync_jobs").rowcount == 0


def test_a_state_belongs_to_the_sign_in_that_began_it(
    alice: FlaskClient, signed_in_as: SignedInAs, people: Personas, owner: Owner
) -> None:
    asked = begin(alice)
    elsewhere = signed_in_as(people.alice).get(BACK, query_string={"state": asked["state"], "code": "x"})
    assert "This consent was begun in another browser" in elsewhere.text
    bob = signed_in_as(people.bob).get(BACK, query_string={"state": begin(alice)["state"], "code": "x"})
    assert "This consent is not known here" in bob.text
    unknown = alice.get(BACK, query_string={"state": "made up", "code": "x"})
    assert "This consent is not known here" in unknown.text
    assert owner.execute("select from sync_jobs").rowcount == 0


def test_who_is_signed_out_meanwhile_is_asked_to_sign_in(alice: FlaskClient, client: FlaskClient) -> None:
    answer = client.get(BACK, query_string={"state": begin(alice)["state"], "code": "x"})
    assert answer.status_code == 401
    assert "You are not signed in to Rollcall any more" in answer.text
    assert 'href="/login?next=/connect"' in answer.text
    assert_bare(answer.text, answer.headers)


def test_with_too_many_jobs_nothing_more_is_connected(
    alice: FlaskClient, owner: Owner, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> None:
    for number in range(200):
        make_job(people.alice, make_profile(people.alice, f"name{number}"), "SYNC")
    answer = alice.get(BACK, query_string={"state": begin(alice)["state"], "code": "x"})
    assert answer.status_code == 429
    assert "Too many of your jobs are waiting" in answer.text
    assert owner.execute("select from sync_jobs where kind = 'CONNECT'").rowcount == 0


def assert_bare(text: str, headers: Any) -> None:
    assert "<form" not in text
    assert "csrf" not in text
    assert "form-action 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_tries_are_limited(alice: FlaskClient) -> None:
    sent, json_please = {"csrf_token": form_token(alice)}, {"Accept": "application/json"}
    statuses = [alice.post(START, data=sent, headers=json_please).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]


def test_the_official_way_comes_first_and_the_table_says_what_it_shows(alice: FlaskClient) -> None:
    page = alice.get("/connect").text
    own = page.split('id="fakehub-fakeid"')[1]
    assert "Recommended" in own.partition("</section>")[0]
    assert "Connect with Fakeid" in own
    table = page.split('id="comparison"')[1]
    heads = re.findall(r'<th scope="col">([^<]+)</th>', table)
    assert heads[-1] == "Fakehub: Fakeid&#39;s official way"
    names = re.search(r"Names of followers</th>(.*?)</tr>", table, re.S)
    counters = re.search(r"Counters: followers, posts</th>(.*?)</tr>", table, re.S)
    assert names is not None
    assert counters is not None
    assert re.findall(r"<td>(\w+)</td>", names[1])[-1] == "no"
    assert re.findall(r"<td>(\w+)</td>", counters[1])[-1] == "yes"


def test_what_is_not_set_up_is_told_to_everyone_where_there_are_no_operators(
    alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(apps.APPS, "fakeid", lambda settings: App(None, CONSENT))
    page = alice.get("/connect").text
    assert 'data-setup="missing"' in page
    for step in (f"http://localhost{BACK}", READ, FIGURES, "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"):
        assert step in page
    assert "Connect with Fakeid" not in page
    answer = alice.post(START, data={"csrf_token": form_token(alice)}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_set_up")


def test_where_there_are_operators_no_one_else_sees_the_steps(
    hub: None, app: Flask, signed_in_as: SignedInAs, people: Personas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(apps.APPS, "fakeid", lambda settings: App(None, CONSENT))
    app.extensions["rollcall"] = _with(app, operators=frozenset({"bob@example.org"}))
    assert "Fakeid" not in signed_in_as(people.alice).get("/connect").text.partition('id="comparison"')[0]


def test_an_address_that_the_provider_does_not_take_is_said_before_the_button(
    hub: None, app: Flask, signed_in_as: SignedInAs, people: Personas
) -> None:
    app.extensions["rollcall"] = _with(app, public_url="http://rollcall.example")
    page = signed_in_as(people.alice).get("/connect").text
    assert 'data-setup="needs_https"' in page
    assert "Connect with Fakeid" not in page


def test_the_page_of_a_job_asks_which_account(
    alice: FlaskClient, owner: Owner, people: Personas, make_job: Callable[..., UUID], ring: KeyRing
) -> None:
    choices: list[dict[str, object]] = [
        {"id": "7", "username": "ada", "display_name": "Ada", "is_connected": True},
        {"id": "8", "username": "bea", "display_name": None, "is_connected": False},
    ]
    job = _asking(people.alice, make_job, choices)
    page = alice.get(f"/jobs/{job}").text
    assert "Choose the Fakehub account that Rollcall connects." in page
    assert "connected already" in page
    wrong = post(alice, f"/jobs/{job}/account", account="9")
    assert (wrong.status_code, "Choose one of these accounts." in wrong.text) == (400, True)
    sent = post(alice, f"/jobs/{job}/account?popup=1", account="8")
    assert sent.headers["Location"] == f"/jobs/{job}?popup=1&sent=1"
    (row,) = owner.execute("select sealed_input from sync_jobs where id = %s", (job,)).fetchall()
    opened = ring.open(
        row["sealed_input"], purpose=Purpose.CODE, user_id=people.alice, subject_id=job, now=datetime.now(UTC)
    )
    assert json.loads(opened) == {"account": "8"}
    told = alice.get(f"/api/v1/jobs/{job}").get_json()
    assert (told["input"]["wants"], told["input"]["choices"]) == ("account", choices)


@pytest.mark.parametrize("said", ["profile-1", "no"])
def test_the_page_of_a_job_asks_whether_two_are_the_same_account(
    alice: FlaskClient, owner: Owner, people: Personas, make_job: Callable[..., UUID], ring: KeyRing, said: str
) -> None:
    known: dict[str, object] = {"id": "profile-1", "username": "ada", "display_name": None, "is_connected": False}
    job = _asking(people.alice, make_job, [known], "same_account")
    page = alice.get(f"/jobs/{job}").text
    assert "Is it the same account?" in page
    assert "Fakehub names accounts by other ids here" in page
    assert "It is the same account as @ada" in page
    assert post(alice, f"/jobs/{job}/account", account="profile-2").status_code == 400
    assert post(alice, f"/jobs/{job}/code", code="123456").status_code == 302
    assert owner.execute("select sealed_input from sync_jobs").fetchone() == {"sealed_input": None}
    assert post(alice, f"/jobs/{job}/account", account=said).headers["Location"] == f"/jobs/{job}?sent=1"
    (row,) = owner.execute("select sealed_input from sync_jobs where id = %s", (job,)).fetchall()
    opened = ring.open(
        row["sealed_input"], purpose=Purpose.CODE, user_id=people.alice, subject_id=job, now=datetime.now(UTC)
    )
    assert json.loads(opened) == {"account": said}


def test_a_job_of_someone_else_shows_nothing(
    alice: FlaskClient, owner: Owner, people: Personas, make_job: Callable[..., UUID]
) -> None:
    job = _asking(people.bob, make_job, [])
    assert alice.get(f"/jobs/{job}").status_code == 404
    assert post(alice, f"/jobs/{job}/account", account="7").status_code == 404
    assert alice.get(f"/api/v1/jobs/{job}").status_code == 404


def _asking(
    user: UUID, make_job: Callable[..., UUID], choices: Sequence[Mapping[str, object]], method: str = "account"
) -> UUID:
    asked = {"method": method, "sent_to": None, "others": [], "error": None, "resend_at": None, "choices": choices}
    return make_job(
        user,
        None,
        "CONNECT",
        state="NEEDS_INPUT",
        args=Jsonb({"platform": "fakehub", "way_in": "google"}),
        input_request=Jsonb(asked),
        lease_until=datetime(2999, 1, 1, tzinfo=UTC),
    )


def _with(app: Flask, **changes: object) -> object:
    """The application's services with other settings."""
    services = app.extensions["rollcall"]
    return replace(services, settings=replace(services.settings, **changes))
