"""A second factor of the Supabase project is asked for before anything opens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.supabase.auth_records import Account, Factor
from sandbox.supabase.project import KeyKind
from sandbox.supabase.server import Running
from tests.web.auth.supabase.conftest import CONFIRMED, EMAIL, FRESH, PASSWORD, MakeHosted, Serve, is_in
from tests.web.pages import post
from web.auth.rate_limits import SECOND_STEP

Owner = psycopg.Connection[dict[str, Any]]
STEP = "/login/second-step"


def _account(project: Running) -> Account:
    found = project.auth.by_email(EMAIL)
    assert found is not None
    return found


def _enroll(project: Running, kind: str = "totp", name: str = "phone") -> Factor:
    """A verified factor; the sessions of before end, as Auth has it."""
    account = _account(project)
    factor = Factor(name, project.project.now, kind, pyotp.random_base32(), verified=True)
    account.factors.append(factor)
    project.auth.end(one for one in project.auth.sessions.values() if one.user_id == account.id)
    return factor


def _code(project: Running, factor: Factor) -> str:
    return pyotp.TOTP(factor.secret).at(project.project.now)


def _level(project: Running) -> list[str]:
    return [session.aal for session in project.auth.sessions.values()]


@pytest.mark.parametrize("kind", list(KeyKind))
def test_the_password_alone_opens_nothing(kind: KeyKind, serve: Serve, make_hosted: MakeHosted) -> None:
    project = serve(CONFIRMED, kind)
    app = make_hosted(project)
    post(app.test_client(), "/signup", email=EMAIL, password=PASSWORD)
    factor, browser = _enroll(project), app.test_client()
    assert post(browser, "/login", email=EMAIL, password=PASSWORD).headers["Location"] == STEP
    for path in ("/", "/account", "/connect/instagram", "/password/new"):
        assert browser.get(path).headers["Location"] == STEP, path
    assert browser.get("/api/v1/profiles").status_code == 401
    assert post(browser, "/account/delete", confirm_password=PASSWORD).headers["Location"] == STEP
    page = browser.get(STEP).text
    assert EMAIL in page
    assert "no recovery codes" in page
    wrong = "000000" if _code(project, factor) != "000000" else "111111"
    for code, words in ((wrong, "This code is wrong."), ("12", "six digits")):
        answer = post(browser, STEP, code=code)
        assert (answer.status_code, words in answer.text, 'id="code-error"' in answer.text) == (400, True, True)
        assert not is_in(browser)
    assert post(browser, STEP, code=_code(project, factor)).headers["Location"] == "/start"
    assert is_in(browser)
    assert _level(project) == ["aal2"]


@pytest.fixture
def raised(dora: FlaskClient, app: Flask, project: Running) -> FlaskClient:
    """Dora's browser after both steps."""
    factor, browser = _enroll(project), app.test_client()
    post(browser, "/login", email=EMAIL, password=PASSWORD, next="/account")
    assert post(browser, STEP, code=_code(project, factor), next="/account").headers["Location"] == "/account"
    return browser


def test_codes_in_other_digits_and_with_spaces_are_taken(dora: FlaskClient, app: Flask, project: Running) -> None:
    factor, browser = _enroll(project), app.test_client()
    post(browser, "/login", email=EMAIL, password=PASSWORD)
    code = _code(project, factor).translate({ord(str(digit)): chr(0x0660 + digit) for digit in range(10)})
    assert post(browser, STEP, code=f" {code[:3]} {code[3:]} ").headers["Location"] == "/start"


def test_a_refresh_keeps_the_level(raised: FlaskClient, project: Running, owner: Owner) -> None:
    owner.execute("update public.web_sessions set tokens_until = now() - interval '1 second'")
    assert is_in(raised)
    assert _level(project) == ["aal2"]


