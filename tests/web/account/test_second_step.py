"""Signing in in two steps, where accounts are kept here."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.domain.input.codes import plain_code
from tests.web.conftest import MakeApp
from tests.web.pages import post
from web.auth.second_factor import SecondStep

EMAIL, PASSWORD, FRESH = "dora@example.org", "correct horse battery", "another good one"
Owner = psycopg.Connection[dict[str, Any]]
NOW = 1_800_000_000.0


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time by which codes are judged; a test moves it on."""
    moment = [NOW]
    monkeypatch.setattr(SecondStep, "now", property(lambda _: lambda: moment[0], lambda *_: None), raising=False)
    return moment


@pytest.fixture
def dora(client: FlaskClient) -> FlaskClient:
    post(client, "/signup", email=EMAIL, password=PASSWORD)
    return client


def set_up(browser: FlaskClient, clock: list[float]) -> tuple[pyotp.TOTP, list[str]]:
    """Switches the second step on; the authenticator, and the recovery codes."""
    assert post(browser, "/account/second-step/begin", second_password=PASSWORD).status_code == 302
    page = browser.get("/account/second-step").text
    found = re.search(r'data-testid="setup-key">([A-Z2-7 ]+)<', page)
    assert found is not None
    totp = pyotp.TOTP(found[1].replace(" ", ""))
    answer = post(browser, "/account/second-step/confirm", code=totp.at(int(clock[0])))
    assert answer.status_code == 200
    return totp, re.findall(r"<li><code>([a-z2-7-]+)</code>", answer.text)


def later(clock: list[float], totp: pyotp.TOTP) -> str:
    """The code half a minute later."""
    clock[0] += 30
    return totp.at(int(clock[0]))


def entered(app: Flask, password: str = PASSWORD) -> FlaskClient:
    """A browser whose person gave the password."""
    browser = app.test_client()
    assert post(browser, "/login", email=EMAIL, password=password, next="/connect").status_code == 302
    return browser


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_signing_in_takes_the_password_and_a_code(dora: FlaskClient, app: Flask, clock: list[float]) -> None:
    totp, codes = set_up(dora, clock)
    assert len(set(codes)) == 10
    browser = entered(app)
    assert not is_in(browser)
    assert "Enter the code" in browser.get("/login/code").text
    answer = post(browser, "/login/code", code=later(clock, totp))
    assert answer.headers["Location"] == "/connect"
    assert is_in(browser)


def test_the_setup_page_has_a_picture_that_the_policy_allows_and_asks_for_the_password_first(
    dora: FlaskClient, clock: list[float]
) -> None:
    assert dora.get("/account/second-step").status_code == 302
    assert "not your password" in post(dora, "/account/second-step/begin", second_password="wrong").text
    post(dora, "/account/second-step/begin", second_password=PASSWORD)
    assert 'src="data:image/svg+xml' in dora.get("/account/second-step").text
    assert post(dora, "/account/second-step/confirm", code="000000").status_code == 400
    # Nothing is asked before it is confirmed.
    assert is_in(entered(dora.application))


def test_a_wrong_code_an_old_one_and_one_that_was_used_are_refused(
    dora: FlaskClient, app: Flask, clock: list[float]
) -> None:
    totp, _ = set_up(dora, clock)
    used = totp.at(int(clock[0]))
    browser = entered(app)
    for code in ("000000" if used != "000000" else "000001", used, "", "x" * 500, "\0", "１"):
        assert post(browser, "/login/code", code=code).status_code == 400, code
    clock[0] += 300
    assert post(browser, "/login/code", code=totp.at(int(clock[0]) - 90)).status_code == 400
    good = totp.at(int(clock[0]))
    assert post(browser, "/login/code", code=good).status_code == 302
    assert post(entered(app), "/login/code", code=good).status_code == 400, "a code is good once"


@pytest.mark.parametrize("apart", [-30, 0, 30])
def test_a_clock_half_a_minute_apart_is_forgiven(dora: FlaskClient, app: Flask, clock: list[float], apart: int) -> None:
    totp, _ = set_up(dora, clock)
    clock[0] += 600
    assert post(entered(app), "/login/code", code=totp.at(int(clock[0]) + apart)).status_code == 302


@pytest.mark.parametrize("zero", ["٠", "۰", "०", "０", "𝟎"])
def test_a_code_in_any_digits_and_with_spaces_is_read(
    dora: FlaskClient, app: Flask, clock: list[float], zero: str
) -> None:
    totp, _ = set_up(dora, clock)
    code = later(clock, totp)
    typed = "".join(chr(ord(zero) + int(digit)) for digit in code)
    assert post(entered(app), "/login/code", code=f" {typed[:3]}\u00a0{typed[3:]} ").status_code == 302


def test_a_recovery_code_signs_in_once(dora: FlaskClient, app: Flask, clock: list[float], owner: Owner) -> None:
    _, codes = set_up(dora, clock)
    assert post(entered(app), "/login/code", code=f" {codes[0].upper()} ").status_code == 302
    assert post(entered(app), "/login/code", code=codes[0]).status_code == 400
    assert post(entered(app), "/login/code", code=codes[1].replace("-", "")).status_code == 302
    stored = str(owner.execute("select s::text as row from public.second_factors s").fetchall())
    assert not any(code in stored or plain_code(code) in stored for code in codes)


