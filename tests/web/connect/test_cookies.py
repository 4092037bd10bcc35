"""Importing the cookies of a person's own browser, and keeping a password: sealed for the worker, shown nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.vault import KeyRing, Purpose
from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.connect.test_login_form import FORM, _everything
from tests.web.pages import form_token, post

Owner = psycopg.Connection[dict[str, Any]]
CANARY = "77%3Acanary-session%3A1"
OTHER = "canary-of-another-site"
COOKIES = [
    {"name": "sessionid", "value": CANARY, "domain": ".instagram.com", "path": "/", "httpOnly": True, "secure": True},
    {"name": "bank", "value": OTHER, "domain": "bank.example.org", "path": "/"},
]
GIVEN = {"username": "@Alice.Test", "cookies": json.dumps(COOKIES), "owned": "yes", "timezone": "Asia/Tokyo"}


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


def opened(owner: Owner, ring: KeyRing, user_id: UUID) -> dict[str, Any]:
    (job,) = owner.execute("select id, sealed from public.sync_jobs where kind = 'LOGIN'").fetchall()
    text = ring.open(job["sealed"], purpose=Purpose.LOGIN, user_id=user_id, subject_id=job["id"], now=datetime.now(UTC))
    entered: dict[str, Any] = json.loads(text)
    return entered


def test_only_the_sites_own_cookies_are_sealed_and_none_stands_anywhere(
    alice: FlaskClient, people: Personas, owner: Owner, ring: KeyRing, capfd: pytest.CaptureFixture[str]
) -> None:
    refused = post(alice, "/connect/cookies", **{**GIVEN, "username": "no name!"})
    assert refused.status_code == 400
    file = BytesIO(json.dumps(COOKIES).encode())
    sent = alice.post(
        "/connect/cookies",
        data={**GIVEN, "cookies": "", "csrf_token": form_token(alice), "file": (file, "c.json")},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 302
    entered = opened(owner, ring, people.alice)
    assert (entered["username"], set(entered)) == ("alice.test", {"username", "cookies"})
    assert [(c["name"], c["value"], c["httpOnly"]) for c in entered["cookies"]] == [("sessionid", CANARY, True)]
    pages = [refused, sent, alice.get(sent.headers["Location"]), alice.get("/connect/cookies")]
    out, err = capfd.readouterr()
    said = _everything(owner) + out + err + "".join(page.text + str(page.headers) for page in pages)
    for canary in (CANARY, OTHER):
        assert canary not in said
        assert canary.encode().hex() not in said


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1"])
def test_a_file_in_another_encoding_is_read_all_the_same(
    encoding: str, alice: FlaskClient, people: Personas, owner: Owner, ring: KeyRing
) -> None:
    rows = [*COOKIES, {"name": "place", "value": "K\u00f6ln", "domain": "shop.example.org"}]
    file = BytesIO(json.dumps(rows, ensure_ascii=False).encode(encoding))
    form = {**GIVEN, "cookies": "", "csrf_token": form_token(alice), "file": (file, "cookies.json")}
    assert alice.post("/connect/cookies", data=form, content_type="multipart/form-data").status_code == 302
    (kept,) = opened(owner, ring, people.alice)["cookies"]
    assert (kept["name"], kept["value"]) == ("sessionid", CANARY)


def test_what_is_wrong_with_cookies_is_said_at_its_field(alice: FlaskClient, owner: Owner) -> None:
    faults = [
        ({"cookies": ""}, "The cookie file is empty"),
        ({"cookies": json.dumps(COOKIES[1:])}, "no cookie of www.instagram.com"),
        ({"cookies": "sessionid=1"}, "not a cookie file"),
        ({"username": "two words"}, "Enter the name after instagram.com/"),
    ]
    for change, words in faults:
        answer = post(alice, "/connect/cookies", **{**GIVEN, **change})
        assert answer.status_code == 400
        assert words in answer.text
    unowned = {key: value for key, value in GIVEN.items() if key != "owned"}
    assert "for their owners only" in post(alice, "/connect/cookies", **unowned).text
    binary = {**GIVEN, "csrf_token": form_token(alice), "file": (BytesIO(b"\xff\xfe\x00SQLite"), "cookies.sqlite")}
    answer = alice.post("/connect/cookies", data=binary, content_type="multipart/form-data")
    assert "not a text file" in answer.text
    assert owner.execute("select 1 from public.profiles").fetchone() is None


def test_the_import_says_that_a_session_belongs_to_its_browser_and_asks_for_no_user_agent(alice: FlaskClient) -> None:
    page = alice.get("/connect/cookies?username=alice.test").text
    assert "does not pretend to be another" in page
    assert 'href="/connect/instagram?username=alice.test"' in page
    assert "user_agent" not in page


def test_a_password_is_kept_only_where_that_was_ticked_and_can_be_forgotten(
    alice: FlaskClient, signed_in_as: SignedInAs, people: Personas, owner: Owner, ring: KeyRing
) -> None:
    page = alice.get("/connect/instagram").text
    label = ">Log in again for me when the session ends</label>"
    assert label in page
    assert 'aria-describedby="log_in_again-hint">' in page
    post(alice, "/connect/instagram", **FORM, log_in_again="yes")
    assert opened(owner, ring, people.alice)["log_in_again"] is True
    (profile,) = (row["id"] for row in owner.execute("select id from public.profiles"))
    owner.execute("update public.connections set login_secret = 'canary-password', state = 'ACTIVE'")
    owner.execute("update public.profiles set state = 'CONNECTED'")
    settings = alice.get(f"/profiles/{profile}/settings").text
    assert "your password is stored, encrypted" in settings
    assert "canary" not in settings
    assert 'aria-describedby="log_in_again-hint" checked>' in alice.get("/connect/instagram?username=alice.test").text
    assert post(signed_in_as(people.bob), f"/profiles/{profile}/forget-password").status_code == 404
    assert owner.execute("select login_secret from public.connections").fetchone() == {
        "login_secret": b"canary-password"
    }
    post(alice, f"/profiles/{profile}/forget-password")
    assert owner.execute("select login_secret from public.connections").fetchone() == {"login_secret": None}
    settings = " ".join(alice.get(f"/profiles/{profile}/settings").text.split())
    assert "<dt>Automatic re-login</dt> <dd>Off" in settings


@pytest.mark.parametrize("state", ["NEEDS_LOGIN", "CHALLENGED"])
def test_a_profile_says_why_and_since_when_it_is_not_read_and_leads_back(
    state: str, alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    since = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    profile = make_profile(people.alice, state=state, state_reason="It was the reason.", state_since=since)
    again = "/connect/instagram?username=alice.test"
    for path in ("/followers", "/content", "/exports", "/activity"):
        assert 'class="bell-count"' in alice.get(f"/profiles/{profile}{path}").text, path
    for path in ("", "/settings"):
        page = alice.get(f"/profiles/{profile}{path}").text
        for words in ("It was the reason.", "1 Mar 2026, 12:30 UTC", f'href="{again}"', "/connect?username=alice.test"):
            assert words in page, path
    form = alice.get(again).text
    for words in ('value="alice.test"', "It was the reason.", "1 Mar 2026, 12:30 UTC"):
        assert words in form


def test_a_session_is_checked_when_its_owner_asks(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Callable[..., UUID]
) -> None:
    profile = make_profile(people.alice)
    assert post(alice, f"/profiles/{profile}/check-session").headers["Location"].startswith("/jobs/")
    assert owner.execute("select kind from public.sync_jobs").fetchall() == [{"kind": "CHECK_SESSION"}]
    owner.execute("update public.profiles set state = 'NEEDS_LOGIN'")
    answer = post(alice, f"/profiles/{profile}/check-session")
    assert "Connect the account first" in alice.get(answer.headers["Location"]).text


def test_while_instagram_suspects_automation_no_login_is_taken(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Callable[..., UUID]
) -> None:
    make_profile(people.alice, state="RESTING", cooldown_until=datetime(2999, 1, 1, tzinfo=UTC))
    for path, form in (("/connect/cookies", GIVEN), ("/connect/instagram", FORM)):
        answer = post(alice, path, **form)
        assert answer.status_code == 409
        assert "is in a cool-down until 1 Jan 2999" in answer.text
    assert owner.execute("select 1 from public.sync_jobs").fetchone() is None


@pytest.mark.parametrize("state", ["CHALLENGED", "NEEDS_LOGIN", "CONNECTED"])
def test_a_rest_from_reading_keeps_nobody_from_logging_in(
    state: str, alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    """Who has answered what Instagram asked connects again at once."""
    make_profile(people.alice, state=state, cooldown_until=datetime(2999, 1, 1, tzinfo=UTC))
    assert post(alice, "/connect/instagram", **FORM).headers["Location"].startswith("/jobs/")


def test_the_ways_without_a_password_are_named_with_their_risks(alice: FlaskClient) -> None:
    page = unescape(alice.get("/connect?username=alice.test").text)
    for words in (
        "No password",
        "/connect/cookies?username=alice.test",
        "rollcall connect instagram --headed",
        "as good as being logged in",
        "against Instagram's terms",
    ):
        assert words in page
