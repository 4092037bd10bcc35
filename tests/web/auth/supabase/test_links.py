"""Links in Supabase's mails lead to confirmation, a new password, or another address."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.supabase.auth_limits import Limits
from sandbox.supabase.auth_records import Mail
from sandbox.supabase.server import Running
from tests.web.auth.supabase.conftest import (
    CONFIRMED,
    EMAIL,
    FRESH,
    MAILED,
    PASSWORD,
    PUBLIC,
    MakeHosted,
    Serve,
    is_in,
)
from tests.web.conftest import MakeApp
from tests.web.pages import form_token, post

NEW = "thea@example.org"


def _followed(mail: Mail) -> str:
    """Where the link of Supabase's own template leads in the end, on our site."""
    back = httpx.get(mail.link).headers["Location"]
    assert back.startswith(f"{PUBLIC}/auth/link/")
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def _press(browser: FlaskClient, mail: Mail) -> int:
    """Opens a link that carries the token's hash, as the template in our documents makes it, and presses its button."""
    path = f"/auth/link/{mail.kind}"
    assert mail.token_hash in browser.get(f"{path}?token_hash={mail.token_hash}").text
    return post(browser, path, token_hash=mail.token_hash).status_code


def _lets_in(browser: FlaskClient, email: str, password: str) -> bool:
    return post(browser, "/login", email=email, password=password).status_code == 302