def test_the_password_the_address_and_the_account_are_changed_in_both_steps_session(
    raised: FlaskClient, app: Flask, project: Running
) -> None:
    answer = post(raised, "/account/password", old_password="wrong", new_password=FRESH)
    assert "This is not your password." in answer.text
    assert post(raised, "/account/password", old_password=PASSWORD, new_password=FRESH).status_code == 302
    assert is_in(raised)
    answer = post(raised, "/account/email", new_email="thea@example.org", email_password=FRESH)
    assert (answer.status_code, len(project.auth.mails)) == (302, 2)
    assert _level(project) == ["aal2"], "checking the password leaves no sign-in behind"
    assert post(raised, "/account/delete", confirm_password=FRESH).headers["Location"] == "/login"
    assert not is_in(raised)


def test_a_reset_link_asks_for_both(raised: FlaskClient, app: Flask, project: Running) -> None:
    (factor,), browser = _account(project).factors, app.test_client()
    post(browser, "/reset", email=EMAIL)
    token = project.auth.mails[-1].token_hash
    assert post(browser, "/auth/link/recovery", token_hash=token).headers["Location"] == STEP
    assert post(browser, "/password/new", new_password=FRESH).headers["Location"] == STEP
    assert post(browser, STEP, code=_code(project, factor)).headers["Location"] == "/start"
    assert browser.get("/").headers["Location"] == "/password/new"
    assert post(browser, "/password/new", new_password=FRESH).headers["Location"] == "/"
    assert is_in(browser)


def test_a_session_without_the_step_meets_it_at_its_next_refresh(
    dora: FlaskClient, project: Running, owner: Owner
) -> None:
    # Auth ends such sessions itself; an administrator's factor, or an older Auth, does not.
    _account(project).factors.append(Factor("late", project.project.now, secret=pyotp.random_base32(), verified=True))
    owner.execute("update public.web_sessions set tokens_until = now() - interval '1 second'")
    assert dora.get("/account").headers["Location"] == STEP


@pytest.mark.parametrize(("kind", "words"), [("phone", "is a phone"), ("webauthn", "is a security key")])
def test_a_factor_that_cannot_be_asked_for_is_said(
    kind: str, words: str, dora: FlaskClient, app: Flask, project: Running
) -> None:
    _enroll(project, kind)
    browser = app.test_client()
    assert post(browser, "/login", email=EMAIL, password=PASSWORD).headers["Location"] == STEP
    page = browser.get(STEP).text
    assert words in page
    assert 'name="code"' not in page
    assert post(browser, STEP, code="123456").status_code == 400
    assert not is_in(browser)


def test_of_several_authenticators_one_is_chosen(dora: FlaskClient, app: Flask, project: Running) -> None:
    _enroll(project, name="old phone")
    second, browser = _enroll(project, name="new phone"), app.test_client()
    post(browser, "/login", email=EMAIL, password=PASSWORD)
    assert "new phone" in browser.get(STEP).text
    assert post(browser, STEP, factor="of someone else", code="123456").status_code == 400
    assert post(browser, STEP, factor=str(second.id), code=_code(project, second)).headers["Location"] == "/start"


def test_codes_are_counted_by_account(dora: FlaskClient, app: Flask, project: Running) -> None:
    factor, browser = _enroll(project), app.test_client()
    post(browser, "/login", email=EMAIL, password=PASSWORD)
    wrong = "000000" if _code(project, factor) != "000000" else "111111"
    statuses = [post(browser, STEP, code=wrong).status_code for _ in range(SECOND_STEP.allowed + 1)]
    assert statuses == [400] * SECOND_STEP.allowed + [429]


def test_a_project_that_wants_the_present_password_gets_it(serve: Serve, make_hosted: MakeHosted) -> None:
    browser = make_hosted(serve(replace(CONFIRMED, require_current_password=True))).test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    assert post(browser, "/account/password", old_password=PASSWORD, new_password=FRESH).status_code == 302
    assert is_in(browser)
