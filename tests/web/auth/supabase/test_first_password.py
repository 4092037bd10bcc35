"""An account cannot be taken before its owner signs up, and a link never changes who is signed in by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from flask.testing import FlaskClient

from sandbox.supabase.auth_limits import Limits
from sandbox.supabase.auth_records import Mail
from tests.web.auth.supabase.conftest import CONFIRMED, EMAIL, FRESH, MAILED, PASSWORD, MakeHosted, Serve, is_in
from tests.web.pages import form_token, post
from web.auth.rate_limits import LINK_ADDRESS
from web.auth.session import cookie_name

Owner = psycopg.Connection[dict[str, Any]]
TAKEN, THIEF = "the first password", "thief@example.org"


def _come_by(browser: FlaskClient, mail: Mail, by_hash: bool) -> str:
    """Opens the mail's link as its reader does, and returns where it leads."""
    path = f"/auth/link/{mail.kind}"
    if by_hash:
        return post(browser, path, token_hash=mail.token_hash).headers.get("Location", "")
    back = urlsplit(httpx.get(mail.link).headers["Location"])
    return browser.get(f"{back.path}?{back.query}").headers.get("Location", "")


def _status(browser: FlaskClient, password: str, email: str = EMAIL) -> int:
    return post(browser, "/login", email=email, password=password).status_code


@pytest.mark.parametrize(("by_hash", "again"), [(True, False), (False, False), (True, True)])
def test_whoever_signed_up_first_with_anothers_address_gets_nothing(
    by_hash: bool, again: bool, serve: Serve, make_hosted: MakeHosted
) -> None:
    running = serve(MAILED)
    app = make_hosted(running)
    attacker, victim = app.test_client(), app.test_client()
    post(attacker, "/signup", email=EMAIL, password=TAKEN)
    post(victim, "/signup", email=EMAIL, password=PASSWORD)
    if again:
        post(victim, "/signup/mail", email=EMAIL)
    assert _come_by(victim, running.auth.mails[-1], by_hash) == "/password/new"
    for path in ("/", "/account", "/connect/instagram"):
        assert victim.get(path).headers["Location"] == "/password/new", path
    assert victim.get("/api/v1/profiles").status_code == 401
    assert post(victim, "/account/delete", confirm_password=TAKEN).headers["Location"] == "/password/new"
    assert _status(attacker, TAKEN) == 302, "the stand-in keeps the first password, as the real Auth does"
    assert post(victim, "/password/new", new_password=PASSWORD).headers["Location"] == "/"
    assert (is_in(victim), is_in(attacker)) == (True, False)
    assert (_status(attacker, TAKEN), _status(app.test_client(), PASSWORD)) == (400, 302)


