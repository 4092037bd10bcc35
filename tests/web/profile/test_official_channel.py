"""A channel that is read by an official interface alone: no page counts requests of a browser or lists of people."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.web.conftest import SignedInAs

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
