"""The dates of a page: presets, typed dates and the comparison, all in the address and kept from page to page."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.domain.periods import PRESETS
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs

PAGES = ("", "/followers", "/content", "/insights")


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    """A person who gained 1 follower 40 days ago, 2 follow 30, 4 follow 20 and 8 follow 3 days ago."""
    profile = make_profile(people.alice, observed_at=NOW, followers=120)
    made = History(owner, people.alice, profile)
    made.run(days_ago(80))
    for days, gained in ((40, 1), (30, 2), (20, 4), (3, 8)):
        made.run(days_ago(days), gained=gained)
    for days, followers in ((80, 90), (40, 91), (30, 95), (0, 120)):
        made.counted(days_ago(days), followers)
    return made


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def day(days: int) -> str:
    return (NOW - timedelta(days=days)).date().isoformat()


def page(browser: FlaskClient, history: History, path: str = "", **query: str) -> str:
    answer = browser.get(f"/profiles/{history.profile}{path}", query_string=query)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def gained(text: str) -> tuple[str, str]:
    match = re.search(r'data-testid="figure-gained"\s+data-value="([^"]*)"\s+data-before="([^"]*)"', text)
    assert match is not None
    return match[1], match[2]


def followers(text: str) -> tuple[str, str]:
    match = re.search(r'data-testid="figure-followers"\s+data-value="([^"]*)"\s+data-before="([^"]*)"', text)
    assert match is not None
    return match[1], match[2]


def test_typed_dates_show_these_days_and_the_counter_at_their_end(history: History, alice: FlaskClient) -> None:
    for query in ({"from": day(31), "to": day(19)}, {"period": f"{day(19)}..{day(31)}"}):
        text = page(alice, history, **query)
        assert gained(text)[0] == "6"
        assert followers(text) == ("95", "91")


def test_a_comparison_is_made_with_the_days_that_were_chosen(history: History, alice: FlaskClient) -> None:
    days = f"{day(9)}..{day(0)}"
    assert gained(page(alice, history, period=days)) == ("8", "4")
    assert gained(page(alice, history, period=days, compare="previous")) == ("8", "")
    assert gained(page(alice, history, period=days, compare=f"{day(31)}..{day(19)}")) == ("8", "6")
    custom = {"compare": "custom", "compare-from": day(41), "compare-to": day(29)}
    assert gained(page(alice, history, period=days, **custom)) == ("8", "3")


def test_days_that_overlap_what_they_are_compared_with_count_in_both(history: History, alice: FlaskClient) -> None:
    er = {"er_formula": "er_followers_at_post", "er_numerator": 30, "er_denominator": 1000}
    history.medium("m1", days_ago(2), **er)
    text = " ".join(page(alice, history, period="7", compare=f"{day(3)}..{day(1)}").split())
    assert gained(text) == ("8", "8"), text
    assert re.search(r"vs 3\.00 % \([^)]+\), 1 post", text)


def test_no_comparison_is_shown_where_none_was_chosen(history: History, alice: FlaskClient) -> None:
    text = page(alice, history, period="7", compare="none")
    assert gained(text) == ("8", "")
    assert "No comparison" not in text
    assert "from 95 at the start" in text


def test_the_share_of_the_days_compared_with_that_is_known_is_told(history: History, alice: FlaskClient) -> None:
    text = " ".join(page(alice, history, period="90").split())
    assert "No comparison: Rollcall started on" in text
    assert "of the days compared with are known" not in text, "none of them is"
    text = " ".join(page(alice, history, period=f"{day(49)}..{day(0)}").split())
    assert "48.0 % of the days compared with are known." in text


@pytest.mark.parametrize("path", PAGES)
def test_each_page_takes_every_preset_and_keeps_the_dates(history: History, alice: FlaskClient, path: str) -> None:
    for preset in PRESETS:
        text = page(alice, history, path, period=preset)
        assert re.search(rf'href="[^"]*period={preset}"\s+aria-current="true"', text), preset
    text = page(alice, history, path, period=f"{day(31)}..{day(19)}", compare="year")
    tabs = re.findall(rf'<a href="/profiles/{history.profile}(?:/\w+)?\?([^"]+)"', text)
    kept = [parse_qs(query) for query in tabs]
    wanted = {"period": [f"{day(31)}..{day(19)}"], "compare": ["year"]}
    assert sum(query == wanted for query in kept) >= len(PAGES)


def test_a_form_of_dates_keeps_the_filters_of_its_page(history: History, alice: FlaskClient) -> None:
    text = page(alice, history, "/followers", kind="new", q="a", period="7", compare="year")
    form = re.search(r'aria-label="Dates of your own">(.*?)</form>', text, re.DOTALL)
    assert form is not None
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', form[1]))
    assert hidden == {"kind": "new", "q": "a", "compare": "year"}


def test_a_link_to_another_period_leaves_typed_dates_out(history: History, alice: FlaskClient) -> None:
    text = page(alice, history, **{"from": day(31), "to": day(19), "compare": "year"})
    links = [parse_qs(urlsplit(href).query) for href in re.findall(r'href="([^"]*period=90[^"]*)"', text)]
    assert {"period": ["90"], "compare": ["year"]} in links


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-02-30", "to": "2026-03-01"},
        {"from": "2026-03-01"},
        {"period": "2026-03-01..soon"},
        {"compare": "2026-13-01..2026-03-01"},
        {"compare": "custom"},
    ],
)
def test_dates_that_do_not_exist_are_refused_with_what_to_type(
    history: History, alice: FlaskClient, query: dict[str, str]
) -> None:
    for path in PAGES:
        answer = alice.get(f"/profiles/{history.profile}{path}", query_string=query)
        assert answer.status_code == 400
        assert "Type both as year, month and day: 2026-03-31." in answer.text


def test_an_export_takes_the_dates_of_the_page(history: History, alice: FlaskClient) -> None:
    days = f"{day(31)}..{day(19)}"
    text = page(alice, history, "/exports", what="new", period=days)
    option = re.search(rf'<option value="{re.escape(days)}"([^>]*)>', text)
    assert option is not None
    assert "selected" in option[1]


def test_the_json_says_what_is_compared(history: History, alice: FlaskClient) -> None:
    address = f"/api/v1/profiles/{history.profile}"
    told = alice.get(address, query_string={"period": "30"}).get_json()["period"]
    assert (told["choice"], told["days"], told["compared_with"]["days"]) == ("30", 30, 30)
    assert alice.get(address, query_string={"compare": "none"}).get_json()["period"]["compared_with"] is None
