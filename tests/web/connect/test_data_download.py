"""Handing over an export: it goes to the worker unopened, in pieces, and only for whoever is signed in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb
from werkzeug.test import TestResponse

from tests.conftest import Personas
from tests.rig import archives
from tests.web.conftest import SignedInAs
from tests.web.pages import form_token, post

Owner = psycopg.Connection[dict[str, Any]]
NAME = "instagram-alice.test-2026-06-01-a1B2c3D4.zip"
CONTENT = archives.zipped(archives.lists({}, {}))


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


def hand_over(browser: FlaskClient, *files: tuple[bytes, str], **fields: str) -> TestResponse:
    given = {"owned": "yes", "csrf_token": form_token(browser), **fields}
    uploads = [(io.BytesIO(content), name) for content, name in files]
    return browser.post(
        "/connect/data-download", data={**given, "data_download": uploads}, content_type="multipart/form-data"
    )


def shelf(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "exports").rglob("*") if path.is_file()]


def test_an_export_becomes_a_profile_and_a_job_and_lies_unopened_on_the_shelf(
    alice: FlaskClient, people: Personas, owner: Owner, tmp_path: Path
) -> None:
    answer = hand_over(alice, (CONTENT, NAME), timezone="Europe/Berlin")
    assert answer.status_code == 302
    job_id = UUID(answer.headers["Location"].rsplit("/", 1)[1])
    (job,) = owner.execute("select * from sync_jobs").fetchall()
    (profile,) = owner.execute("select * from profiles").fetchall()
    (row,) = owner.execute("select * from imports").fetchall()
    assert (job["id"], job["kind"], job["state"]) == (job_id, "IMPORT", "PENDING")
    assert job["args"] == {"import_id": str(row["id"]), "all": True}
    assert (profile["username"], profile["state"], profile["timezone"]) == ("alice.test", "CONNECTING", "Europe/Berlin")
    assert (row["user_id"], row["filenames"], row["byte_count"]) == (people.alice, [NAME], len(CONTENT))
    (file,) = shelf(tmp_path)
    assert file.read_bytes() == CONTENT
    assert "Importing a data download" in alice.get(answer.headers["Location"]).text


def test_parts_are_handed_over_together(alice: FlaskClient, owner: Owner, tmp_path: Path) -> None:
    assert hand_over(alice, (b"PK\x03\x04", "a.zip"), (b"{}", "b.zip"), username="@Alice.Test").status_code == 302
    (row,) = owner.execute("select filenames, byte_count from imports").fetchall()
    assert (row["filenames"], row["byte_count"], len(shelf(tmp_path))) == (["a.zip", "b.zip"], 6, 2)


@pytest.mark.parametrize(
    ("files", "words"),
    [([], "Choose the file"), ([(b"PK\x03\x04", "export.zip")], "after instagram.com")],
)
def test_a_form_that_lacks_something_says_what(
    alice: FlaskClient, tmp_path: Path, files: list[tuple[bytes, str]], words: str
) -> None:
    answer = hand_over(alice, *files)
    assert answer.status_code == 400
    assert words in answer.text
    assert shelf(tmp_path) == []


@pytest.mark.parametrize("name", ["photo.jpg", "export.zip", NAME])
def test_a_file_that_is_no_zip_is_refused_at_the_file(alice: FlaskClient, tmp_path: Path, name: str) -> None:
    answer = hand_over(alice, (b"\xff\xd8\xff\xe0 a picture", name))
    assert answer.status_code == 400
    assert 'id="data_download-error"' in answer.text
    assert 'id="username-error"' not in answer.text
    assert shelf(tmp_path) == []


def test_a_second_one_waits_for_the_first_and_leaves_no_file(alice: FlaskClient, owner: Owner, tmp_path: Path) -> None:
    first = hand_over(alice, (b"PK\x03\x04", NAME))
    second = hand_over(alice, (b"{}", NAME))
    assert second.headers["Location"] == first.headers["Location"]
    assert "is being imported already" in alice.get(second.headers["Location"]).text
    assert [file.read_bytes() for file in shelf(tmp_path)] == [b"PK\x03\x04"]
    assert owner.execute("select from imports").rowcount == 1


def test_more_than_the_limit_is_refused_with_the_other_ways(alice: FlaskClient, tmp_path: Path) -> None:
    answer = alice.post("/connect/data-download", data=b"", environ_overrides={"CONTENT_LENGTH": str(3 * 1024**3)})
    assert answer.status_code == 413
    assert "rollcall import" in answer.text
    assert shelf(tmp_path) == []


def test_only_this_form_takes_large_files(alice: FlaskClient) -> None:
    data = {"csrf_token": form_token(alice), "data_download": (io.BytesIO(b"x" * 400_000), NAME)}
    assert alice.post("/connect/instagram", data=data, content_type="multipart/form-data").status_code == 413


def test_a_stranger_is_asked_to_sign_in_before_anything_is_read(client: FlaskClient, tmp_path: Path) -> None:
    answer = client.post("/connect/data-download", data={"data_download": (io.BytesIO(CONTENT), NAME)})
    assert (answer.status_code, "/login" in answer.headers["Location"]) == (302, True)
    assert shelf(tmp_path) == []


def test_without_the_forms_token_nothing_is_kept(alice: FlaskClient, tmp_path: Path) -> None:
    answer = alice.post("/connect/data-download", data={"data_download": (io.BytesIO(CONTENT), NAME), "owned": "yes"})
    assert (answer.status_code, shelf(tmp_path)) == (400, [])


def _imported(owner: Owner, user_id: UUID, make_profile: Any) -> UUID:
    profile: UUID = make_profile(user_id)
    owner.execute(
        "insert into connections (user_id, profile_id, method, state) values (%s, %s, 'data_download', 'ACTIVE')",
        (user_id, profile),
    )
    told = {"files": 1, "entries": 2, "skipped": 1, "undated": 0, "verdict": "partial", "reason": "Only a period."}
    counts = {"people": 2, "dated": 1, "gained": 3, "lost": 0, "returned": 0, "guessed": 1, "missing": 0}
    nothing = {"files": 0, "entries": 0, "skipped": 0, "undated": 0}
    report = {
        "lists": {"follower": told | counts},
        "unfollowed": nothing,
        "others": {"close_friends": nothing | {"entries": 4}},
        "media": {"post": 2, "story": 1},
        "media_skipped": 0,
        "insights": 2,
        "insights_joined": 0,
        "insights_unread": 1,
        "insights_unread_labels": ["mystère"],
    }
    owner.execute(
        "insert into imports (user_id, profile_id, filenames, byte_count, taken_at, report, finished_at)"
        " values (%s, %s, %s, 1, current_date, %s, now())",
        (user_id, profile, [NAME], Jsonb(report)),
    )
    owner.execute(
        "insert into insights (user_id, profile_id, source, metric, period, breakdown, posted_at, value, captured_at)"
        " values (%(user)s, %(profile)s, 'data_download', 'followers_by_city', 'lifetime', 'Lisbon', null, 30.6,"
        " current_date),"
        " (%(user)s, %(profile)s, 'data_download', 'reach', 'lifetime', null, now(), 1200, current_date)",
        {"user": user_id, "profile": profile},
    )
    return profile


def test_the_page_of_imports_tells_what_was_read_and_what_was_skipped(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Any
) -> None:
    profile = _imported(owner, people.alice, make_profile)
    page = alice.get(f"/profiles/{profile}/imports").text
    for words in (
        "Only a period.",
        "1 entry without a name skipped",
        "1 probably renamed",
        "Close friends: 4",
        "2 posts",
        "mystère",
    ):
        assert words in page
    assert "Followers by town or city" in page
    assert "not understood, or not in the data download" in page
    assert '<span class="missing-why">not in the data download' not in page
    assert "30.6 %" in page
    assert "1,200" in page


def test_a_finished_import_says_on_its_own_page_what_it_read(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Any, make_job: Any
) -> None:
    profile = _imported(owner, people.alice, make_profile)
    job = make_job(people.alice, profile, "IMPORT", state="COMPLETED", ended_at="now")
    owner.execute("update imports set job_id = %s", (job,))
    page = alice.get(f"/jobs/{job}").text
    assert "Followers: 2 people. 3 new, 0 left." in page
    assert "Your own posts, reels and stories: 3." in page
    assert "Past insights: 2 figures." in page


def test_a_first_list_is_not_called_0_new_and_0_left(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Any, make_job: Any
) -> None:
    profile = _imported(owner, people.alice, make_profile)
    job = make_job(people.alice, profile, "IMPORT", state="COMPLETED", ended_at="now")
    first = Jsonb({"first": True, "gained": 0, "people": 240, "undated": 40})
    owner.execute(
        "update imports set job_id = %s, report = jsonb_set(report, '{lists,follower}',"
        " report->'lists'->'follower' || %s)",
        (job, first),
    )
    for page in (alice.get(f"/jobs/{job}").text, alice.get(f"/profiles/{profile}/imports").text):
        assert "The first list. The next data download is compared with it" in page
        assert "200 have a known start date" in page
        assert "0 new, 0 left" not in page


def test_the_page_of_imports_is_its_owners(
    signed_in_as: SignedInAs, people: Personas, owner: Owner, make_profile: Any
) -> None:
    profile = _imported(owner, people.alice, make_profile)
    assert signed_in_as(people.bob).get(f"/profiles/{profile}/imports").status_code == 404


def test_a_profile_of_exports_alone_is_not_read_by_a_browser(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Any
) -> None:
    profile = _imported(owner, people.alice, make_profile)
    page = alice.get(f"/profiles/{profile}/settings").text
    assert "Import a newer data download" in page
    assert "Sync now" not in page
    answer = post(alice, f"/profiles/{profile}/sync")
    assert (answer.status_code, "data downloads only" in answer.text) == (409, True)
    headers = {"X-CSRFToken": form_token(alice)}
    sent = alice.post(f"/api/v1/profiles/{profile}/jobs", json={"kind": "SYNC"}, headers=headers)
    assert sent.status_code == 409
    assert owner.execute("select from sync_jobs").rowcount == 0


def test_the_page_of_ways_calls_the_export_the_safest(alice: FlaskClient) -> None:
    page = alice.get("/connect").text
    assert page.index("Log in with username") < page.index("The safest way in")
    assert 'href="/connect/data-download"' in page
