"""Connections in the JSON interface: all of a person's, the end of one, a sync by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from shared.domain.jobs import JobKind
from tests.conftest import Personas
from tests.rig.history import NOW
from tests.web.api.conftest import MakeConnection, MakeProfile, Owner, change

EXPIRES = datetime(2027, 1, 29, 12, tzinfo=UTC)


@pytest.fixture
def profile(people: Personas, make_profile: MakeProfile) -> UUID:
    return make_profile(people.alice, followers=120, media_count=7, observed_at=NOW)


def connections(browser: FlaskClient) -> list[dict[str, Any]]:
    told: Any = browser.get("/api/v1/auth/status").json
    listed: Any = browser.get("/api/v1/analytics/socials/connections").json
    assert told["connections"] == listed["connections"]
    found: list[dict[str, Any]] = told["connections"]
    return found


def test_a_person_without_accounts_is_not_connected(alice: FlaskClient) -> None:
    told: Any = alice.get("/api/v1/auth/status").json
    assert (told["connected"], told["connections"]) == (False, [])


def test_each_connection_has_its_account_its_last_sync_and_its_end(
    alice: FlaskClient,
    charlie: FlaskClient,
    owner: Owner,
    people: Personas,
    profile: UUID,
    second_way_in: str,
    make_connection: MakeConnection,
    make_job: MakeConnection,
) -> None:
    browser = make_connection(profile)
    official = make_connection(profile, "EXPIRED", method=second_way_in, expires_at=EXPIRES)
    jobs = [("SYNC", "COMPLETED", 18), ("CHECK_SESSION", "COMPLETED", 19), ("SYNC_MEDIA", "FAILED", 20)]
    for kind, state, day in jobs:
        at = datetime(2026, 11, day, tzinfo=UTC)
        make_job(people.alice, profile, kind, state=state, ended_at=at, connection_id=browser)
    shown = {"profile_id": str(profile), "platform": "instagram", "handle": "alice.test", "followers": 120, "posts": 7}
    assert connections(alice) == [
        {
            **shown,
            "id": str(browser),
            "method": "browser",
            "state": "ACTIVE",
            "last_synced": "2026-11-18T00:00:00+00:00",
            "expires_at": None,
        },
        {
            **shown,
            "id": str(official),
            "method": second_way_in,
            "state": "EXPIRED",
            "last_synced": None,
            "expires_at": "2027-01-29T12:00:00+00:00",
        },
    ]
    assert alice.get("/api/v1/auth/status").json["connected"] is True  # type: ignore[index]
    assert connections(charlie) == []


def test_a_data_download_was_synced_when_it_was_imported(
    alice: FlaskClient, owner: Owner, people: Personas, profile: UUID, make_connection: MakeConnection
) -> None:
    make_connection(profile, method="data_download")
    owner.execute(
        "insert into public.imports (user_id, profile_id, filenames, byte_count, finished_at)"
        " values (%s, %s, '{a.zip}', 1, %s), (%s, %s, '{b.zip}', 1, null)",
        [people.alice, profile, NOW, people.alice, profile],
    )
    assert [one["last_synced"] for one in connections(alice)] == [NOW.isoformat()]


def test_one_connection_ends_and_the_other_stays_and_takes_its_jobs_over(
    alice: FlaskClient,
    charlie: FlaskClient,
    owner: Owner,
    people: Personas,
    profile: UUID,
    second_way_in: str,
    make_connection: MakeConnection,
    make_job: MakeConnection,
) -> None:
    browser = make_connection(profile, secret=b"cookies")
    official = make_connection(profile, method=second_way_in, secret=b"token")
    make_job(people.alice, profile, "SYNC_MEDIA", connection_id=browser)
    make_job(people.alice, profile, "SYNC_STORIES", connection_id=official)
    assert change(charlie, "DELETE", f"/api/v1/connections/{official}").status_code == 404
    assert change(alice, "DELETE", f"/api/v1/connections/{official}").status_code == 204
    rows = owner.execute("select id, state, secret from public.connections order by created_at").fetchall()
    assert [(row["id"], row["state"], row["secret"]) for row in rows] == [
        (browser, "ACTIVE", b"cookies"),
        (official, "REVOKED", None),
    ]
    jobs = owner.execute("select kind, state, lane, sealed from public.sync_jobs order by kind").fetchall()
    assert [tuple(row.values()) for row in jobs] == [
        (JobKind.REVOKE, "PENDING", None, b"token"),
        (JobKind.SYNC_MEDIA, "PENDING", browser, None),
        (JobKind.SYNC_STORIES, "PENDING", browser, None),
    ]
    assert change(alice, "DELETE", f"/api/v1/connections/{official}").status_code == 404
    assert [one["id"] for one in connections(alice)] == [str(browser)]


def test_a_connection_is_not_ended_without_the_form_token(
    alice: FlaskClient, owner: Owner, profile: UUID, make_connection: MakeConnection
) -> None:
    browser = make_connection(profile)
    answer = alice.delete(f"/api/v1/connections/{browser}")
    assert (answer.status_code, answer.json["code"]) == (400, "form_token")  # type: ignore[index]
    assert len(connections(alice)) == 1


def test_a_sync_by_a_connection_is_one_job_however_often_it_is_asked_for(
    alice: FlaskClient, charlie: FlaskClient, owner: Owner, profile: UUID, make_connection: MakeConnection
) -> None:
    path = f"/api/v1/connections/{make_connection(profile)}/sync"
    first, again = change(alice, "POST", path), change(alice, "POST", path)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json == again.json
    (job,) = owner.execute("select id, kind, profile_id, args from public.sync_jobs").fetchall()
    assert first.json == {"jobs": [str(job["id"])]}
    assert (job["kind"], job["profile_id"], job["args"]) == ("SYNC", profile, {"way_in": "browser"})
    assert change(charlie, "POST", path).status_code == 404
    assert change(alice, "POST", f"/api/v1/connections/{uuid4()}/sync").status_code == 404


@pytest.mark.parametrize(("state", "second"), [("EXPIRED", False), ("EXPIRED", True)])
def test_a_connection_that_does_not_work_starts_no_sync(
    alice: FlaskClient,
    owner: Owner,
    profile: UUID,
    second_way_in: str,
    make_connection: MakeConnection,
    state: str,
    second: bool,
) -> None:
    ended = make_connection(profile, state)
    if second:
        make_connection(profile, method=second_way_in)
    answer = change(alice, "POST", f"/api/v1/connections/{ended}/sync")
    assert (answer.status_code, answer.json["code"]) == (409, "not_connected")  # type: ignore[index]
    assert owner.execute("select from public.sync_jobs").fetchone() is None


def test_strangers_get_401(client: FlaskClient) -> None:
    for path in ("auth/status", "analytics/socials", "analytics/socials/connections", f"insights/{uuid4()}"):
        answer = client.get(f"/api/v1/{path}")
        assert (path, answer.status_code, answer.mimetype) == (path, 401, "application/problem+json")
