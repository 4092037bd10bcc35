"""No alert goes to an address before someone who reads its mail has said yes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.settings import load
from shared.store.users import email_alerts
from tests.conftest import Personas
from tests.web.conftest import FAST, RING
from tests.web.pages import post
from tests.worker.notify.test_notify import Hand
from web import create_app
from web.auth.identity import EmbeddedIdentity
from worker.notify.base import MailFailed
from worker.notify.confirm import ask_due, site_of
from worker.notify.deliver import deliver

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
URL = "https://rollcall.example.org"
EMAIL, PASSWORD = "dora@example.org", "correct horse battery"


@pytest.fixture
def app(web_pool: ConnectionPool[WebConnection]) -> Flask:
    settings = load({}, mail_from="rollcall@example.org")
    return create_app(settings, web_pool, RING.sealing_key, EmbeddedIdentity(web_pool, FAST), None, "k" * 32)  # type: ignore[arg-type]


@pytest.fixture
def dora(app: Flask, owner: Owner, make_profile: Callable[..., UUID]) -> FlaskClient:
    """Dora, who wants mail and has an alert."""
    browser = app.test_client()
    post(browser, "/signup", email=EMAIL, password=PASSWORD)
    answer = post(browser, "/account/mail", alerts="yes")
    assert answer.headers["Location"] == "/account"
    (row,) = owner.execute("select id from auth.users where email = %s", [EMAIL]).fetchall()
    profile = make_profile(row["id"], "dora.test")
    owner.execute(
        "insert into alerts (user_id, profile_id, kind, params)"
        """ values (%s, %s, \'session_dead\', \'{"code": "x", "sentence": "Connect again."}\')""",
        [row["id"], profile],
    )
    return browser


def token_in(hand: Hand) -> str:
    found = re.search(rf"{URL}/mail/confirm\?token=(\S+)", hand.letters[-1].text)
    assert found is not None
    return found[1]


async def test_the_first_mail_asks_and_alerts_come_after_the_answer(
    dora: FlaskClient, app: Flask, worker_pool: Pool, owner: Owner
) -> None:
    hand = Hand()
    assert await deliver(worker_pool, hand, URL) == 0
    assert hand.letters == []
    assert "Confirm this address first" in dora.get("/account").text
    assert await ask_due(worker_pool, hand, URL) == 1
    assert await ask_due(worker_pool, hand, URL) == 0
    assert [letter.to for letter in hand.letters] == [EMAIL]
    token = token_in(hand)
    assert await deliver(worker_pool, hand, URL) == 0

    reader = app.test_client()
    page = reader.get(f"/mail/confirm?token={token}").text
    assert "Confirm the address" in page
    assert await deliver(worker_pool, hand, URL) == 0, "opening the link alone, as scanners do, says nothing"
    assert post(reader, "/mail/confirm", token=token).headers["Location"] == "/"
    assert await deliver(worker_pool, hand, URL) == 1
    assert "Connect again." in hand.letters[-1].text
    assert "Confirm this address first" not in dora.get("/account").text
    assert post(reader, "/mail/confirm", token=token).status_code == 400, "once"


@pytest.mark.parametrize("token", ["", "guess", "x" * 5000, "\x00", "é"])
async def test_a_made_up_link_confirms_nothing(dora: FlaskClient, worker_pool: Pool, owner: Owner, token: str) -> None:
    await ask_due(worker_pool, Hand(), URL)
    assert post(dora, "/mail/confirm", token=token).status_code == 400
    assert owner.execute("select confirmed_at from email_confirmations").fetchall() == [{"confirmed_at": None}]


async def test_a_newer_link_ends_the_older_one_and_old_ones_end_by_themselves(
    dora: FlaskClient, worker_pool: Pool, owner: Owner
) -> None:
    hand = Hand()
    await ask_due(worker_pool, hand, URL)
    first = token_in(hand)
    post(dora, "/account/mail", alerts="yes")
    await ask_due(worker_pool, hand, URL)
    assert post(dora, "/mail/confirm", token=first).status_code == 400
    owner.execute("update email_confirmations set asked_at = now() - interval '8 days'")
    assert post(dora, "/mail/confirm", token=token_in(hand)).status_code == 400


async def test_a_link_for_an_address_that_is_no_longer_the_accounts_confirms_nothing(
    dora: FlaskClient, worker_pool: Pool, owner: Owner
) -> None:
    hand = Hand()
    await ask_due(worker_pool, hand, URL)
    owner.execute("update auth.users set email = 'other@example.org' where email = %s", [EMAIL])
    assert post(dora, "/mail/confirm", token=token_in(hand)).status_code == 400
    assert await deliver(worker_pool, hand, URL) == 0


async def test_a_failure_is_tried_again_with_another_link_and_not_for_ever(
    dora: FlaskClient, worker_pool: Pool, owner: Owner
) -> None:
    hand = Hand(*[MailFailed("451", permanent=False) for _ in range(9)])
    for _ in range(9):
        await ask_due(worker_pool, hand, URL)
        owner.execute("update email_confirmations set due_at = now()")
    assert len(hand.letters) == 5
    assert len({letter.text for letter in hand.letters}) == 5
    assert owner.execute("select state from email_confirmations").fetchall() == [{"state": "FAILED"}]


async def test_only_the_hash_of_a_link_is_stored(dora: FlaskClient, worker_pool: Pool, owner: Owner) -> None:
    hand = Hand()
    await ask_due(worker_pool, hand, URL)
    assert token_in(hand) not in str(owner.execute("select c::text as row from email_confirmations c").fetchall())


async def test_an_address_that_supabase_confirmed_needs_no_second_link(
    worker_pool: Pool,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    web_pool: ConnectionPool[WebConnection],
) -> None:
    owner.execute("alter table auth.users add column email_confirmed_at timestamptz")
    owner.execute("update auth.users set email_confirmed_at = now() where id = %s", [people.alice])
    for person, name in ((people.alice, "ada.test"), (people.bob, "bob.test")):
        profile = make_profile(person, name)
        with tenant(web_pool, person) as conn:
            email_alerts.set_preference(conn, person, True)
        owner.execute(
            "insert into alerts (user_id, profile_id, kind, params)"
            """ values (%s, %s, \'session_dead\', \'{"code": "x", "sentence": "Connect."}\')""",
            [person, profile],
        )
    hand = Hand()
    assert await deliver(worker_pool, hand, URL) == 1
    assert [letter.to for letter in hand.letters] == ["alice@example.org"]


def test_the_link_begins_with_the_public_address_or_the_one_that_is_listened_on() -> None:
    assert site_of(load({}, public_url=URL)) == URL
    assert site_of(load({})) == "http://127.0.0.1:8642"
