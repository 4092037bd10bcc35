"""Limits on tries, lasting sign-ins, password rules, and the operator's rights."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.settings import load
from tests.web.conftest import MakeApp
from tests.web.pages import form_token, post
from web.auth.credentials import password_fault
from web.serve import bind_operators

EMAIL, PASSWORD, FRESH = "dora@example.org", "correct horse battery", "another good one"
Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def dora(client: FlaskClient) -> FlaskClient:
    assert post(client, "/signup", email=EMAIL, password=PASSWORD).status_code == 302
    return client


def tried(browser: FlaskClient, address: str, password: str, times: int = 1, email: str = EMAIL) -> list[int]:
    form = {"csrf_token": form_token(browser), "email": email, "password": password}
    at = {"REMOTE_ADDR": address}
    return [browser.post("/login", data=form, environ_overrides=at).status_code for _ in range(times)]


def test_wrong_passwords_of_somebody_else_do_not_lock_the_owner_out(dora: FlaskClient, make_app: MakeApp) -> None:
    assert tried(make_app().test_client(), "203.0.113.1", "guess", 9) == [400] * 8 + [429]
    assert tried(make_app().test_client(), "203.0.113.2", PASSWORD) == [302]


def test_a_right_password_does_not_start_the_count_of_others_again(dora: FlaskClient, make_app: MakeApp) -> None:
    tried(make_app().test_client(), "203.0.113.1", "guess", 8)
    assert tried(make_app().test_client(), "203.0.113.2", PASSWORD) == [302]
    assert tried(make_app().test_client(), "203.0.113.1", "guess") == [429]


def test_a_crowd_is_slowed_down_too_and_for_minutes_only(dora: FlaskClient, make_app: MakeApp, owner: Owner) -> None:
    guesser = make_app().test_client()
    told = [status for number in range(12) for status in tried(guesser, f"203.0.113.{number}", "guess", 6)]
    assert told == [400] * 60 + [429] * 12
    (row,) = owner.execute(
        "select window_ends <= now() + interval '5 minutes' as soon from rollcall.rate_limits"
        " where key like 'sign-in-email:%'"
    ).fetchall()
    assert row["soon"]


@pytest.mark.parametrize(
    "password",
    [
        *("password1", "12345678a", "qwertyuiop", "Passw0rd!", "iloveyou1", "abcabcabc", "rollcall1", "instagram123"),
        *("dora.example", "dora12345", "DORA@example.org", "my-dora-2026x"),
    ],
)
def test_a_common_password_is_refused_with_a_reason(client: FlaskClient, password: str) -> None:
    answer = post(client, "/signup", email=EMAIL, password=password)
    assert answer.status_code == 400
    assert "Many people use" in answer.text or "name of your e-mail" in answer.text


def test_a_changed_password_may_not_be_common_either(dora: FlaskClient) -> None:
    for password in ("password1", "doradoradora"):
        answer = post(dora, "/account/password", old_password=PASSWORD, new_password=password)
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "password", [PASSWORD, FRESH, "Kaffee am Montag", "tr0ub4dor&3xyz", "пароль для меня", "x9!kLq2#"]
)
def test_a_password_that_is_not_common_is_taken(password: str) -> None:
    assert password_fault(password, EMAIL) is None


def test_a_sign_in_ends_for_good_however_often_it_is_used(dora: FlaskClient, owner: Owner) -> None:
    owner.execute("update public.web_sessions set created_at = now() - interval '89 days'")
    assert dora.get("/account").status_code == 200
    owner.execute("update public.web_sessions set last_seen_at = now() - interval '1 day'")
    assert dora.get("/account").status_code == 200
    (row,) = owner.execute("select expires_at <= created_at + interval '90 days' as ends from public.web_sessions")
    assert row["ends"]
    owner.execute(
        "update public.web_sessions set created_at = now() - interval '3 years', expires_at = now() + '1 day'"
    )
    assert dora.get("/account").status_code == 302


def test_the_end_of_a_sign_in_is_a_setting(make_app: MakeApp, owner: Owner) -> None:
    browser = make_app(session_longest=load({"SESSION_MAX_DAYS": "7"}).session_longest).test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    owner.execute("update public.web_sessions set created_at = now() - interval '8 days'")
    assert browser.get("/account").status_code == 302


def test_the_address_of_an_operator_who_left_makes_nobody_else_one(
    dora: FlaskClient, make_app: MakeApp, owner: Owner, web_pool: ConnectionPool[WebConnection]
) -> None:
    named = {"operators": frozenset({EMAIL})}
    app = make_app(**named)
    bind_operators(web_pool, app.extensions["rollcall"].settings)
    browser = app.test_client()
    post(browser, "/login", email=EMAIL, password=PASSWORD)
    assert browser.get("/admin").status_code == 200
    assert post(browser, "/account/delete", confirm_password=PASSWORD).status_code == 302
    stranger = app.test_client()
    assert post(stranger, "/signup", email=EMAIL, password=FRESH).status_code == 403
    # The account that someone makes without the page is another account.
    post(make_app().test_client(), "/signup", email=EMAIL, password=FRESH)
    post(stranger, "/login", email=EMAIL, password=FRESH)
    assert stranger.get("/account").status_code == 200
    assert stranger.get("/admin").status_code == 404


def test_an_operators_address_is_not_for_whoever_signs_up_first(make_app: MakeApp, owner: Owner) -> None:
    browser = make_app(operators=frozenset({EMAIL})).test_client()
    answer = post(browser, "/signup", email=EMAIL.upper(), password=PASSWORD)
    assert answer.status_code == 403
    assert "makes no account for this address" in answer.text
    assert owner.execute("select from auth.users where email = %s", [EMAIL]).fetchone() is None


def test_an_address_that_is_named_no_longer_is_free_for_another_operator(
    dora: FlaskClient, owner: Owner, web_pool: ConnectionPool[WebConnection]
) -> None:
    bind_operators(web_pool, load({}, operators=frozenset({EMAIL})))
    assert owner.execute("select address from rollcall.operator_accounts").fetchall() == [{"address": EMAIL}]
    bind_operators(web_pool, load({}))
    assert owner.execute("select address from rollcall.operator_accounts").fetchall() == []
