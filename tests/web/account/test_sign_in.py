"""Accounts: signing up, in and out, and what a stranger can learn from trying."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import MakeApp
from tests.web.pages import form_token, post

EMAIL, PASSWORD = "dora@example.org", "correct horse battery"
Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def dora(client: FlaskClient) -> FlaskClient:
    """A browser whose person has just signed up."""
    assert post(client, "/signup", email=EMAIL, password=PASSWORD).status_code == 302
    return client


def test_a_new_person_signs_up_and_is_signed_in(client: FlaskClient) -> None:
    answer = post(client, "/signup", email=" Dora@Example.org ", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/start")
    assert EMAIL in client.get("/").text


def test_the_password_is_kept_as_argon2id_only(dora: FlaskClient, owner: Owner) -> None:
    row = owner.execute("select encrypted_password from auth.users where email = %s", [EMAIL]).fetchone()
    assert row is not None
    assert row["encrypted_password"].startswith("$argon2id$")


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("dora", PASSWORD, "not an e-mail address"),
        ("dora@localhost", PASSWORD, "not an e-mail address"),
        ("d\0ra@example.org", PASSWORD, "not an e-mail address"),
        ("a@b.c" + "x" * 260, PASSWORD, "not an e-mail address"),
        ("a@[.org", PASSWORD, "contains invalid characters: &#39;[&#39;"),
        ("ünï@example.org", PASSWORD, "Only plain letters"),
        ("a@exa_mple.org", PASSWORD, "contains invalid characters: &#39;_&#39;"),
        (EMAIL, "short", "at least 8"),
        (EMAIL, "aaaaaaaaaaaa", "different characters"),
        (EMAIL, "x1" * 37, "at most 72"),
        (EMAIL, "ü€" * 20, "at most 72"),
    ],
)
def test_what_cannot_be_an_account_is_said_at_its_field(
    client: FlaskClient, email: str, password: str, words: str
) -> None:
    answer = post(client, "/signup", email=email, password=password)
    assert answer.status_code == 400
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert password not in answer.text


def test_an_address_that_has_an_account_is_told_to_sign_in(dora: FlaskClient, make_app: MakeApp) -> None:
    answer = post(make_app().test_client(), "/signup", email="DORA@example.org", password="another password")
    assert answer.status_code == 409
    assert "already an account" in answer.text


def test_nobody_signs_up_where_sign_up_is_closed(make_app: MakeApp, owner: Owner) -> None:
    browser = make_app(signup_open=False).test_client()
    assert "takes no new accounts" in browser.get("/signup").text
    assert "/signup" not in browser.get("/").text
    answer = post(browser, "/signup", email=EMAIL, password=PASSWORD)
    assert answer.status_code == 403
    assert owner.execute("select 1 from auth.users").fetchone() is None


def test_signing_in_and_out(dora: FlaskClient) -> None:
    cookie = dora.get_cookie("rollcall_session")
    assert cookie is not None
    assert post(dora, "/logout").headers["Location"] == "/login"
    dora.set_cookie("rollcall_session", cookie.value)
    assert EMAIL not in dora.get("/").text, "a session that was signed out must not come back with its cookie"
    assert post(dora, "/login", email=EMAIL, password=PASSWORD).headers["Location"] == "/start"
    assert EMAIL in dora.get("/").text


def test_an_account_from_before_whose_address_is_refused_today_still_signs_in(
    dora: FlaskClient, make_app: MakeApp, owner: Owner
) -> None:
    owner.execute("update auth.users set email = 'dora,d@exa_mple.org'")
    answer = post(make_app().test_client(), "/login", email="Dora,d@exa_mple.org", password=PASSWORD)
    assert answer.status_code == 302


def test_pages_that_are_opened_at_once_after_signing_in_share_their_form_token(dora: FlaskClient, app: Flask) -> None:
    tab = app.test_client()
    for name in ("rollcall_session", "rollcall_form"):
        cookie = dora.get_cookie(name)
        assert cookie is not None
        tab.set_cookie(name, cookie.value)
    assert form_token(dora, "/account")
    answer = dora.post("/logout", data={"csrf_token": form_token(tab, "/")})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_signing_out_needs_a_form(dora: FlaskClient) -> None:
    assert dora.get("/logout").status_code == 405
    assert dora.post("/logout").status_code == 400
    assert EMAIL in dora.get("/").text


def test_a_wrong_password_and_an_unknown_address_look_alike(dora: FlaskClient, make_app: MakeApp) -> None:
    def tried(email: str) -> tuple[int, str]:
        answer = post(make_app().test_client(), "/login", email=email, password="not the password")
        # A form's token holds the second it was made in.
        return answer.status_code, re.sub(r"[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}", "", answer.text.replace(email, ""))

    wrong, unknown = tried(EMAIL), tried("nora@example.org")
    assert wrong[0] == unknown[0] == 400
    assert "The e-mail or the password is wrong." in wrong[1]
    assert wrong[1] == unknown[1]


def test_tries_at_one_address_are_counted_over_all_processes_and_the_wait_is_told(
    dora: FlaskClient, make_app: MakeApp
) -> None:
    browsers = [make_app().test_client(), make_app().test_client()]
    for number in range(8):
        assert post(browsers[number % 2], "/login", email=EMAIL, password="guess").status_code == 400
    answer = post(browsers[0], "/login", email=EMAIL.upper(), password=PASSWORD)
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.text
    assert 800 < int(answer.headers["Retry-After"]) <= 900
    assert post(browsers[1], "/login", email="nora@example.org", password="guess").status_code == 400


def test_a_sign_in_that_went_well_starts_the_count_again(dora: FlaskClient, make_app: MakeApp) -> None:
    for _ in range(3):
        browser = make_app().test_client()
        for _ in range(4):
            post(browser, "/login", email=EMAIL, password="guess")
        assert post(browser, "/login", email=EMAIL, password=PASSWORD).status_code == 302


def test_tries_from_one_network_address_are_counted_whatever_they_try(client: FlaskClient) -> None:
    token = form_token(client)
    statuses = [
        client.post("/login", data={"csrf_token": token, "email": f"p{n}@example.org", "password": "x"}).status_code
        for n in range(61)
    ]
    assert statuses == [400] * 60 + [429]


def test_a_whole_ipv6_network_is_one_address(client: FlaskClient) -> None:
    token = form_token(client)

    def tried(network: str, host: int) -> int:
        form = {"csrf_token": token, "email": f"p{host}@example.org", "password": "x"}
        return client.post(
            "/login", data=form, environ_overrides={"REMOTE_ADDR": f"2001:db8:0:{network}::{host:x}"}
        ).status_code

    assert [tried("1", host) for host in range(1, 62)] == [400] * 60 + [429]
    assert tried("2", 99) == 400


def test_signing_up_is_throttled_too(client: FlaskClient) -> None:
    token = form_token(client)
    form = {"csrf_token": token, "email": EMAIL, "password": PASSWORD}
    assert client.post("/signup", data=form).status_code == 302
    for _ in range(19):
        browser = client.application.test_client()
        assert post(browser, "/signup", email=EMAIL, password=PASSWORD).status_code == 409
    assert post(client.application.test_client(), "/signup", email=EMAIL, password=PASSWORD).status_code == 429


def test_throttles_keep_no_address_in_the_clear_and_sweep_themselves(client: FlaskClient, owner: Owner) -> None:
    post(client, "/login", email=EMAIL, password="guess")
    keys = [row["key"] for row in owner.execute("select key from rollcall.rate_limits")]
    assert len(keys) == 3
    assert not any("dora" in key or "127.0.0.1" in key for key in keys)
    owner.execute("update rollcall.rate_limits set window_ends = now() - interval '1 hour'")
    post(client, "/login", email="nora@example.org", password="guess")
    row = owner.execute("select count(*) as n from rollcall.rate_limits where window_ends < now()").fetchone()
    assert row is not None
    assert row["n"] == 0


@pytest.mark.parametrize("form", [{}, {"email": "\ud800", "password": "\0"}, {"email": "x" * 5000, "password": "y"}])
@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_nonsense_is_refused_politely(client: FlaskClient, path: str, form: dict[str, str]) -> None:
    token = form_token(client)
    sent = {key.encode(): value.encode("utf-8", "surrogatepass") for key, value in form.items()}
    body = b"&".join([b"csrf_token=" + token.encode(), *(key + b"=" + value for key, value in sent.items())])
    answer = client.post(path, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "<h1>" in answer.text


def test_people_who_are_signed_in_are_not_asked_again(dora: FlaskClient) -> None:
    for path in ("/login", "/signup"):
        assert dora.get(path).headers["Location"] == "/start"


def test_a_page_that_needs_signing_in_is_returned_to(client: FlaskClient) -> None:
    there = client.get("/connect/instagram?username=a")
    assert there.headers["Location"] == "/login?next=/connect/instagram?username%3Da"
    assert 'name="next" value="/connect/instagram?username=a"' in client.get(there.headers["Location"]).text
    answer = post(client, "/signup", email=EMAIL, password=PASSWORD, next="/connect/instagram?username=a")
    assert answer.headers["Location"] == "/connect/instagram?username=a"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        " /x",
        "/%0d%0a\r\nSet-Cookie: a=b",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(dora: FlaskClient, make_app: MakeApp, target: str) -> None:
    answer = post(make_app().test_client(), "/login", email=EMAIL, password=PASSWORD, next=target)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/start")
