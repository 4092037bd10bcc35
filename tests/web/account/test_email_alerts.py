"""Alerts by mail are a person's own wish, off until they say so, and offered only where mail is sent."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.store.users.email_alerts import Mail
from tests.conftest import Personas
from tests.web.conftest import MakeApp
from tests.web.pages import form_token
from worker.notify.deliver import letter

Owner = psycopg.Connection[dict[str, Any]]
SignedInAs = Callable[[UUID], FlaskClient]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(mail_from="rollcall@example.org")


def ticked(browser: FlaskClient) -> bool:
    (box,) = re.findall(r'<input[^>]*name="alerts"[^>]*>', browser.get("/account").text)
    return " checked" in box


def test_the_switch_is_off_until_its_owner_sets_it_and_is_nobody_elses(
    signed_in_as: SignedInAs, people: Personas, owner: Owner
) -> None:
    alice, bob = signed_in_as(people.alice), signed_in_as(people.bob)
    owner.execute(
        "insert into email_confirmations (user_id, address, confirmed_at) select id, email, now() from auth.users"
    )
    assert not ticked(alice)
    for value, after in (("yes", True), (None, False), ("yes", True)):
        form = {"csrf_token": form_token(alice, "/account"), **({"alerts": value} if value else {})}
        answer = alice.post("/account/mail", data=form, follow_redirects=True)
        assert f"E-mail alerts are {'on' if after else 'off'}." in answer.text
        assert ticked(alice) is after
    assert not ticked(bob)


def test_nobody_signed_in_changes_nothing(client: FlaskClient) -> None:
    token = form_token(client, "/login")
    answer = client.post("/account/mail", data={"csrf_token": token, "alerts": "yes"})
    assert answer.headers["Location"].startswith("/login")


class TestWithoutMail:
    @pytest.fixture
    def app(self, make_app: MakeApp) -> Flask:
        return make_app()

    def test_there_is_no_switch(self, signed_in_as: SignedInAs, people: Personas) -> None:
        browser = signed_in_as(people.alice)
        assert "by mail" not in browser.get("/account").text
        answer = browser.post("/account/mail", data={"csrf_token": form_token(browser, "/account"), "alerts": "yes"})
        assert answer.status_code == 404


def test_the_links_of_a_mail_lead_to_pages(app: Flask) -> None:
    mail = Mail(1, 1, "alice@example.org", "alice.test", uuid4(), "challenge", "", {"code": "challenged"}, "instagram")
    paths = re.findall(r"https://rollcall\.example\.org(\S+?)\.?\n", letter(mail, "https://rollcall.example.org").text)
    assert paths == [f"/profiles/{mail.profile_id}", "/account"]
    routes = app.url_map.bind("rollcall.example.org")
    for path in paths:
        routes.match(path)
