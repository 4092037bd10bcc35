"""Downloads and hand-overs where files lie in a hosted project: in the name of whoever is signed in."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool
from werkzeug.test import TestResponse

from shared.db.pools import WebConnection
from shared.files.supabase import SupabaseFiles
from shared.settings import load
from tests.conftest import Personas
from tests.rig.hosted import Hosted, serving
from tests.web.conftest import FAST, RING, SignedInAs
from tests.web.pages import form_token, post
from web import create_app
from web.auth.identity import EmbeddedIdentity
from web.auth.session import find_session

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def hosted() -> Iterator[Hosted]:
    with serving() as found:
        yield found


@pytest.fixture
def app(hosted: Hosted, web_pool: ConnectionPool[WebConnection]) -> Flask:
    """The application with the project's files; whoever is signed in here is signed in there."""

    def token() -> str | None:
        person = find_session()
        return hosted.token(person.user_id) if person else None

    files = SupabaseFiles(hosted.project.url, hosted.project.publishable_key, token)
    made = create_app(load({}), web_pool, RING.sealing_key, EmbeddedIdentity(web_pool, FAST), files, "k" * 32)
    made.testing = False
    return made


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def export(hosted: Hosted, owner: Owner, people: Personas, make_profile: Callable[..., UUID]) -> dict[str, Any]:
    """What the worker has written for Alice."""
    profile = make_profile(people.alice, observed_at=datetime(2026, 11, 20, 12, tzinfo=UTC))
    row = owner.execute(
        "insert into exports (user_id, profile_id, what, format, filename, row_count, byte_count,"
        " finished_at, expires_at) values (%s, %s, 'followers', 'csv', 'rollcall_a.csv', 1, 7, now(),"
        " now() + interval '1 day') returning id, user_id, profile_id",
        (people.alice, profile),
    ).fetchone()
    assert row is not None
    path = f"{people.alice}/{row['id']}-1.csv"
    with SupabaseFiles(hosted.project.url, hosted.project.secret_key).open_writer(path) as file:
        file.write(b"id\r\n1\r\n")
    owner.execute("update exports set path = %s where id = %s", (path, row["id"]))
    return row | {"path": path}


def _link(browser: FlaskClient, export: dict[str, Any]) -> str:
    page = browser.get(f"/profiles/{export['profile_id']}/exports").text
    return page.split("/download?link=")[1].split('"')[0]


def _download(browser: FlaskClient, export: dict[str, Any], link: str) -> TestResponse:
    return browser.get(f"/profiles/{export['profile_id']}/exports/{export['id']}/download?link={link}")


def test_a_download_leads_to_a_link_of_storages_that_is_good_for_a_quarter_of_an_hour(
    hosted: Hosted, alice: FlaskClient, export: dict[str, Any]
) -> None:
    answer = _download(alice, export, _link(alice, export))
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store, private"
    there = answer.headers["Location"]
    file = httpx.get(there)
    assert (file.status_code, file.content) == (200, b"id\r\n1\r\n")
    assert file.headers["Content-Disposition"].startswith("attachment; filename=rollcall_a.csv")
    hosted.project.advance(timedelta(minutes=14))
    assert httpx.get(there).status_code == 200
    hosted.project.advance(timedelta(minutes=2))
    assert httpx.get(there).status_code == 400
    again = _download(alice, export, _link(alice, export)).headers["Location"]
    assert httpx.get(again).status_code == 200


def test_a_foreign_link_opens_nothing(
    signed_in_as: SignedInAs, alice: FlaskClient, export: dict[str, Any], people: Personas
) -> None:
    link = _link(alice, export)
    answer = _download(signed_in_as(people.bob), export, link)
    assert answer.status_code == 404
    assert "This link is not yours" in answer.text


def test_a_file_that_storage_has_lost_says_so(hosted: Hosted, alice: FlaskClient, export: dict[str, Any]) -> None:
    link = _link(alice, export)
    hosted.client().storage.from_("exports").remove([export["path"]])
    answer = _download(alice, export, link)
    assert answer.status_code == 410
    assert "This file has expired" in answer.text


def test_a_storage_that_is_away_is_a_page_and_not_a_lost_file(
    hosted: Hosted, alice: FlaskClient, export: dict[str, Any]
) -> None:
    link = _link(alice, export)
    hosted.shelf.failing = 1
    answer = _download(alice, export, link)
    assert answer.status_code == 503
    assert "The file store does not answer" in answer.text
    assert _download(alice, export, link).status_code == 302


def test_whose_token_is_over_is_asked_to_sign_in(hosted: Hosted, alice: FlaskClient, export: dict[str, Any]) -> None:
    link = _link(alice, export)
    hosted.project.jwt_seconds = -1
    answer = _download(alice, export, link)
    assert answer.status_code == 401
    assert "Your sign-in has ended" in answer.text
    assert 'btn-primary" href="/login">Sign in' in answer.text


def test_deleting_an_export_removes_its_file_and_a_silent_storage_keeps_nobody_from_it(
    hosted: Hosted, alice: FlaskClient, export: dict[str, Any], owner: Owner
) -> None:
    address = f"/profiles/{export['profile_id']}/exports/{export['id']}/delete"
    hosted.shelf.failing = 1
    assert post(alice, address).status_code == 302
    assert owner.execute("select from exports").fetchall() == []
    assert len(hosted.shelf.objects) == 1
    worker = SupabaseFiles(hosted.project.url, hosted.project.secret_key)
    hosted.project.advance(timedelta(hours=80))
    assert worker.sweep(timedelta(hours=73)) == 1


def test_deleting_takes_the_file_at_once(hosted: Hosted, alice: FlaskClient, export: dict[str, Any]) -> None:
    assert post(alice, f"/profiles/{export['profile_id']}/exports/{export['id']}/delete").status_code == 302
    assert hosted.shelf.objects == {}


def _hand_over(browser: FlaskClient, content: bytes = b"PK\x03\x04zip") -> TestResponse:
    given = {"owned": "yes", "username": "alice.test", "csrf_token": form_token(browser)}
    return browser.post(
        "/connect/data-download",
        data={**given, "data_download": [(io.BytesIO(content), "export.zip")]},
        content_type="multipart/form-data",
    )


def test_what_is_handed_over_lies_in_the_persons_folder_for_the_worker(
    hosted: Hosted, alice: FlaskClient, owner: Owner, people: Personas
) -> None:
    assert _hand_over(alice).status_code == 302
    (row,) = owner.execute("select paths from imports").fetchall()
    ((bucket, name),) = hosted.shelf.objects
    assert (bucket, name.split("/")[0]) == ("imports", str(people.alice))
    with SupabaseFiles(hosted.project.url, hosted.project.secret_key).open_reader(row["paths"][0]) as file:
        assert file.read() == b"PK\x03\x04zip"


def test_a_second_hand_over_leaves_no_file(hosted: Hosted, alice: FlaskClient) -> None:
    _hand_over(alice)
    _hand_over(alice)
    assert len(hosted.shelf.objects) == 1


def test_what_storage_does_not_take_is_said_in_the_form(hosted: Hosted, alice: FlaskClient, owner: Owner) -> None:
    hosted.client().storage.update_bucket("imports", {"file_size_limit": 2})
    answer = _hand_over(alice)
    assert answer.status_code == 413
    assert "larger than the file store allows" in answer.text
    hosted.shelf.failing = 1
    answer = _hand_over(alice, b"PK\x03\x04z")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert owner.execute("select from imports").fetchall() == []
