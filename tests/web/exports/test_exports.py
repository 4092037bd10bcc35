"""The exports page: wish, watch, download by a link that is one person's for a short time, delete."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from psycopg.types.json import Jsonb

from shared.files.folder import Files
from tests.conftest import Personas
from tests.web.pages import post
from web.exports import download_links

Owner = psycopg.Connection[dict[str, Any]]
SignedInAs = Callable[[UUID], FlaskClient]


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice, observed_at=datetime(2026, 11, 20, 12, tzinfo=UTC))


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def files(app: Flask) -> Files:
    found: Files = app.extensions["rollcall"].files
    return found


def _request(browser: FlaskClient, profile: UUID, what: str = "followers", form: str = "csv", **fields: str) -> None:
    answer = post(browser, f"/profiles/{profile}/exports", what=what, format=form, **fields)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/profiles/{profile}/exports")


def _only(owner: Owner) -> dict[str, Any]:
    (row,) = owner.execute("select * from exports").fetchall()
    return row


def _written(
    owner: Owner, files: Files, content: bytes = b"id\r\n1\r\n", name: str = "rollcall_a_followers.csv"
) -> None:
    """Does what the worker does for the newest export."""
    row = owner.execute("select id, user_id from exports order by created_at desc limit 1").fetchone()
    assert row is not None
    path = f"{row['user_id']}/{row['id']}-1.csv"
    with files.open_writer(path) as file:
        file.write(content)
    owner.execute(
        "update exports set path = %s, filename = %s, row_count = 1, byte_count = %s, finished_at = now(),"
        " expires_at = now() + interval '1 day' where id = %s",
        (path, name, len(content), row["id"]),
    )
    owner.execute("update sync_jobs set state = 'RUNNING', lease_until = now() where state = 'PENDING'")
    owner.execute("update sync_jobs set state = 'COMPLETED' where state = 'RUNNING'")


def _links(page: str) -> list[tuple[str, str]]:
    return [
        (address.replace("&amp;", "&"), text)
        for address, text in re.findall(r'<a [^>]*href="([^"]*/download\?[^"]*)"[^>]*>([^<]*)</a>', page)
    ]


def _page(browser: FlaskClient, profile: UUID) -> str:
    return browser.get(f"/profiles/{profile}/exports").text


def test_the_form_has_the_names_that_scripts_know(alice: FlaskClient, profile: UUID) -> None:
    page = _page(alice, profile)
    for label, name in (("What", "what"), ("Format", "format"), ("Period", "period")):
        assert f'<label class="form-label" for="{name}">{label}</label>' in page
        assert f'<select class="form-select" id="{name}"' in page
    assert re.search(r'<button class="btn btn-primary" type="submit">Create export</button>', page)
    assert "No files yet" in page


def test_a_wish_becomes_a_row_and_a_job(alice: FlaskClient, profile: UUID, owner: Owner, people: Personas) -> None:
    _request(alice, profile, "new", "xlsx", period="28")
    row = _only(owner)
    assert (row["user_id"], row["profile_id"], row["what"], row["format"]) == (people.alice, profile, "new", "xlsx")
    assert row["filters"] == {"period": "28"}
    job = owner.execute("select * from sync_jobs").fetchone()
    assert job is not None
    assert (job["id"], job["kind"], job["state"]) == (row["job_id"], "EXPORT", "PENDING")
    assert job["args"] == {"export_id": str(row["id"])}


def test_a_period_does_not_narrow_what_holds_now(alice: FlaskClient, profile: UUID, owner: Owner) -> None:
    _request(alice, profile, "followers", period="7")
    assert _only(owner)["filters"] == {"period": "all"}


def test_the_page_shows_how_far_the_file_is(alice: FlaskClient, profile: UUID, owner: Owner) -> None:
    _request(alice, profile)
    assert "Queued" in _page(alice, profile)
    owner.execute(
        "update sync_jobs set state = 'RUNNING', lease_until = now() + interval '1 minute',"
        """ progress = '{"step": "write", "done": 2500, "total": 10000}'"""
    )
    page = _page(alice, profile)
    assert "Writing the file: 2,500 of 10,000 rows" in page
    assert 'max="100" value="25"' in page
    assert "data-working" in page
    assert _links(page) == []


def test_a_finished_file_has_a_link_named_download(
    alice: FlaskClient, profile: UUID, owner: Owner, files: Files
) -> None:
    _request(alice, profile)
    _written(owner, files, "id\r\nä\r\n".encode())
    page = _page(alice, profile)
    ((address, text),) = _links(page)
    assert text == "Download"
    assert "data-working" not in page
    answer = alice.get(address, buffered=True)
    assert (answer.status_code, answer.data) == (200, "id\r\nä\r\n".encode())
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=rollcall_a_followers.csv"
    assert answer.headers["Content-Length"] == "8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_a_workbook_comes_as_one(alice: FlaskClient, profile: UUID, owner: Owner, files: Files) -> None:
    content = BytesIO()
    Workbook().save(content)
    _request(alice, profile, form="xlsx")
    _written(owner, files, content.getvalue(), "rollcall_a_followers.xlsx")
    answer = alice.get(_links(_page(alice, profile))[0][0], buffered=True)
    assert answer.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert load_workbook(BytesIO(answer.data)).sheetnames == ["Sheet"]


def test_only_the_newest_file_is_called_download_so_that_no_script_takes_an_older_one(
    alice: FlaskClient, profile: UUID, owner: Owner, files: Files
) -> None:
    _request(alice, profile)
    _written(owner, files, b"old", "old.csv")
    _request(alice, profile, form="xlsx")
    assert [text for _, text in _links(_page(alice, profile))] == ["old.csv"]
    _written(owner, files, b"new", "new.xlsx")
    links = _links(_page(alice, profile))
    assert [(alice.get(address, buffered=True).data, text) for address, text in links] == [
        (b"new", "Download"),
        (b"old", "old.csv"),
    ]


def test_the_list_alone_is_what_the_open_page_asks_for(
    alice: FlaskClient, profile: UUID, owner: Owner, files: Files
) -> None:
    def look() -> tuple[str, str]:
        text = alice.get(f"/profiles/{profile}/exports/list").text
        match = re.search(r'data-version="(\w+)"', text)
        assert match is not None
        assert "<html" not in text
        return match[1], text

    _request(alice, profile)
    first, waiting = look()
    assert "data-working" in waiting
    _written(owner, files)
    second, done = look()
    assert first != second
    assert ">Download</a>" in done


def test_a_file_that_failed_says_why_and_can_be_made_again(alice: FlaskClient, profile: UUID, owner: Owner) -> None:
    _request(alice, profile, "media", "xlsx", period="90")
    owner.execute("update sync_jobs set state = 'RUNNING', lease_until = now()")
    owner.execute(
        "update sync_jobs set state = 'FAILED', error_code = 'permanent', error_params = %s",
        [Jsonb({"sentence": "The disk <is> full."})],
    )
    page = _page(alice, profile)
    assert "This file was not written. The disk &lt;is&gt; full." in page
    assert "data-working" not in page
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([\w-]+)">', page.split("Create it again")[0]))
    assert {name: hidden[name] for name in ("what", "format", "period")} == {
        "what": "media",
        "format": "xlsx",
        "period": "90",
    }


@pytest.mark.parametrize("wrong", [{"what": "secrets"}, {"format": "exe"}, {"period": "29"}, {"what": ""}])
def test_a_wish_that_no_list_offers_is_refused_with_a_sentence(
    alice: FlaskClient, profile: UUID, owner: Owner, wrong: dict[str, str]
) -> None:
    fields = {"what": "fans", "format": "csv", "period": "7", **wrong}
    answer = post(alice, f"/profiles/{profile}/exports", **fields)
    assert answer.status_code == 400
    assert 'role="alert">Choose what to export' in answer.text
    assert owner.execute("select from exports").fetchall() == []


def test_files_under_way_are_limited_and_the_page_says_so(alice: FlaskClient, profile: UUID, owner: Owner) -> None:
    for _ in range(5):
        _request(alice, profile)
    answer = post(alice, f"/profiles/{profile}/exports", what="fans", format="csv")
    assert answer.status_code == 409
    assert "5 files of this profile are being written already" in answer.text
    owner.execute("update sync_jobs set state = 'CANCELLED'")
    _request(alice, profile)


def test_deleting_takes_the_row_the_file_and_the_job(
    alice: FlaskClient, profile: UUID, owner: Owner, files: Files
) -> None:
    _request(alice, profile)
    _written(owner, files)
    path = _only(owner)["path"]
    _request(alice, profile)
    for row in owner.execute("select id from exports").fetchall():
        assert post(alice, f"/profiles/{profile}/exports/{row['id']}/delete").status_code == 302
    assert files.size(path) is None
    assert owner.execute("select from exports").fetchall() == []
    states = owner.execute("select state from sync_jobs order by seq").fetchall()
    assert [row["state"] for row in states] == ["COMPLETED", "CANCELLED"]
    assert "The export is deleted." in _page(alice, profile)


def test_a_link_whose_time_is_over_leads_to_a_fresh_one(
    app: Flask, alice: FlaskClient, profile: UUID, owner: Owner, files: Files, people: Personas
) -> None:
    _request(alice, profile)
    _written(owner, files)
    past = datetime.now(UTC) - timedelta(seconds=1)
    token = download_links.sign("k" * 32, _only(owner)["id"], people.alice, past)
    answer = alice.get(f"/profiles/{profile}/exports/{_only(owner)['id']}/download?link={token}")
    assert answer.status_code == 410
    assert "This link has expired" in answer.text
    assert f'href="/profiles/{profile}/exports">Get a fresh link' in answer.text


@pytest.mark.parametrize("how", ["deleted", "expired", "lost"])
def test_a_link_to_a_file_that_is_gone_says_so(
    alice: FlaskClient, profile: UUID, owner: Owner, files: Files, how: str
) -> None:
    _request(alice, profile)
    _written(owner, files)
    ((address, _),) = _links(_page(alice, profile))
    if how == "deleted":
        post(alice, f"/profiles/{profile}/exports/{_only(owner)['id']}/delete")
    elif how == "expired":
        owner.execute("update exports set expires_at = now()")
    else:
        files.delete(_only(owner)["path"])
    answer = alice.get(address)
    assert answer.status_code == 410
    assert "This file has expired" in answer.text


def test_a_file_whose_time_is_over_has_no_link_and_can_be_made_again(
    alice: FlaskClient, profile: UUID, owner: Owner, files: Files
) -> None:
    _request(alice, profile)
    _written(owner, files)
    owner.execute("update exports set expires_at = now()")
    page = _page(alice, profile)
    assert _links(page) == []
    assert "The file has expired and was removed" in page
    assert "Create it again" in page


def test_the_link_alone_opens_nothing(
    client: FlaskClient,
    signed_in_as: SignedInAs,
    alice: FlaskClient,
    profile: UUID,
    owner: Owner,
    files: Files,
    people: Personas,
) -> None:
    _request(alice, profile)
    _written(owner, files)
    ((address, _),) = _links(_page(alice, profile))
    asked = client.get(address)
    assert (asked.status_code, unquote(asked.headers["Location"])) == (302, f"/login?next={address}")
    for stranger in (people.bob, people.charlie):
        answer = signed_in_as(stranger).get(address)
        assert answer.status_code == 404
        assert "This link is not yours" in answer.text


def test_being_the_owner_alone_opens_nothing_either(
    alice: FlaskClient, profile: UUID, owner: Owner, files: Files
) -> None:
    _request(alice, profile)
    _written(owner, files)
    ((address, _),) = _links(_page(alice, profile))
    path, _, token = address.partition("?link=")
    first = "A" if token[0] != "A" else "B"
    for link in ("", "?link=", "?link=x.y", f"?link={first}{token[1:]}"):
        answer = alice.get(path + link)
        assert answer.status_code == 404
        assert "This link is not yours" in answer.text
    other = uuid4()
    assert alice.get(f"/profiles/{profile}/exports/{other}/download?link={token}").status_code == 404


def test_nobody_else_sees_makes_or_deletes_exports_of_the_profile(
    signed_in_as: SignedInAs, alice: FlaskClient, profile: UUID, owner: Owner, files: Files, people: Personas
) -> None:
    _request(alice, profile)
    _written(owner, files)
    row = _only(owner)
    here = f"/profiles/{profile}/exports"
    for stranger in (people.bob, people.charlie):
        browser = signed_in_as(stranger)
        assert browser.get(here).status_code == 404
        assert browser.get(f"{here}/list").status_code == 404
        assert post(browser, here, what="fans", format="csv").status_code == 404
        assert post(browser, f"{here}/{row['id']}/delete").status_code == 404
    assert _only(owner) == row
    assert files.size(row["path"]) is not None


def test_a_stranger_cannot_reach_an_export_through_a_profile_of_their_own(
    signed_in_as: SignedInAs,
    alice: FlaskClient,
    profile: UUID,
    owner: Owner,
    files: Files,
    people: Personas,
    make_profile: Callable[..., UUID],
) -> None:
    _request(alice, profile)
    _written(owner, files)
    row, own = _only(owner), make_profile(people.bob, "bob.test")
    bob = signed_in_as(people.bob)
    token = download_links.sign("k" * 32, row["id"], people.bob, datetime.now(UTC) + timedelta(minutes=1))
    assert bob.get(f"/profiles/{own}/exports/{row['id']}/download?link={token}").status_code == 410
    assert bob.get(f"/profiles/{profile}/exports/{row['id']}/download?link={token}").status_code == 404
    assert post(bob, f"/profiles/{own}/exports/{row['id']}/delete").status_code == 404
    assert _only(owner) == row


def test_an_account_that_was_never_read_is_told_what_a_file_would_hold(
    alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    page = _page(alice, make_profile(people.alice, "fresh.test"))
    assert "There is no follower list of this profile yet" in page


def test_the_address_can_choose_for_the_person(alice: FlaskClient, profile: UUID) -> None:
    page = alice.get(f"/profiles/{profile}/exports?what=lost&format=xlsx&period=90").text
    for value in ("lost", "xlsx", "90"):
        assert re.search(rf'<option value="{value}" selected>', page)