def test_guessing_codes_is_throttled(dora: FlaskClient, app: Flask, clock: list[float]) -> None:
    totp, _ = set_up(dora, clock)
    browser = entered(app)
    assert [post(browser, "/login/code", code="1").status_code for _ in range(9)] == [400] * 8 + [429]
    assert post(browser, "/login/code", code=later(clock, totp)).status_code == 429


def test_the_code_alone_signs_nobody_in(dora: FlaskClient, app: Flask, clock: list[float]) -> None:
    totp, _ = set_up(dora, clock)
    stranger = app.test_client()
    assert stranger.get("/login/code").headers["Location"] == "/login"
    assert post(stranger, "/login/code", code=later(clock, totp)).headers["Location"] == "/login"
    assert not is_in(stranger)


def test_the_password_is_good_for_ten_minutes_only(
    dora: FlaskClient, app: Flask, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    totp, _ = set_up(dora, clock)
    browser = entered(app)
    with browser.session_transaction() as cookie:
        who, since, after = cookie["second_step"]
        cookie["second_step"] = [who, since - 601, after]
    assert post(browser, "/login/code", code=later(clock, totp)).headers["Location"] == "/login"


def test_switching_it_on_ends_other_sessions(dora: FlaskClient, app: Flask, clock: list[float]) -> None:
    other = entered(app)
    assert is_in(other)
    set_up(dora, clock)
    assert (is_in(dora), is_in(other)) == (True, False)


def test_switching_it_off_takes_both_and_begins_a_new_session(
    dora: FlaskClient, app: Flask, clock: list[float]
) -> None:
    totp, _ = set_up(dora, clock)
    before = dora.get_cookie("rollcall_session")
    for password, code in (("wrong", later(clock, totp)), (PASSWORD, "000000"), (PASSWORD, "")):
        assert post(dora, "/account/second-step/end", second_password=password, second_code=code).status_code == 400
    answer = post(dora, "/account/second-step/end", second_password=PASSWORD, second_code=totp.at(int(clock[0])))
    assert answer.headers["Location"] == "/account"
    after = dora.get_cookie("rollcall_session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert is_in(entered(app))


def test_a_secret_in_force_is_neither_shown_nor_replaced(dora: FlaskClient, clock: list[float], app: Flask) -> None:
    totp, _ = set_up(dora, clock)
    post(dora, "/account/second-step/begin", second_password=PASSWORD)
    assert dora.get("/account/second-step").headers["Location"] == "/account"
    assert post(entered(app), "/login/code", code=later(clock, totp)).status_code == 302


def test_a_new_password_and_the_end_of_the_account_ask_for_it(
    dora: FlaskClient, app: Flask, clock: list[float], owner: Owner
) -> None:
    totp, _ = set_up(dora, clock)
    change = {"old_password": PASSWORD, "new_password": FRESH}
    assert post(dora, "/account/password", **change).status_code == 400
    assert post(dora, "/account/password", **change, password_code=later(clock, totp)).status_code == 302
    assert post(dora, "/account/delete", confirm_password=FRESH).status_code == 400
    assert post(dora, "/account/delete", confirm_password=FRESH, delete_code=later(clock, totp)).status_code == 302
    assert owner.execute("select from public.second_factors").fetchone() is None


def test_the_secret_is_encrypted_and_bound_to_its_account(
    dora: FlaskClient, app: Flask, clock: list[float], owner: Owner, web_pool: ConnectionPool[WebConnection]
) -> None:
    totp, codes = set_up(dora, clock)
    (row,) = owner.execute("select user_id, secret from public.second_factors").fetchall()
    assert totp.secret.encode() not in row["secret"]
    other: UUID = uuid4()
    owner.execute("insert into auth.users (id, email, encrypted_password) values (%s, 'eve@example.org', 'x')", [other])
    owner.execute("update public.second_factors set user_id = %s", [other])
    moved = SecondStep(web_pool, "k" * 32)
    assert not moved.passes(other, later(clock, totp))
    owner.execute("update public.second_factors set user_id = %s", [row["user_id"]])
    assert not SecondStep(web_pool, "z" * 32).passes(row["user_id"], later(clock, totp))
    assert SecondStep(web_pool, "z" * 32).passes(row["user_id"], codes[0]), "recovery codes need no SECRET_KEY"
    assert moved.passes(row["user_id"], later(clock, totp))


def test_a_persons_own_transaction_touches_none_of_it(
    dora: FlaskClient, clock: list[float], owner: Owner, make_app: MakeApp
) -> None:
    set_up(dora, clock)
    for role in ("authenticated", "anon"):
        for call in ("second_factor(gen_random_uuid())", "second_factor_end(gen_random_uuid())"):
            row = owner.execute(
                "select has_function_privilege(%s, %s, 'execute') as may",
                [role, f"rollcall.{call.split('(')[0]}(uuid)"],
            ).fetchone()
            assert row is not None
            assert not row["may"]