def test_the_password_of_the_sign_up_may_be_entered_again(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    browser = make_hosted(running).test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    _come_by(browser, running.auth.mails[0], True)
    assert "at least 8" in post(browser, "/password/new", new_password="short").text
    assert not is_in(browser)
    assert post(browser, "/password/new", new_password=PASSWORD).headers["Location"] == "/"
    assert is_in(browser)


def test_the_right_to_set_a_password_is_used_up_whatever_the_cookies_say(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    app = make_hosted(running)
    browser = app.test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    _come_by(browser, running.auth.mails[0], True)
    kept = [browser.get_cookie(name) for name in (cookie_name(app.extensions["rollcall"].settings), "rollcall_form")]
    post(browser, "/password/new", new_password=FRESH)
    for cookie in kept:
        assert cookie is not None
        browser.set_cookie(cookie.key, cookie.value)
    answer = post(browser, "/password/new", new_password="a second password")
    assert answer.headers["Location"] == "/account"
    assert (_status(app.test_client(), "a second password"), _status(app.test_client(), FRESH)) == (400, 302)


def test_a_sign_in_that_stays_unfinished_ends(serve: Serve, make_hosted: MakeHosted, owner: Owner) -> None:
    running = serve(MAILED)
    browser = make_hosted(running).test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    _come_by(browser, running.auth.mails[0], True)
    owner.execute("update public.web_sessions set due_since = now() - interval '16 minutes'")
    assert browser.get("/account").headers["Location"].startswith("/login")
    assert "not finished in time" in browser.get("/login").text
    assert running.auth.sessions == {}


def test_a_link_of_another_account_asks_before_it_replaces_anybody(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(CONFIRMED)
    app = make_hosted(running)
    victim, attacker = app.test_client(), app.test_client()
    post(victim, "/signup", email=EMAIL, password=PASSWORD)
    post(attacker, "/signup", email=THIEF, password=TAKEN)
    for choice, who in (("stay", EMAIL), ("switch", THIEF)):
        post(attacker, "/reset", email=THIEF)
        mail = running.auth.mails[-1]
        assert EMAIL in victim.get(f"/auth/link/recovery?token_hash={mail.token_hash}").text
        answer = post(victim, "/auth/link/recovery", token_hash=mail.token_hash)
        assert (answer.status_code, THIEF in answer.text, EMAIL in answer.text) == (200, True, True)
        assert EMAIL in victim.get("/account").text, "nothing happens before the answer"
        post(victim, "/auth/other", choice=choice)
        page = victim.get("/account", follow_redirects=True).text
        assert who in page
    assert "For the account" in page, "in the other account a password is set first"


def test_an_answer_without_a_question_changes_nobody(serve: Serve, make_hosted: MakeHosted) -> None:
    browser = make_hosted(serve(CONFIRMED)).test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    assert post(browser, "/auth/other", choice="switch").headers["Location"] == "/"
    assert EMAIL in browser.get("/account").text


def test_a_change_of_address_signs_nobody_in_who_was_not(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(CONFIRMED)
    app = make_hosted(running)
    attacker, victim, nobody = app.test_client(), app.test_client(), app.test_client()
    post(attacker, "/signup", email=THIEF, password=TAKEN)
    post(victim, "/signup", email="victim@example.org", password=PASSWORD)
    post(attacker, "/account/email", new_email="other@example.org", email_password=TAKEN)
    to_new, to_old = sorted(running.auth.mails, key=lambda mail: mail.to != "other@example.org")
    assert "One more address" in post(nobody, "/auth/link/email_change", token_hash=to_old.token_hash).text
    post(victim, "/auth/link/email_change", token_hash=to_new.token_hash)
    assert "victim@example.org" in victim.get("/account").text
    assert len(running.auth.sessions) == 2, "the link's own sign-in is ended"


def test_links_that_are_made_up_leave_everybody_elses_alone(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(CONFIRMED)
    app = make_hosted(running)
    post(app.test_client(), "/signup", email=EMAIL, password=PASSWORD)
    post(app.test_client(), "/reset", email=EMAIL)
    mail, browser = running.auth.mails[-1], app.test_client()
    for number in range(LINK_ADDRESS.allowed):
        assert post(browser, "/auth/link/recovery", token_hash=f"made-up-{number}").status_code == 400
    asked = len(running.auth.calls)
    for path in ("/auth/link/recovery", "/auth/link/signup"):
        answer = post(browser, path, token_hash="made-up")
        assert (answer.status_code, "Wait a moment" in answer.text) == (429, True)
        assert int(answer.headers["Retry-After"]) >= 1
        assert "does not work" not in answer.text
    assert len(running.auth.calls) == asked, "Auth is not asked"
    token = app.test_client()
    answer = token.post(
        "/auth/link/recovery",
        data={"csrf_token": form_token(token), "token_hash": mail.token_hash},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    assert answer.headers["Location"] == "/password/new"


def test_a_limit_of_auth_itself_does_not_call_the_link_broken(serve: Serve, make_hosted: MakeHosted) -> None:
    limits = Limits(verify=1, email_sent=100, between_mails=timedelta(0), sign_in_sign_up=100)
    running = serve(replace(CONFIRMED, limits=limits))
    app = make_hosted(running)
    post(app.test_client(), "/signup", email=EMAIL, password=PASSWORD)
    post(app.test_client(), "/reset", email=EMAIL)
    post(app.test_client(), "/auth/link/recovery", token_hash="made-up")
    answer = post(app.test_client(), "/auth/link/recovery", token_hash=running.auth.mails[-1].token_hash)
    assert (answer.status_code, "Wait a moment" in answer.text, "does not work" in answer.text) == (429, True, False)


def test_where_the_present_password_is_wanted_the_page_asks_for_it_or_a_reset(
    serve: Serve, make_hosted: MakeHosted
) -> None:
    running = serve(replace(MAILED, require_current_password=True))
    browser = make_hosted(running).test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    assert _come_by(browser, running.auth.mails[0], False) == "/password/new"
    answer = post(browser, "/password/new", new_password=FRESH)
    assert (answer.status_code, 'name="old_password"' in answer.text, 'href="/reset"' in answer.text) == (
        400,
        True,
        True,
    )
    answer = post(browser, "/password/new", new_password=FRESH, old_password="wrong")
    assert "This is not your password." in answer.text
    assert post(browser, "/password/new", new_password=FRESH, old_password=PASSWORD).headers["Location"] == "/"
    assert is_in(browser)
