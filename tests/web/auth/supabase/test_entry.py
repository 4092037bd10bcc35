"""Signing up, in and out where Supabase keeps the accounts, and what is said when it says no."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.supabase.auth_limits import Limits
from sandbox.supabase.project import KeyKind
from sandbox.supabase.server import Running
from sandbox.supabase.server import start as start_project
from tests.web.auth.supabase.conftest import CONFIRMED, EMAIL, FRESH, MAILED, PASSWORD, MakeHosted, Serve, is_in
from tests.web.pages import post


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_person_signs_up_out_and_in_with_either_kind_of_keys(
    kind: KeyKind, serve: Serve, make_hosted: MakeHosted
) -> None:
    running = serve(CONFIRMED, kind)
    browser = make_hosted(running).test_client()
    answer = post(browser, "/signup", email=" Dora@Example.org ", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/start")
    assert EMAIL in browser.get("/account").text
    assert post(browser, "/logout").headers["Location"] == "/login"
    assert not is_in(browser)
    assert running.auth.sessions == {}, "signing out ends the sign-in at Supabase too"
    assert post(browser, "/login", email=EMAIL, password=PASSWORD).headers["Location"] == "/start"
    assert is_in(browser)


def test_with_confirmation_one_looks_into_the_mail_first(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    browser = make_hosted(running).test_client()
    answer = post(browser, "/signup", email=EMAIL, password=PASSWORD)
    assert answer.headers["Location"] == "/signup/mail"
    page = browser.get("/signup/mail").text
    assert "Check your mail" in page
    assert EMAIL in page
    assert not is_in(browser)
    assert [mail.kind for mail in running.auth.mails] == ["signup"]


def test_an_address_with_an_account_meets_the_same_pages(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    app = make_hosted(running)
    pages = []
    for _ in range(2):
        browser = app.test_client()
        answer = post(browser, "/signup", email=EMAIL, password=PASSWORD)
        pages.append((answer.status_code, answer.headers["Location"], _bare(browser.get("/signup/mail").text)))
        account = running.auth.by_email(EMAIL)
        assert account is not None
        account.confirmed_at = running.project.now
    assert pages[0] == pages[1]
    assert len(running.auth.mails) == 1


def test_without_confirmation_a_taken_address_is_told_to_sign_in(dora: FlaskClient, app: Flask) -> None:
    answer = post(app.test_client(), "/signup", email=EMAIL, password=FRESH)
    assert answer.status_code == 409
    assert "already an account" in answer.text


def test_a_wrong_password_and_an_unknown_address_look_alike(dora: FlaskClient, app: Flask) -> None:
    def tried(email: str) -> tuple[int, str]:
        answer = post(app.test_client(), "/login", email=email, password="not the password")
        return answer.status_code, _bare(answer.text).replace(email, "")

    wrong, unknown = tried(EMAIL), tried("nora@example.org")
    assert wrong == unknown
    assert wrong[0] == 400
    assert "The e-mail or the password is wrong." in wrong[1]


def _bare(page: str) -> str:
    # A form's token holds the second it was made in.
    return re.sub(r"[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}", "", page)


def test_an_unconfirmed_address_can_have_its_mail_sent_again(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    app = make_hosted(running)
    post(app.test_client(), "/signup", email=EMAIL, password=PASSWORD)
    browser = app.test_client()
    answer = post(browser, "/login", email=EMAIL, password=PASSWORD)
    assert answer.status_code == 400
    assert "not confirmed yet" in answer.text
    assert 'href="/signup/mail"' in answer.text
    assert f'value="{EMAIL}"' in browser.get("/signup/mail").text
    assert post(browser, "/signup/mail", email=EMAIL).headers["Location"] == "/signup/mail"
    assert len(running.auth.mails) == 2
    assert post(browser, "/signup/mail", email="nora@example.org").headers["Location"] == "/signup/mail"
    assert len(running.auth.mails) == 2


def test_a_blocked_account_is_told(dora: FlaskClient, project: Running, app: Flask) -> None:
    account = project.auth.by_email(EMAIL)
    assert account is not None
    account.banned_until = project.project.now + timedelta(hours=1)
    answer = post(app.test_client(), "/login", email=EMAIL, password=PASSWORD)
    assert (answer.status_code, "This account is blocked." in answer.text) == (400, True)


def test_a_password_that_the_project_finds_weak_is_told_at_its_field(serve: Serve, make_hosted: MakeHosted) -> None:
    config = replace(CONFIRMED, required_characters=("0123456789",), pwned=frozenset({"leaked horse 12"}))
    browser = make_hosted(serve(config)).test_client()
    for password, words in (("only letters", "lacks a kind of character"), ("leaked horse 12", "have leaked")):
        answer = post(browser, "/signup", email=EMAIL, password=password)
        assert answer.status_code == 400
        assert words in answer.text
        assert 'id="password-error"' in answer.text
        assert password not in answer.text


@pytest.mark.parametrize("email", ["a,b@example.org", "a@exa_mple.org", "a@[127.0.0.1]", "\u00fcn\u00ef@example.org"])
def test_an_address_that_auth_refuses_is_told_at_its_field(email: str, serve: Serve, make_hosted: MakeHosted) -> None:
    browser = make_hosted(serve(MAILED)).test_client()
    for path in ("/signup", "/signup/mail", "/reset"):
        answer = post(browser, path, email=email, password=PASSWORD)
        assert (answer.status_code, 'id="email-error"' in answer.text) == (400, True), path
        assert "This cannot be used" not in answer.text


def test_a_project_that_takes_nobody_says_so(serve: Serve, make_hosted: MakeHosted) -> None:
    browser = make_hosted(serve(replace(CONFIRMED, signup_open=False))).test_client()
    answer = post(browser, "/signup", email=EMAIL, password=PASSWORD)
    assert (answer.status_code, "takes no new accounts" in answer.text) == (400, True)


def test_a_rate_limit_says_when_to_try_again(serve: Serve, make_hosted: MakeHosted) -> None:
    calls = make_hosted(serve(replace(CONFIRMED, limits=Limits(sign_in_sign_up=1)))).test_client()
    post(calls, "/login", email=EMAIL, password=PASSWORD)
    answer = post(calls, "/login", email=EMAIL, password=PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert "Wait 5 minutes, then try again." in answer.text


@pytest.mark.parametrize("path", ["/signup", "/login"])
def test_a_supabase_that_is_away_is_a_sentence(path: str, project: Running, app: Flask) -> None:
    browser = app.test_client()
    project.auth.away = True
    answer = post(browser, path, email=EMAIL, password=PASSWORD)
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)
    project.stop()
    answer = post(browser, path, email=EMAIL, password=PASSWORD)
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)


def test_an_account_that_the_database_does_not_know_is_a_sentence(make_hosted: MakeHosted, serve: Serve) -> None:
    running = serve()
    elsewhere = start_project(running.project, CONFIRMED)
    try:
        answer = post(make_hosted(elsewhere).test_client(), "/signup", email=EMAIL, password=PASSWORD)
    finally:
        elsewhere.stop()
    assert (answer.status_code, "not in the database that Rollcall uses" in answer.text) == (503, True)


def test_an_account_that_is_being_deleted_gets_a_word_and_no_cookie(
    dora: FlaskClient, project: Running, app: Flask
) -> None:
    page = dora.get("/account").text
    assert "audit log" in page
    assert post(dora, "/account/delete", confirm_password=PASSWORD).status_code == 302
    browser = app.test_client()
    answer = post(browser, "/login", email=EMAIL, password=PASSWORD)
    assert (answer.status_code, "is being deleted" in answer.text) == (400, True)
    assert not any("rollcall_session=" in one for one in answer.headers.getlist("Set-Cookie"))
    sessions = len(project.auth.sessions)
    post(browser, "/reset", email=EMAIL)
    answer = post(browser, "/auth/link/recovery", token_hash=project.auth.mails[-1].token_hash)
    assert (answer.status_code, "is being deleted" in answer.text) == (400, True)
    assert len(project.auth.sessions) == sessions, "nothing is left at Supabase either"
