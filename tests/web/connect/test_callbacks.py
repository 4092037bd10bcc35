"""What Meta posts by itself: stored sealed, answered at once, and shown to whoever has the code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.store.users import callbacks
from shared.vault import NO_ONE, KeyRing, Purpose
from tests.web.conftest import MakeApp
from web.auth import rate_limits

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def browser(make_app: MakeApp) -> FlaskClient:
    return make_app().test_client()


@pytest.mark.parametrize("provider", ["facebook", "instagram"])
@pytest.mark.parametrize(
    ("path", "kind", "title"),
    [
        ("deauthorize", "deauthorize", "The app was removed at"),
        ("data-deletion", "data_deletion", "Deletion of your data"),
    ],
)
def test_a_post_is_sealed_and_answered_with_a_code_and_the_address_of_its_state(
    browser: FlaskClient, owner: Owner, ring: KeyRing, provider: str, path: str, kind: str, title: str
) -> None:
    answer = browser.post(f"/api/auth/{provider}/{path}", data={"signed_request": "a.signed"})
    assert answer.status_code == 200
    said = answer.get_json()
    assert said["confirmation_code"].isalnum()
    (row,) = owner.execute("select * from rollcall.callbacks").fetchall()
    assert (row["provider"], row["kind"], row["state"]) == (provider, kind, "RECEIVED")
    opened = ring.open(
        row["sealed"], purpose=Purpose.CALLBACK, user_id=NO_ONE, subject_id=row["id"], now=datetime.now(UTC)
    )
    assert json.loads(opened) == {"signed_request": "a.signed"}
    assert said["confirmation_code"] not in str(row)
    shown = browser.get(urlsplit(said["url"]).path)
    assert shown.status_code == 200
    assert title in shown.text
    assert "Received. Rollcall checks it within a minute." in shown.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("ERASING", "Being deleted."),
        ("DONE", "Done."),
        ("UNKNOWN", "so there is nothing to delete"),
        ("REFUSED", "not signed by Facebook"),
    ],
)
def test_the_page_says_what_came_of_it(browser: FlaskClient, owner: Owner, state: str, words: str) -> None:
    said = browser.post("/api/auth/facebook/data-deletion", data={"signed_request": "a.signed"}).get_json()
    owner.execute(
        "update rollcall.callbacks set state = %s, sealed = null, ended_at = case when %s <> 'ERASING' then now() end",
        [state, state],
    )
    assert words in browser.get(f"/data-deletion/{said['confirmation_code']}").text


@pytest.mark.parametrize("provider", ["google", "nobody"])
def test_a_provider_that_posts_nothing_has_no_such_address(browser: FlaskClient, provider: str) -> None:
    answer = browser.post(f"/api/auth/{provider}/deauthorize", data={"signed_request": "a.signed"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "sent", [{}, {"signed_request": ""}, {"signed_request": "x" * 3001}, {"signed_request": "x" * 9000}]
)
def test_a_post_without_a_signed_request_is_refused(browser: FlaskClient, owner: Owner, sent: dict[str, str]) -> None:
    assert browser.post("/api/auth/facebook/deauthorize", data=sent).status_code == 400
    assert owner.execute("select 1 from rollcall.callbacks").fetchone() is None


def test_an_unknown_code_has_no_page(browser: FlaskClient) -> None:
    assert browser.get("/data-deletion/0123456789abcdef").status_code == 404


def test_neither_one_sender_nor_all_of_them_fill_the_disk(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post() -> int:
        return browser.post("/api/auth/facebook/deauthorize", data={"signed_request": "a.signed"}).status_code

    monkeypatch.setattr(callbacks, "MOST_WAITING", 2)
    assert [post() for _ in range(3)] == [200, 200, 503]
    limit = rate_limits.Limit("callback-test", 1, rate_limits.CALLBACK_ADDRESS.window)
    monkeypatch.setattr(rate_limits, "CALLBACK_ADDRESS", limit)
    assert [post() for _ in range(2)] == [503, 429]
