"""Every answer carries its headers, forms demand their token, and faults have one look."""

from __future__ import annotations

import gzip
import re

import psycopg
import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool
from werkzeug.test import Client

from shared.db.pools import WebConnection, web_pool
from shared.errors import DatabaseError, InputError
from tests.conftest import Personas
from tests.web.conftest import FAST, MakeApp, SignedInAs
from tests.web.pages import form_token, post
from web import create_app
from web.auth.identity import EmbeddedIdentity
from web.serve import behind_proxies

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A new application, because tests here add routes, and because it remembers whether the database answered."""
    return make_app()


@pytest.mark.parametrize("path", ["/", "/login", "/signup", "/nothing", "/healthz", "/connect"])
def test_every_answer_is_guarded(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "no-store" in headers["Cache-Control"]
    assert "Strict-Transport-Security" not in headers


def test_pages_hold_no_inline_script_or_style(signed_in_as: SignedInAs, people: Personas) -> None:
    browser = signed_in_as(people.alice)
    for path in ("/", "/account", "/connect", "/connect/instagram"):
        page = browser.get(path).text
        assert "<script>" not in page
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        shown = page.replace("http://www.w3.org", "").replace("http://localhost/api/auth/", "")
        assert "http://" not in shown


def test_pages_of_a_person_are_kept_by_nobody(signed_in_as: SignedInAs, people: Personas) -> None:
    assert signed_in_as(people.alice).get("/").headers["Cache-Control"] == "no-store, private"


def test_cookies_over_http_are_closed_to_scripts_and_other_sites(client: FlaskClient) -> None:
    answer = post(client, "/signup", email="dora@example.org", password="correct horse")
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("rollcall_session=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_cookies_over_https_are_bound_to_the_host(make_app: MakeApp) -> None:
    browser = make_app(public_url="https://rollcall.example.org").test_client()
    at = {"base_url": "https://rollcall.example.org", "headers": {"Referer": "https://rollcall.example.org/signup"}}
    page = browser.get("/signup", **at)
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    token = page.text.split('name="csrf-token" content="')[1].split('"')[0]
    form = {"csrf_token": token, "email": "dora@example.org", "password": "correct horse"}
    answer = browser.post("/signup", data=form, **at)
    cookies = answer.headers.getlist("Set-Cookie")
    assert answer.status_code == 302
    assert {c.split("=")[0] for c in [*cookies, *page.headers.getlist("Set-Cookie")]} == {
        "__Host-rollcall_session",
        "__Host-rollcall_form",
    }
    assert all("Secure" in c and "HttpOnly" in c and "Domain" not in c for c in cookies)


@pytest.mark.parametrize("path", ["/login", "/signup", "/logout", "/account/password", "/connect/instagram"])
def test_a_form_without_its_token_is_refused(signed_in_as: SignedInAs, people: Personas, path: str) -> None:
    browser = signed_in_as(people.alice)
    for form in ({}, {"csrf_token": "guess"}, {"csrf_token": form_token(browser.application.test_client())}):
        answer = browser.post(path, data=form)
        assert answer.status_code == 400
        assert "The form has expired" in answer.text


def test_a_token_in_the_header_is_as_good(signed_in_as: SignedInAs, people: Personas) -> None:
    browser = signed_in_as(people.alice)
    answer = browser.post("/logout", headers={"X-CSRFToken": form_token(browser, "/")})
    assert answer.headers["Location"] == "/login"


def test_health_is_told_by_the_database(client: FlaskClient, app: Flask) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    away: ConnectionPool[WebConnection] = web_pool("postgresql:///nowhere?host=/nonexistent&port=1")
    parts = app.extensions["rollcall"]
    broken = create_app(parts.settings, away, parts.sealing_key, EmbeddedIdentity(away, FAST), parts.files, "k" * 32)
    assert broken.test_client().get("/healthz").status_code == 503


def test_a_database_that_is_away_is_said_on_a_whole_page(app: Flask) -> None:
    @app.get("/away")
    def away() -> str:
        raise psycopg.OperationalError("connection to 10.0.0.7 refused")

    answer = app.test_client().get("/away")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    assert "10.0.0.7" not in answer.text


def test_faults_are_sentences_and_tell_nothing_of_the_inside(app: Flask) -> None:
    @app.get("/fault")
    @app.get("/api/v1/fault")
    def fault() -> str:
        raise ZeroDivisionError("canary")

    @app.get("/input")
    def refused() -> str:
        raise InputError("That is no number.", next_step="Enter one.")

    @app.get("/unsafe")
    def unsafe() -> str:
        raise DatabaseError

    @app.get("/api/v1/missing")
    def missing() -> str:
        abort(404)

    browser = app.test_client()
    for path, status, words in (
        ("/fault", 500, "Something went wrong"),
        ("/input", 400, "That is no number"),
        ("/unsafe", 503, "The database cannot be used"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, words in answer.text) == (status, True)
        assert "canary" not in answer.text
        assert "Traceback" not in answer.text
        assert "Content-Security-Policy" in answer.headers
    told = browser.get("/api/v1/missing")
    assert (told.status_code, told.mimetype) == (404, "application/problem+json")
    assert told.json == {
        "type": "urn:rollcall:error:not_found",
        "title": "Page not found",
        "status": 404,
        "detail": "The page does not exist, or it belongs to someone else.",
        "code": "not_found",
    }
    broken = browser.get("/api/v1/fault")
    assert broken.json is not None
    assert (broken.json["status"], broken.json["request_id"]) == (500, broken.headers["X-Request-Id"])
    assert "canary" not in broken.text


def test_assets_are_ours_and_kept(client: FlaskClient) -> None:
    page = client.get("/login").text
    paths = [part.split('"')[0] for part in page.split('="')[1:] if part.startswith("/assets/")]
    assert len(paths) >= 4
    for path in [path for path in paths if path.startswith("/assets/")]:
        with client.get(path) as answer:
            assert answer.status_code == 200
            assert "max-age=31536000" in answer.headers["Cache-Control"]
            assert "immutable" in answer.headers["Cache-Control"]
            assert "Set-Cookie" not in answer.headers
    assert client.get("/assets/x/..%2fserve.py").status_code == 404
    assert client.get("/assets/x/..%2f__init__.py").status_code == 404


@pytest.mark.parametrize(("accepted", "sent"), [("gzip", "gzip"), ("", None), ("zstd", None)])
def test_pages_and_assets_are_compressed_as_the_browser_takes_it(
    client: FlaskClient, accepted: str, sent: str | None
) -> None:
    page = client.get("/login", headers={"Accept-Encoding": accepted})
    sheet = re.search(r'href="(/assets/[^"]+/site.css)"', client.get("/login").text)
    assert sheet is not None
    for answer in (page, client.get(sheet[1], headers={"Accept-Encoding": accepted})):
        assert answer.headers.get("Content-Encoding") == sent
        assert "Accept-Encoding" in answer.headers["Vary"]
        body = gzip.decompress(answer.data) if sent else answer.data
        assert b"color-scheme" in body


def test_an_asset_of_another_version_is_sent_and_not_kept(client: FlaskClient) -> None:
    answer = client.get("/assets/0123456789abcdef/site.css")
    assert answer.status_code == 200
    assert "max-age=0" in answer.headers["Cache-Control"]
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["robots.txt", "favicon.ico", "apple-touch-icon.png"])
def test_browsers_and_robots_find_their_files_at_the_root(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/{name}")
    assert (answer.status_code, bool(answer.data)) == (200, True)


def test_only_the_open_pages_may_be_listed_by_a_search_engine(
    client: FlaskClient, signed_in_as: SignedInAs, people: Personas
) -> None:
    for path in ("/", "/login", "/signup"):
        assert "X-Robots-Tag" not in client.get(path).headers
        assert '<meta name="description"' in client.get(path).text
    alice = signed_in_as(people.alice)
    for path in ("/", "/account", "/connect"):
        answer = alice.get(path)
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in answer.text


def test_callers_addresses_are_believed_from_trusted_proxies_only(app: Flask) -> None:
    seen: list[str | None] = []

    @app.get("/who")
    def who() -> str:
        seen.append(request.remote_addr)
        return ""

    told = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
    Client(behind_proxies(app.wsgi_app, 0)).get("/who", headers=told, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    Client(behind_proxies(app.wsgi_app, 1)).get("/who", headers=told, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert seen == ["10.0.0.1", "203.0.113.9"]


def test_too_large_a_form_is_refused(client: FlaskClient) -> None:
    assert client.post("/login", data={"email": "x" * 400_000}).status_code == 413
