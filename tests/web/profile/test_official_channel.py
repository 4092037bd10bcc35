"""A channel that is read by an official interface alone: no page counts requests of a browser or lists of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.domain.schedules import KindSchedule
from tests.conftest import Personas
from tests.web.conftest import MakeApp, SignedInAs
from tests.web.pages import post
from web.auth.session import cookie_name

MILLION = 1_230_000


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def channel(make_profile: Callable[..., UUID], people: Personas) -> UUID:
    return make_profile(people.alice, "ada", platform="youtube", followers=MILLION, media_count=80)


def test_its_size_makes_no_sync_long_and_no_request_is_counted_down(alice: FlaskClient, channel: UUID) -> None:
    page = alice.get(f"/profiles/{channel}/settings").text
    assert "Requests to YouTube" not in page
    assert "Syncing everything" not in page
    assert "because of" not in page
    outlook = alice.get(f"/api/v1/profiles/{channel}").get_json()["reading"]
    assert (outlook["requests_per_day"], outlook["walk"]) == (None, None)


def test_no_file_of_people_is_talked_about(alice: FlaskClient, channel: UUID) -> None:
    assert "follower list" not in alice.get(f"/profiles/{channel}/exports").text


def test_rates_that_the_rules_forbid_are_said_to_be_so_until_the_operator_allows_them(
    app: Flask, make_app: MakeApp, alice: FlaskClient, channel: UUID, people: Personas
) -> None:
    forbidden = "rules forbid rates"
    assert forbidden in alice.get(f"/profiles/{channel}").text
    allowed = make_app(youtube_derived_metrics=True).test_client()
    name = cookie_name(app.extensions["rollcall"].settings)
    session = alice.get_cookie(name)
    assert session is not None
    allowed.set_cookie(name, session.value)
    page = allowed.get(f"/profiles/{channel}").text
    assert "No post of this period" in page
    assert forbidden not in page


def test_its_official_figures_have_an_interval_of_their_own(
    alice: FlaskClient, channel: UUID, schedules: Callable[[UUID], dict[str, KindSchedule]]
) -> None:
    page = alice.get(f"/profiles/{channel}/settings").text
    assert 'name="insights_every"' in page
    assert 'name="audience_every"' in page
    chosen = {"media_every": "480", "profile_every": "360", "insights_every": "2880", "audience_every": "auto"}
    assert post(alice, f"/profiles/{channel}/settings", **chosen, timezone="UTC").status_code == 302
    stored = schedules(channel)
    assert (stored["SYNC_INSIGHTS"].every, stored["SYNC_INSIGHTS"].is_automatic) == (timedelta(days=2), False)
    assert (stored["SYNC_AUDIENCE"].every, stored["SYNC_AUDIENCE"].is_automatic) == (timedelta(days=7), True)
