"""No answer tells whether an address has an account: not by its status, body, headers, cookies or time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.supabase.auth_limits import Limits
from sandbox.supabase.server import Running
from tests.web.auth.supabase.conftest import MAILED, PASSWORD, MakeHosted, Serve, identity_of
from tests.web.pages import post
from web.auth.supabase.constant_time import Evenly

KNOWN, WAITING, UNKNOWN = "known@example.org", "waits@example.org", "other@example.org"  # Of one length.
STRICT = replace(MAILED, limits=Limits(email_sent=3))


@dataclass
class Time:
    """A clock that only goes on when it is told to, and by what it is told to wait."""

    now: float = 100.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def running(serve: Serve) -> Running:
    """A project that sends few mails, with one account and one address that waits to be confirmed."""
    made = serve(STRICT)
    account = made.auth.add(KNOWN, PASSWORD, {})
    account.confirmed_at = made.project.now
    made.auth.add(WAITING, PASSWORD, {})
    return made


@pytest.fixture
def app(running: Running, make_hosted: MakeHosted) -> Flask:
    return make_hosted(running)


def _seen(browser: FlaskClient, answer: TestResponse, email: str) -> dict[str, Any]:
    """All that someone can see of an answer, without what is new in every one."""
    headers = {name: value for name, value in answer.headers if name not in ("X-Request-Id", "Set-Cookie", "Date")}
    with browser.session_transaction() as cookie:
        cookies = {name: value for name, value in cookie.items() if name != "csrf_token"}
    proofs = {kind: len(texts) for kind, texts in cookies.pop("link_verifiers", {}).items()}
    body = re.sub(r"[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}", "", answer.text).replace(email, "")
    names = sorted(one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie"))
    kept = str(cookies).replace(email, "")
    return {"status": answer.status_code, "body": body, "headers": headers, "names": names} | {
        "proofs": proofs,
        "cookies": kept,
    }


@pytest.mark.parametrize("path", ["/signup", "/signup/mail", "/reset"])
def test_asked_again_and_again_every_address_gets_the_same_answers(path: str, app: Flask) -> None:
    told = []
    for email in (KNOWN, WAITING, UNKNOWN):
        browser = app.test_client()
        told.append([_seen(browser, post(browser, path, email=email, password=PASSWORD), email) for _ in range(3)])
        page = browser.get("/signup/mail" if path != "/reset" else "/reset/mail")
        told[-1].append(_seen(browser, page, email))
    assert told[0] == told[1] == told[2]
    assert [seen["status"] for seen in told[0][:3]] == [302] * 3


def test_a_link_from_before_the_limit_still_works(running: Running, app: Flask) -> None:
    from tests.web.auth.supabase.test_links import _followed

    browser = app.test_client()
    for _ in range(3):
        post(browser, "/reset", email=KNOWN)
    (mail,) = running.auth.mails
    assert browser.get(_followed(mail)).headers["Location"] == "/password/new"


@pytest.mark.parametrize("path", ["/signup", "/signup/mail", "/reset", "/login"])
def test_what_strangers_may_ask_is_answered_evenly(path: str, app: Flask) -> None:
    for email in (KNOWN, WAITING, UNKNOWN):
        time = Time()
        identity_of(app).evenly = Evenly(2.0, time.clock, time.pause)
        post(app.test_client(), path, email=email, password="not the password")
        assert time.waits == [2.0], (path, email)


def test_an_address_that_cannot_exist_takes_as_long(app: Flask) -> None:
    time = Time()
    identity_of(app).evenly = Evenly(2.0, time.clock, time.pause)
    post(app.test_client(), "/login", email="no address", password=PASSWORD)
    assert time.waits == [2.0]


@pytest.mark.parametrize(("passed", "waited"), [(0.0, 2.0), (0.4, 1.6), (1.9, 0.1), (2.0, 0.0), (2.5, 1.5)])
@pytest.mark.parametrize("fails", [False, True])
def test_a_block_takes_whole_steps(passed: float, waited: float, fails: bool) -> None:
    time = Time()
    try:
        with Evenly(2.0, time.clock, time.pause)():
            time.now += passed
            if fails:
                raise LookupError
    except LookupError:
        assert fails
    assert time.waits == pytest.approx([waited])
