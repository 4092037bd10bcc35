"""A person's rights on the account page: the file of all data, and leaving."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb

from shared.files.folder import Files
from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.pages import post
from web.exports import download_links

EMAIL, PASSWORD = "dora@example.org", "correct horse battery"
Owner = psycopg.Connection[dict[str, Any]]


DISK = Jsonb({"sentence": "The disk is full."})


@pytest.fixture
def here(client: FlaskClient) -> FlaskClient:
    post(client, "/signup", email=EMAIL, password=PASSWORD)
    return client


def _state(browser: FlaskClient) -> str:
    match = re.search(r'data-testid="own-data" data-state="([a-z]+)"', browser.get("/account").text)
    assert match is not None
    return match[1]


def _written(owner: Owner, app: Flask) -> dict[str, Any]:
    """Does what the worker does for the newest wish."""
    row = owner.execute("select id, user_id, job_id from exports order by created_at desc limit 1").fetchone()
    assert row is not None
    files: Files = app.extensions["rollcall"].files
    path = f"{row['user_id']}/{row['id']}-1.zip"
    with files.open_writer(path) as file:
        file.write(b"PK")
    owner.execute(
        "update exports set path = %s, filename = 'all.zip', row_count = 3, byte_count = 2, finished_at = now(),"
        " expires_at = now() + interval '3 days' where id = %s",
        (path, row["id"]),
    )
    return row


def test_the_file_is_asked_for_written_and_downloaded(here: FlaskClient, owner: Owner, app: Flask) -> None:
    assert _state(here) == "none"
    assert post(here, "/account/data").headers["Location"] == "/account#data"
    assert _state(here) == "working"
    _written(owner, app)
    assert _state(here) == "ready"
    (link,) = re.findall(r'href="(/account/data/[^"]+)"', here.get("/account").text)
    with here.get(link) as answer:
        assert (answer.status_code, answer.data, answer.mimetype) == (200, b"PK", "application/zip")
        assert "all.zip" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store, private"


def test_a_link_is_one_persons_for_a_quarter_of_an_hour(
    signed_in_as: SignedInAs, people: Personas, owner: Owner, app: Flask
) -> None:
    alice, bob = signed_in_as(people.alice), signed_in_as(people.bob)
    post(alice, "/account/data")
    export: UUID = _written(owner, app)["id"]
    (link,) = re.findall(r'href="(/account/data/[^"]+)"', alice.get("/account").text)
    assert bob.get(link).status_code == 404
    now = datetime.now(UTC)
    for minutes, worth in ((14, "GOOD"), (16, "OVER")):
        later = now + timedelta(minutes=minutes)
        token = link.split("link=")[1]
        assert download_links.read("k" * 32, token, export, people.alice, later).name == worth
    over = download_links.sign("k" * 32, export, people.alice, now - timedelta(minutes=1))
    answer = alice.get(f"/account/data/{export}/download?link={over}")
    assert answer.status_code == 410
    assert "Get a fresh link" in answer.text


def test_a_file_that_is_gone_is_said(here: FlaskClient, owner: Owner, app: Flask) -> None:
    post(here, "/account/data")
    row = _written(owner, app)
    (link,) = re.findall(r'href="(/account/data/[^"]+)"', here.get("/account").text)
    app.extensions["rollcall"].files.delete(f"{row['user_id']}/{row['id']}-1.zip")
    answer = here.get(link)
    assert answer.status_code == 410
    assert "This file has expired" in answer.text


def test_a_file_that_could_not_be_written_says_why(here: FlaskClient, owner: Owner) -> None:
    post(here, "/account/data")
    owner.execute("update sync_jobs set state = 'RUNNING', lease_until = now() + interval '1 minute'")
    owner.execute("update sync_jobs set state = 'FAILED', error_code = 'x', error_params = %s", [DISK])
    assert _state(here) == "failed"
    assert "The disk is full." in here.get("/account").text


def test_leaving_signs_out_everywhere_and_nobody_signs_in_again(here: FlaskClient, app: Flask, owner: Owner) -> None:
    there = app.test_client()
    post(there, "/login", email=EMAIL, password=PASSWORD)
    answer = post(here, "/account/delete", confirm_password=PASSWORD)
    assert answer.headers["Location"] == "/login"
    assert "Your account is closed" in here.get("/login").text
    assert [browser.get("/account").status_code for browser in (here, there)] == [302, 302]
    assert post(there, "/login", email=EMAIL, password=PASSWORD).status_code == 400
    jobs = owner.execute("select kind, state from sync_jobs").fetchall()
    assert jobs == [{"kind": "DELETE_ACCOUNT", "state": "PENDING"}]


def test_the_same_address_can_begin_anew_at_once(here: FlaskClient, app: Flask) -> None:
    post(here, "/account/delete", confirm_password=PASSWORD)
    fresh = app.test_client()
    assert post(fresh, "/signup", email=EMAIL, password=PASSWORD).status_code == 302
    assert fresh.get("/account").status_code == 200


def test_nobody_leaves_without_the_password(here: FlaskClient, owner: Owner) -> None:
    answer = post(here, "/account/delete", confirm_password="wrong")
    assert answer.status_code == 400
    assert "This is not your password." in answer.text
    assert answer.text.count("autofocus") == 1, "it stands far below, so the page opens there"
    assert here.get("/account").status_code == 200
    for _ in range(8):
        post(here, "/account/delete", confirm_password="wrong")
    assert post(here, "/account/delete", confirm_password=PASSWORD).status_code == 429
    assert owner.execute("select 1 from sync_jobs").fetchall() == []


def test_no_two_things_on_the_page_share_a_name(here: FlaskClient) -> None:
    ids = re.findall(r' id="([^"]+)"', here.get("/account").text)
    assert len(ids) == len(set(ids))


def test_both_need_somebody_who_is_signed_in(client: FlaskClient, owner: Owner) -> None:
    for path in ("/account/data", "/account/delete"):
        assert post(client, path, confirm_password=PASSWORD).headers["Location"].startswith("/login")
    assert owner.execute("select 1 from sync_jobs").fetchall() == []