def test_a_confirmation_link_signs_in_the_browser_that_asked(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    browser = make_hosted(running).test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    answer = browser.get(_followed(running.auth.mails[0]))
    assert answer.headers["Location"] == "/password/new"
    page = browser.get("/password/new").text
    assert "Your address is confirmed." in page
    assert EMAIL in page
    assert not is_in(browser), "a password comes before anything else"
    assert post(browser, "/password/new", new_password=PASSWORD).headers["Location"] == "/"
    assert is_in(browser)


def test_a_link_works_after_supabase_was_away_for_a_moment(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    browser = make_hosted(running).test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    path = _followed(running.auth.mails[0])
    running.auth.away = True
    assert browser.get(path).status_code == 503
    running.auth.away = False
    assert browser.get(path).headers["Location"] == "/password/new"


def test_the_same_link_in_another_browser_confirms_and_asks_to_sign_in(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    app = make_hosted(running)
    post(app.test_client(), "/signup", email=EMAIL, password=PASSWORD)
    other = app.test_client()
    page = other.get(_followed(running.auth.mails[0]))
    assert "Sign in with the password that you chose" in page.text
    assert not is_in(other)
    assert _lets_in(other, EMAIL, PASSWORD)


def test_a_link_with_a_hash_works_anywhere_by_its_button_and_once(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(MAILED)
    app = make_hosted(running)
    post(app.test_client(), "/signup", email=EMAIL, password=PASSWORD)
    (mail,) = running.auth.mails
    scanner, other = app.test_client(), app.test_client()
    scanner.get(f"/auth/link/signup?token_hash={mail.token_hash}")
    assert _press(other, mail) == 302
    post(other, "/password/new", new_password=FRESH)
    assert is_in(other)
    again = post(app.test_client(), "/auth/link/signup", token_hash=mail.token_hash)
    assert (again.status_code, "This link has expired, or was used already." in again.text) == (400, True)
    assert 'href="/signup/mail"' in again.text


def test_a_followed_link_that_is_over_says_so_and_offers_another(dora: FlaskClient, project: Running) -> None:
    post(dora, "/logout")
    post(dora, "/reset", email=EMAIL)
    (mail,) = project.auth.mails
    _followed(mail)
    page = dora.get(_followed(mail))
    assert (page.status_code, 'href="/reset"' in page.text) == (400, True)


@pytest.mark.parametrize("by_hash", [True, False])
def test_a_forgotten_password_is_set_anew_by_mail(
    by_hash: bool, dora: FlaskClient, app: Flask, project: Running
) -> None:
    browser = app.test_client()
    assert 'href="/reset"' in browser.get("/login").text
    assert post(browser, "/reset", email=EMAIL).headers["Location"] == "/reset/mail"
    (mail,) = project.auth.mails
    assert (_press(browser, mail) if by_hash else browser.get(_followed(mail)).status_code) == 302
    page = browser.get("/password/new")
    assert (page.status_code, EMAIL in page.text) == (200, True)
    assert "at least 8" in post(browser, "/password/new", new_password="short").text
    assert post(browser, "/password/new", new_password=FRESH).headers["Location"] == "/"
    assert (is_in(browser), is_in(dora)) == (True, False)
    stranger = app.test_client()
    assert (_lets_in(stranger, EMAIL, PASSWORD), _lets_in(stranger, EMAIL, FRESH)) == (False, True)
    assert post(browser, "/password/new", new_password=PASSWORD).headers["Location"] == "/account", "once only"


def test_the_reset_page_tells_nobody_who_has_an_account(dora: FlaskClient, app: Flask, project: Running) -> None:
    def tried(email: str) -> tuple[int, str]:
        browser = app.test_client()
        answer = post(browser, "/reset", email=email)
        return answer.status_code, browser.get(answer.headers["Location"]).text.split("<main")[1].replace(email, "")

    assert tried(EMAIL) == tried("nora@example.org")
    assert [mail.to for mail in project.auth.mails] == [EMAIL]


def test_a_limit_on_mails_tells_nobody_either(serve: Serve, make_hosted: MakeHosted) -> None:
    app = make_hosted(serve(replace(CONFIRMED, limits=Limits())))
    post(app.test_client(), "/signup", email=EMAIL, password=PASSWORD)

    def asked_twice(email: str) -> list[tuple[int, str]]:
        answers = [post(app.test_client(), "/reset", email=email) for _ in range(2)]
        return [(answer.status_code, answer.headers["Location"]) for answer in answers]

    assert asked_twice(EMAIL) == asked_twice("nora@example.org")


def test_a_password_is_set_without_the_old_one_only_after_a_reset_link(dora: FlaskClient) -> None:
    assert dora.get("/password/new").headers["Location"] == "/account"
    assert post(dora, "/password/new", new_password=FRESH).headers["Location"] == "/account"


def test_a_copy_of_the_cookies_from_before_sets_no_second_password(
    dora: FlaskClient, app: Flask, project: Running
) -> None:
    browser = app.test_client()
    post(browser, "/reset", email=EMAIL)
    _press(browser, project.auth.mails[0])
    copied = [browser.get_cookie(name) for name in ("rollcall_form", "rollcall_session")]
    assert post(browser, "/password/new", new_password=FRESH).headers["Location"] == "/"
    thief = app.test_client()
    for cookie in copied:
        assert cookie is not None
        thief.set_cookie(cookie.key, cookie.value)
    assert is_in(thief)
    assert post(thief, "/password/new", new_password="yet another good one").headers["Location"] == "/account"
    assert _lets_in(app.test_client(), EMAIL, FRESH)


def test_a_password_that_the_project_refuses_does_not_use_the_right_up(serve: Serve, make_hosted: MakeHosted) -> None:
    running = serve(replace(CONFIRMED, pwned=frozenset({"leaked horse 12"})))
    app = make_hosted(running)
    post(app.test_client(), "/signup", email=EMAIL, password=PASSWORD)
    browser = app.test_client()
    post(browser, "/reset", email=EMAIL)
    _press(browser, running.auth.mails[0])
    assert "have leaked" in post(browser, "/password/new", new_password="leaked horse 12").text
    assert post(browser, "/password/new", new_password=FRESH).headers["Location"] == "/"


def test_a_reset_link_in_another_browser_asks_to_go_back(dora: FlaskClient, app: Flask, project: Running) -> None:
    post(dora, "/reset", email=EMAIL)
    page = app.test_client().get(_followed(project.auth.mails[0]))
    assert "Open it in the same browser" in page.text


def test_an_address_changes_when_both_have_said_yes(dora: FlaskClient, project: Running) -> None:
    answer = post(dora, "/account/email", new_email=NEW, email_password=PASSWORD)
    assert answer.headers["Location"] == "/account"
    to_new, to_old = sorted(project.auth.mails, key=lambda mail: mail.to != NEW)
    assert "One more address" in dora.get(_followed(to_new)).text
    assert EMAIL in dora.get("/account").text
    assert dora.get(_followed(to_old)).headers["Location"] == "/account"
    page = dora.get("/account").text
    assert NEW in page
    assert EMAIL not in page


def test_both_halves_work_by_their_button_too(dora: FlaskClient, app: Flask, project: Running) -> None:
    post(dora, "/account/email", new_email=NEW, email_password=PASSWORD)
    to_new, to_old = sorted(project.auth.mails, key=lambda mail: mail.to != NEW)
    assert [_press(app.test_client(), to_new), _press(dora, to_old)] == [200, 302]
    assert NEW in dora.get("/account").text


@pytest.mark.parametrize(
    ("new", "password", "words"),
    [
        (NEW, "wrong", "This is not your password."),
        ("nonsense", PASSWORD, "not an e-mail address"),
        (EMAIL, PASSWORD, "already your address"),
        ("nora@example.org", PASSWORD, "already an account"),
    ],
)
def test_an_address_is_not_changed_without_the_password_and_a_free_one(
    new: str, password: str, words: str, dora: FlaskClient, app: Flask, project: Running
) -> None:
    post(app.test_client(), "/signup", email="nora@example.org", password=PASSWORD)
    before = len(project.auth.sessions)
    answer = post(dora, "/account/email", new_email=new, email_password=password)
    assert (answer.status_code, words in answer.text) == (400, True)
    assert project.auth.mails == []
    assert len(project.auth.sessions) == before, "checking the password leaves no sign-in behind"


def test_links_of_no_known_kind_and_bare_visits_lead_nowhere_bad(app: Flask) -> None:
    browser = app.test_client()
    assert browser.get("/auth/link/magic?token_hash=x").status_code == 404
    assert "Sign in" in browser.get("/auth/link/signup").text
    assert browser.get("/auth/link/email_change?error_code=otp_expired").status_code == 400
    assert browser.get("/auth/link/signup?error_code=<script>").status_code == 400


def test_where_accounts_are_kept_here_there_are_no_mails(make_app: MakeApp) -> None:
    browser = make_app().test_client()
    page = browser.get("/login").text
    assert "sends no mail" in page
    assert "/reset" not in page
    for path in ("/reset", "/reset/mail", "/signup/mail", "/auth/link/signup"):
        assert browser.get(path).status_code == 404
    assert post(browser, "/reset", email=EMAIL).status_code == 404
    token = form_token(browser)
    browser.post("/signup", data={"csrf_token": token, "email": EMAIL, "password": PASSWORD})
    assert post(browser, "/account/email", new_email=NEW).status_code == 404
    assert "Sign out everywhere" not in browser.get("/account").text
