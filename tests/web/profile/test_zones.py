"""Pages of a profile whose time zone the database does not know, and old names in a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.domain import zones
from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.connect.test_login_form import FORM
from tests.web.pages import post
from tests.web.profile.test_settings_page import FORM as SCHEDULE
from web.profile import schedule_form

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


def stored(owner: Owner) -> str:
    (row,) = owner.execute("select timezone from public.profiles").fetchall()
    found: str = row["timezone"]
    return found


def test_every_page_of_a_profile_answers_with_an_unknown_zone(
    alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile = make_profile(people.alice, timezone="Mars/Olympus")
    for path in ("", "/followers", "/content", "/exports", "/activity", "/settings"):
        assert alice.get(f"/profiles/{profile}{path}").status_code == 200, path
    answer = alice.get(f"/api/v1/profiles/{profile}")
    assert (answer.status_code, "Mars" in answer.text) == (200, False)
    assert alice.get("/").status_code in (200, 302)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("Asia/Calcutta", "Asia/Kolkata"), ("Europe/Kiev", "Europe/Kyiv"), ("Mars/Olympus", "UTC"), ("", "UTC")],
)
def test_a_login_stores_the_new_name(alice: FlaskClient, owner: Owner, given: str, kept: str) -> None:
    assert post(alice, "/connect/instagram", **{**FORM, "timezone": given}).status_code == 302
    assert stored(owner) == kept


def test_the_settings_store_the_new_name_and_refuse_no_zone(
    alice: FlaskClient, owner: Owner, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile = make_profile(people.alice)
    form = {**SCHEDULE, "timezone": "Asia/Calcutta"}
    assert post(alice, f"/profiles/{profile}/settings", **form).status_code == 302
    assert stored(owner) == "Asia/Kolkata"
    assert 'name="timezone" type="text" value="Asia/Kolkata"' in alice.get(f"/profiles/{profile}/settings").text
    for unknown in ("Mars/Olympus", "localtime", ""):
        assert post(alice, f"/profiles/{profile}/settings", **{**form, "timezone": unknown}).status_code == 400
    assert stored(owner) == "Asia/Kolkata"


def test_the_names_to_choose_from_are_the_new_ones() -> None:
    offered = schedule_form.timezones()
    assert {"UTC", "Asia/Kolkata", "Europe/Kyiv", "Europe/Berlin"} <= set(offered)
    assert not {"Asia/Calcutta", "Europe/Kiev", "localtime"} & set(offered)


def test_a_zone_has_its_new_name_first_and_then_its_old_ones() -> None:
    assert zones.names_of("Asia/Calcutta") == ["Asia/Kolkata", "Asia/Calcutta"]
    assert zones.names_of("Asia/Kolkata") == ["Asia/Kolkata", "Asia/Calcutta"]
    assert (zones.names_of("UTC"), zones.names_of("Mars/Olympus")) == (["UTC"], [])
    assert zones.zone("Mars/Olympus").key == zones.zone("../x").key == "UTC"
