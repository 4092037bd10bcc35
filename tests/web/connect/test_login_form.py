"""Connecting: what a person enters is checked, sealed for the worker, and readable nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from shared.domain.input.instagram_names import clean_username
from shared.errors import SealedWrong
from shared.vault import KeyRing, Purpose
from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.pages import post

Owner = psycopg.Connection[dict[str, Any]]
PASSWORD = "canary-password-7f3a"
SECRET = "JBSW Y3DP EHPK 3PXP JBSW Y3DP"
FORM = {"username": "Alice.Test", "password": PASSWORD, "totp_secret": SECRET, "owned": "yes"}


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


def _everything(owner: Owner) -> str:
    """Every row of every table of ours, as text."""
    tables = owner.execute(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('public', 'rollcall', 'auth') and c.relkind = 'r'"
    ).fetchall()
    texts: list[str] = []
    for table in tables:
        name = sql.Identifier(table["nspname"], table["relname"])
        texts += [row["whole"] for row in owner.execute(sql.SQL("select t::text as whole from {} t").format(name))]
    return "\n".join(texts)


def test_a_login_becomes_a_profile_a_connection_and_a_sealed_job(
    alice: FlaskClient, people: Personas, owner: Owner, ring: KeyRing
) -> None:
    began = datetime.now(UTC)
    answer = post(alice, "/connect/instagram", **FORM, timezone="Europe/Berlin")
    ended = datetime.now(UTC)
    assert answer.status_code == 302
    job_id = UUID(answer.headers["Location"].rsplit("/", 1)[1])
    (job,) = owner.execute("select * from public.sync_jobs").fetchall()
    (profile,) = owner.execute("select * from public.profiles").fetchall()
    (connection,) = owner.execute("select * from public.connections").fetchall()
    assert (job["id"], job["kind"], job["state"], job["args"]) == (job_id, "LOGIN", "PENDING", {})
    # What is sealed counts whole seconds.
    assert began - timedelta(seconds=1) <= job["sealed_expires_at"] - timedelta(minutes=15) <= ended
    assert (profile["username"], profile["state"]) == ("alice.test", "CONNECTING")
    assert (profile["user_id"], profile["timezone"]) == (people.alice, "Europe/Berlin")
    assert (connection["method"], connection["state"], connection["secret"]) == ("browser", "PENDING", None)
    opened = ring.open(
        job["sealed"], purpose=Purpose.LOGIN, user_id=people.alice, subject_id=job_id, now=datetime.now(UTC)
    )
    assert json.loads(opened) == {
        "username": "alice.test",
        "password": PASSWORD,
        "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DP",
        "log_in_again": False,
    }
    with pytest.raises(SealedWrong):
        ring.open(job["sealed"], purpose=Purpose.LOGIN, user_id=people.bob, subject_id=job_id, now=datetime.now(UTC))


def test_without_an_authenticator_secret_there_is_none(
    alice: FlaskClient, people: Personas, owner: Owner, ring: KeyRing
) -> None:
    post(alice, "/connect/instagram", **{**FORM, "totp_secret": "  "})
    (job,) = owner.execute("select id, sealed from public.sync_jobs").fetchall()
    opened = ring.open(
        job["sealed"], purpose=Purpose.LOGIN, user_id=people.alice, subject_id=job["id"], now=datetime.now(UTC)
    )
    assert json.loads(opened)["totp_secret"] is None


def test_no_secret_is_in_a_row_a_log_a_cookie_or_a_page(
    alice: FlaskClient, owner: Owner, capfd: pytest.CaptureFixture[str]
) -> None:
    pages = [post(alice, "/connect/instagram", **{**FORM, "owned": "", "username": "no name!"})]
    pages.append(post(alice, "/connect/instagram", **FORM))
    pages += [alice.get(pages[-1].headers["Location"]), alice.get("/"), post(alice, "/connect/instagram", **FORM)]
    said = _everything(owner) + "".join(page.text + str(page.headers) for page in pages)
    out, err = capfd.readouterr()
    for canary in (PASSWORD, SECRET, SECRET.replace(" ", "")):
        assert canary not in said
        assert canary.encode().hex() not in said
        assert canary not in out + err
    assert "login_enqueued" in out + err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"username": ""}, "Enter the name after instagram.com/"),
        ({"username": "two words"}, "Enter the name after instagram.com/"),
        ({"username": "x" * 31}, "Enter the name after instagram.com/"),
        ({"username": "nul\0"}, "Enter the name after instagram.com/"),
        ({"password": ""}, "Enter your Instagram password"),
        ({"password": "x" * 257}, "too long"),
        ({"totp_secret": "123456"}, "not an authenticator secret"),
        ({"owned": None}, "for their owners only"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept_but_secrets(
    alice: FlaskClient, owner: Owner, change: dict[str, str | None], words: str
) -> None:
    form = {key: value for key, value in {**FORM, **change}.items() if value is not None}
    answer = post(alice, "/connect/instagram", **form)
    assert answer.status_code == 400
    assert words in answer.text
    assert PASSWORD not in answer.text
    assert "JBSW" not in answer.text
    if "username" not in change:
        assert 'value="Alice.Test"' in answer.text
    if "owned" not in change:
        assert 'value="yes" required checked' in answer.text
    assert owner.execute("select 1 from public.profiles").fetchone() is None


@pytest.mark.parametrize(
    "typed",
    [
        "@Some_One.1",
        "  some_one.1 ",
        "https://www.instagram.com/some_one.1/?hl=en",
        "instagram.com/some_one.1",
        "HTTPS://INSTAGRAM.COM/Some_One.1#top",
        "https://instagram.com/@some_one.1/reels/",
    ],
)
def test_usernames_are_taken_as_people_paste_them(typed: str) -> None:
    assert clean_username(typed) == "some_one.1"


@given(st.text())
def test_a_cleaned_username_is_plain_and_stays_as_it_is(typed: str) -> None:
    cleaned = clean_username(typed)
    if cleaned is not None:
        assert clean_username(cleaned) == cleaned
        assert set(cleaned) <= set("abcdefghijklmnopqrstuvwxyz0123456789._")


def test_a_second_login_goes_to_the_one_under_way(alice: FlaskClient, owner: Owner) -> None:
    first = post(alice, "/connect/instagram", **FORM).headers["Location"]
    second = post(alice, "/connect/instagram", **{**FORM, "username": "@alice.test"}).headers["Location"]
    assert first == second
    assert "already under way" in alice.get(second).text
    row = owner.execute("select count(*) as jobs, count(distinct profile_id) as p from public.sync_jobs").fetchone()
    assert row == {"jobs": 1, "p": 1}


def test_connecting_again_keeps_the_profile_and_its_connection(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Callable[..., UUID]
) -> None:
    profile = make_profile(people.alice, state="NEEDS_LOGIN")
    owner.execute(
        "insert into public.connections (user_id, profile_id, method, state, secret)"
        " values (%s, %s, 'browser', 'EXPIRED', 'x')",
        [people.alice, profile],
    )
    assert post(alice, "/connect/instagram", **FORM).status_code == 302
    rows = owner.execute("select state, secret from public.connections").fetchall()
    assert rows == [{"state": "EXPIRED", "secret": b"x"}]
    assert owner.execute("select id from public.profiles").fetchall() == [{"id": profile}]


def test_a_disconnected_profile_is_connecting_again(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Callable[..., UUID]
) -> None:
    make_profile(people.alice, state="DISCONNECTED")
    post(alice, "/connect/instagram", **FORM)
    assert owner.execute("select state from public.profiles").fetchall() == [{"state": "CONNECTING"}]


def test_a_profile_that_is_being_deleted_is_waited_for(
    alice: FlaskClient, people: Personas, owner: Owner, make_profile: Callable[..., UUID]
) -> None:
    make_profile(people.alice, state="DELETING")
    answer = post(alice, "/connect/instagram", **FORM)
    assert answer.status_code == 409
    assert "being deleted" in answer.text
    assert owner.execute("select 1 from public.sync_jobs").fetchone() is None


def test_two_people_may_follow_up_the_same_name(
    alice: FlaskClient, signed_in_as: SignedInAs, people: Personas, owner: Owner
) -> None:
    post(alice, "/connect/instagram", **FORM)
    post(signed_in_as(people.bob), "/connect/instagram", **FORM)
    rows = owner.execute("select user_id from public.sync_jobs order by seq").fetchall()
    assert [row["user_id"] for row in rows] == [people.alice, people.bob]


def test_rollcall_is_no_place_to_guess_passwords(alice: FlaskClient) -> None:
    statuses = [post(alice, "/connect/instagram", **FORM).status_code for _ in range(21)]
    assert statuses == [302] * 20 + [429]


def test_the_official_way_in_is_first_and_the_risk_stands_before_the_login(alice: FlaskClient) -> None:
    page = alice.get("/connect").text
    assert re.findall(r'<h2 id="(\w+)">', page) == [
        "instagram",
        "facebook",
        "browser",
        "cookies",
        "window",
        "data_download",
        "comparison",
    ]
    ways = {name: page.split(f'id="{name}"')[1].partition("</section>")[0] for name in ("instagram", "facebook")}
    assert "Recommended" in ways["instagram"]
    assert "For an account that is linked to a Facebook page" in ways["facebook"]
    assert "Recommended" not in ways["facebook"]
    assert page.count("against Instagram&#39;s terms") + page.count("against Instagram's terms") == 3
    form = alice.get("/connect/instagram").text
    for words in ("What a browser login risks", "suspend", "for an account of your own only"):
        assert words in form


def test_fields_are_named_as_scripts_expect(alice: FlaskClient) -> None:
    page = alice.get("/connect/instagram?username=@Alice.Test").text
    for label in (
        "Instagram username",
        "Instagram password",
        "Authenticator secret (optional)",
        "I own this account",
    ):
        assert f">{label}</label>" in page
    assert ">Connect</button>" in page
    assert 'value="alice.test"' in page
