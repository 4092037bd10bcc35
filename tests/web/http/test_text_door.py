"""Forms and the API take any text: they answer, and what they keep can be stored and shown."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.pages import form_token, post

HARD = ("caf\x00e", "half \ud83d pair", "\u202eevil\u2069", "\x1b[31m", "a\r\nSubject: b", "😀", "a" * 2**20)
pytestmark = pytest.mark.parametrize("hard", HARD, ids=range(len(HARD)))


def sendable(text: str) -> str:
    """As a browser sends it: half a pair becomes the sign for what is no character."""
    return text.encode("utf-8", "replace").decode()


def test_signing_in_and_up_answers(client: FlaskClient, hard: str) -> None:
    for path in ("/login", "/signup"):
        for fields in ({"email": hard, "password": "x"}, {"email": "ann@example.org", "password": hard}):
            sent = {name: sendable(value) for name, value in fields.items()}
            assert post(client, path, **sent).status_code < 500


def test_handing_over_answers_and_keeps_a_clean_name(
    signed_in_as: SignedInAs, people: Personas, owner: psycopg.Connection[dict[str, Any]], hard: str
) -> None:
    browser, text = signed_in_as(people.alice), sendable(hard)[:100_000]
    for fields in ({"username": text}, {"username": "ann.test", "timezone": text}):
        files = [(io.BytesIO(b"x"), f"{text[:90]}.zip")]
        data = {"csrf_token": form_token(browser), "owned": "yes", "data_download": files, **fields}
        answer = browser.post("/connect/data-download", data=data, content_type="multipart/form-data")
        assert answer.status_code < 500
    for row in owner.execute("select filenames from imports").fetchall():
        assert not set("\x00\x1b\r\n\u202e\u2069") & set("".join(row["filenames"]))


def test_the_api_answers(
    signed_in_as: SignedInAs, people: Personas, make_profile: Callable[..., UUID], hard: str
) -> None:
    browser, profile = signed_in_as(people.alice), make_profile(people.alice)
    headers = {"X-CSRFToken": form_token(browser)}
    for sent in ({"kind": hard}, {"kind": "SYNC", "args": hard}, hard, {hard: hard}):
        answer = browser.post(f"/api/v1/profiles/{profile}/jobs", json=sent, headers=headers)
        assert answer.status_code < 500


def test_pages_answer_to_any_search(
    signed_in_as: SignedInAs, people: Personas, make_profile: Callable[..., UUID], hard: str
) -> None:
    browser, profile, text = signed_in_as(people.alice), make_profile(people.alice), sendable(hard)[:2000]
    for page in ("people", "followers", "content", "settings", "imports", "export"):
        for name in ("q", "search", "kind", "sort", "tag", "after", "cursor", "page", "list", "from", "to"):
            assert browser.get(f"/profiles/{profile}/{page}", query_string={name: text}).status_code < 500
