"""The list of profiles: a card for each, with who came and left since the day before its newest reading."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def change(browser: FlaskClient) -> str:
    """What the only card says, empty where it says nothing."""
    page = browser.get("/").text
    found = re.search(r'data-testid="card-change">(.*?)</span></span>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def test_a_card_says_who_came_and_left_since_the_day_before(
    owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    history = History(owner, people.alice, make_profile(people.alice, observed_at=NOW, followers=120))
    assert change(alice) == "", "nothing was read"
    history.run(days_ago(5))
    assert change(alice) == "", "one list says nothing about changes"
    history.run(days_ago(3), gained=40)
    history.run(days_ago(1), gained=3, lost=1)
    history.run(NOW, gained=5, lost=2)
    assert change(alice) == "+8 / −3 since 19 Nov 2026"
    shift = datetime.now(UTC) - NOW
    owner.execute("update stays set since = since + %(by)s, until = until + %(by)s", {"by": shift})
    owner.execute("update list_runs set observed_end = observed_end + %s", (shift,))
    owner.execute("update profiles set observed_at = observed_at + %s", (shift,))
    assert change(alice) == "+8 / −3 since yesterday"


def test_a_card_does_not_call_leavings_0_where_the_list_was_read_in_part(
    owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    history = History(owner, people.alice, make_profile(people.alice, observed_at=NOW, followers=120))
    history.run(days_ago(9))
    history.run(NOW, "partial", gained=2)
    assert change(alice) == "+2 / n/a since 19 Nov 2026"


def test_several_profiles_are_listed_and_one_more_can_be_connected(
    people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    for name in ("first.one", "second.one"):
        make_profile(people.alice, name)
    assert alice.get("/start").headers["Location"] == "/"
    page = alice.get("/").text
    assert "@first.one" in page
    assert "@second.one" in page
    assert 'href="/connect">Connect an account</a>' in page


def test_with_a_single_profile_signing_in_leads_straight_to_it(
    people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    profile = make_profile(people.alice)
    assert alice.get("/start").headers["Location"] == f"/profiles/{profile}"
