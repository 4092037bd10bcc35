"""The picture of a failed login: on its job's page, for its owner only, while its day lasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.errors import CaptchaRequired
from shared.messages import about
from tests.conftest import Personas
from tests.web.conftest import SignedInAs

Owner = psycopg.Connection[dict[str, Any]]
JPEG = b"\xff\xd8\xff a picture \xff\xd9"


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice, state="CHALLENGED", timezone="Asia/Tokyo")


@pytest.fixture
def job(people: Personas, profile: UUID, make_job: Callable[..., UUID], owner: Owner) -> UUID:
    """A login that a captcha ended, with its picture."""
    made = make_job(
        people.alice,
        profile,
        "LOGIN",
        state="FAILED",
        ended_at=datetime.now(UTC),
        error_code="captcha_required",
    )
    owner.execute(
        "insert into public.login_screenshots (job_id, user_id, profile_id, picture, expires_at)"
        " values (%s, %s, %s, %s, '2999-01-01 15:30Z')",
        (made, people.alice, profile, JPEG),
    )
    return made


def _expire(owner: Owner) -> None:
    owner.execute("update public.login_screenshots set expires_at = now() - %s", (timedelta(seconds=1),))


def test_its_owner_sees_it_under_the_error_and_reads_what_it_is(alice: FlaskClient, job: UUID) -> None:
    page = alice.get(f"/jobs/{job}").text
    below = page.split(about(CaptchaRequired.sentence, "Instagram"))[1]
    picture = f'<img src="/jobs/{job}/picture" alt="Instagram\'s page as it was when this login stopped'
    assert picture in " ".join(below.split())
    caption = below.split("<figcaption>")[1].split("</figcaption>")[0]
    for told in ("Every field in it is covered", "Only you can see it", "until 2 Jan 2999, 00:30 JST"):
        assert told in " ".join(caption.split())


def test_the_bytes_are_a_jpeg_that_no_cache_keeps_and_no_browser_reads_as_anything_else(
    alice: FlaskClient, job: UUID
) -> None:
    answer = alice.get(f"/jobs/{job}/picture")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", JPEG)
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "img-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_script_is_told_where_it_is_and_how_long(alice: FlaskClient, job: UUID, owner: Owner) -> None:
    told = alice.get(f"/api/v1/jobs/{job}").get_json()["picture"]
    assert (told["url"], told["expires_at"]) == (f"/jobs/{job}/picture", "2999-01-01T15:30:00+00:00")
    assert datetime.fromisoformat(told["taken_at"]) <= datetime.now(UTC)
    _expire(owner)
    assert alice.get(f"/api/v1/jobs/{job}").get_json()["picture"] is None


def test_nobody_else_finds_it(signed_in_as: SignedInAs, client: FlaskClient, people: Personas, job: UUID) -> None:
    for stranger in (signed_in_as(people.bob), signed_in_as(people.charlie)):
        answer = stranger.get(f"/jobs/{job}/picture")
        assert (answer.status_code, JPEG in answer.data) == (404, False)
        assert stranger.get(f"/api/v1/jobs/{job}").status_code == 404
    assert client.get(f"/jobs/{job}/picture").headers["Location"] == f"/login?next=/jobs/{job}/picture"


def test_once_its_day_is_over_nobody_finds_it_though_it_was_not_removed_yet(
    alice: FlaskClient, job: UUID, owner: Owner
) -> None:
    _expire(owner)
    assert alice.get(f"/jobs/{job}/picture").status_code == 404
    page = alice.get(f"/jobs/{job}").text
    assert about(CaptchaRequired.sentence, "Instagram") in page
    assert "<figure" not in page
    assert owner.execute("select from public.login_screenshots").rowcount == 1


def test_a_login_that_was_not_pictured_and_a_profile_being_deleted_show_none(
    alice: FlaskClient, profile: UUID, job: UUID, owner: Owner
) -> None:
    owner.execute("update public.profiles set state = 'DELETING' where id = %s", [profile])
    assert alice.get(f"/jobs/{job}/picture").status_code == 404
    owner.execute("update public.profiles set state = 'CHALLENGED' where id = %s", [profile])
    owner.execute("delete from public.login_screenshots")
    assert alice.get(f"/jobs/{job}/picture").status_code == 404
    assert "<figure" not in alice.get(f"/jobs/{job}").text
