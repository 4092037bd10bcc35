"""Sessions can be seen and ended, and a new password ends the others."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.pages import post

EMAIL, PASSWORD, FRESH = "dora@example.org", "correct horse battery", "another good one"
Owner = psycopg.Connection[dict[str, Any]]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def here(client: FlaskClient) -> FlaskClient:
    post(client, "/signup", email=EMAIL, password=PASSWORD)
    return client


@pytest.fixture
def there(app: Flask, here: FlaskClient) -> FlaskClient:
    """The same person in a second browser."""
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = FIREFOX
    post(browser, "/login", email=EMAIL, password=PASSWORD)
    return browser


def _in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_the_account_page_lists_each_browser(here: FlaskClient, there: FlaskClient) -> None:
    page = here.get("/account").text
    assert "Firefox on Linux" in page
    assert page.count('/end"') == 2
    assert page.count("This one") == 1


def test_one_session_is_ended_from_another(here: FlaskClient, there: FlaskClient) -> None:
    (other,) = [row for row in there.get("/account").text.split("<tr>")[2:] if "This one" not in row]
    post(there, other.split('action="')[1].split('"')[0])
    assert _in(there)
    assert not _in(here)


def test_ending_ones_own_session_signs_out(here: FlaskClient) -> None:
    (path,) = re.findall(r'action="(/account/sessions/[^"]+/end)"', here.get("/account").text)
    assert post(here, path).headers["Location"] == "/login"
    assert not _in(here)


def test_all_other_sessions_are_ended_at_once(here: FlaskClient, there: FlaskClient) -> None:
    post(here, "/account/sessions/end-others")
    assert (_in(here), _in(there)) == (True, False)


def test_nobody_ends_a_strangers_session(signed_in_as: SignedInAs, people: Personas, owner: Owner) -> None:
    alice, charlie = signed_in_as(people.alice), signed_in_as(people.charlie)
    row = owner.execute("select id from public.web_sessions where user_id = %s", [people.alice]).fetchone()
    assert row is not None
    assert post(charlie, f"/account/sessions/{row['id']}/end").status_code == 404
    assert _in(alice)
    assert "alice" not in charlie.get("/account").text


def test_a_changed_password_holds_and_ends_the_other_sessions(here: FlaskClient, there: FlaskClient) -> None:
    answer = post(here, "/account/password", old_password=PASSWORD, new_password=FRESH)
    assert answer.headers["Location"] == "/account"
    assert (_in(here), _in(there)) == (True, False)
    assert post(there, "/login", email=EMAIL, password=PASSWORD).status_code == 400
    assert post(there, "/login", email=EMAIL, password=FRESH).status_code == 302


@pytest.mark.parametrize(("old", "new", "words"), [("wrong", FRESH, "not your password"), (PASSWORD, "x", "at least")])
def test_a_password_is_not_changed_without_the_old_and_a_good_new_one(
    here: FlaskClient, old: str, new: str, words: str
) -> None:
    answer = post(here, "/account/password", old_password=old, new_password=new)
    assert answer.status_code == 400
    assert words in answer.text


def test_guessing_the_old_password_is_throttled(here: FlaskClient) -> None:
    for _ in range(8):
        post(here, "/account/password", old_password="wrong", new_password=FRESH)
    answer = post(here, "/account/password", old_password=PASSWORD, new_password=FRESH)
    assert answer.status_code == 429


def test_only_the_hash_of_a_session_token_is_stored(here: FlaskClient, owner: Owner) -> None:
    cookie = here.get_cookie("rollcall_session")
    assert cookie is not None
    assert len(cookie.value) >= 43
    rows = owner.execute("select s::text as whole, octet_length(token_hash) as n from public.web_sessions s").fetchall()
    assert [row["n"] for row in rows] == [32]
    assert cookie.value not in rows[0]["whole"]


def test_a_session_ends_when_its_time_is_over(here: FlaskClient, owner: Owner) -> None:
    owner.execute("update public.web_sessions set expires_at = now() - interval '1 second'")
    assert not _in(here)
    post(here, "/login", email=EMAIL, password=PASSWORD)
    rows = owner.execute("select 1 from public.web_sessions").fetchall()
    assert len(rows) == 1, "sessions that are over go at the next sign-in"


def test_a_session_that_is_used_lasts(here: FlaskClient, owner: Owner) -> None:
    owner.execute(
        "update public.web_sessions set expires_at = now() + interval '1 minute',"
        " last_seen_at = now() - interval '1 day'"
    )
    assert _in(here)
    row = owner.execute(
        "select expires_at > now() + interval '13 days' as extended from public.web_sessions"
    ).fetchone()
    assert row is not None
    assert row["extended"]
