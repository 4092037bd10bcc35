"""Audience: each breakdown with source and date, unknown as a bar of its own, and what is not given with its reason."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from tests.conftest import Personas
from tests.rig.official import READ_AT, Figures
from tests.web.conftest import SignedInAs

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def figures(owner: Owner, people: Personas, make_profile: Callable[..., UUID]) -> Figures:
    profile = make_profile(people.alice, "ada", platform="youtube", observed_at=READ_AT, timezone="Europe/Berlin")
    return Figures(owner, people.alice, profile)


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def opened(browser: FlaskClient, figures: Figures) -> str:
    answer = browser.get(f"/profiles/{figures.profile}/audience")
    assert answer.status_code == 200
    return answer.text


def words(page: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def block(page: str, name: str) -> str:
    """The HTML of one breakdown."""
    return page.split(f'data-testid="breakdown-{name}"')[1].partition("</section>")[0]


def lengths(html: str) -> list[int]:
    return [int(width) for width in re.findall(r'<rect width="(\d+)"', html)]


def test_ages_and_genders_stand_in_their_order_with_unknown_last(figures: Figures, alice: FlaskClient) -> None:
    for age, gender, value in (
        ("age25-34", "male", 30),
        ("age18-24", "female", 20),
        ("age65-", "user_specified", 10),
        ("age25-34", "female", 40 - 7.5),
    ):
        figures.share("age_gender", [age, gender], "viewer_percent", value)
    found = block(opened(alice, figures), "age_gender")
    assert (
        "Part Share of viewers 18–24, women 20 % 25–34, women 32.5 % 25–34, men 30 %"
        " 65 and older, gender in their own words 10 % Unknown 7.5 %"
    ) in words(found)
    assert lengths(found) == [62, 100, 92, 31, 23]
    assert found.count("data-unknown") == 1


def test_a_breakdown_has_its_source_its_days_and_its_limits(figures: Figures, alice: FlaskClient) -> None:
    figures.share("age_gender", ["age18-24", "female"], "viewer_percent", 100)
    shown = words(block(opened(alice, figures), "age_gender"))
    assert "From YouTube's official API, for 30 Aug 2026 to 27 Nov 2026, read on 30 Nov 2026, 19:00 CET." in shown
    assert "Part of the viewers who were signed in, by age and gender, as YouTube estimates it." in shown
    assert "YouTube leaves it out where too few people watched." in shown
    assert "Unknown" not in shown


def test_countries_have_names_and_the_unknown_one_is_last(figures: Figures, alice: FlaskClient) -> None:
    for code, views in (("ZZ", 900), ("DE", 100), ("JP", 250)):
        figures.share("country", [code], "views", views)
        figures.share("country", [code], "watch_minutes", views / 4)
    found = block(opened(alice, figures), "country")
    assert "Part Views Watch time Japan 250 62.5 min Germany 100 25 min Unknown 900 225 min" in words(found)
    assert lengths(found) == [28, 11, 100]
    assert found.count("data-unknown") == 1


def test_traffic_and_kinds_of_content_are_in_words(figures: Figures, alice: FlaskClient) -> None:
    figures.share("traffic", ["YT_SEARCH"], "views", 10)
    figures.share("traffic", ["NEW_THING"], "views", 4)
    figures.share("traffic", ["NO_LINK_OTHER"], "views", 50)
    figures.share("content_type_traffic", ["videoOnDemand", "RELATED_VIDEO"], "views", 3)
    page = opened(alice, figures)
    assert "Search on the platform 10 NEW_THING 4 Unknown 50" in words(block(page, "traffic"))
    assert "Videos, Suggested videos 3" in words(block(page, "content_type_traffic"))


def test_a_break_within_the_days_is_named(figures: Figures, alice: FlaskClient) -> None:
    figures.share("country", ["DE"], "views", 10, last=date(2026, 9, 30))
    shown = words(block(opened(alice, figures), "country"))
    assert "24 Aug 2026 lies within these days: From this day a view counts from the first frame" in shown


def test_only_the_newest_audience_is_shown(figures: Figures, alice: FlaskClient) -> None:
    figures.share("country", ["DE"], "views", 777, last=date(2026, 11, 20))
    figures.share("country", ["DE"], "views", 888)
    shown = words(opened(alice, figures))
    assert "888" in shown
    assert "777" not in shown


def test_what_is_not_given_has_its_reason_and_ages_their_own(figures: Figures, alice: FlaskClient) -> None:
    figures.share("country", ["DE"], "views", 5)
    figures.refuse("traffic", "report_refused")
    figures.refuse("views", "report_refused")
    page = opened(alice, figures)
    assert re.findall(r"not-given.*?<strong>([\w ]+)</strong>", page, re.S) == ["Traffic source"]
    shown = words(page)
    assert "Traffic source : n/a since 30 Nov 2026: YouTube does not give this figure for this account." in shown
    assert "Age and gender: n/a. YouTube gave none for these days" in shown


def test_a_missing_permission_and_a_first_sync_are_told_apart(figures: Figures, alice: FlaskClient) -> None:
    assert "No sync has read the audience of this profile yet." in words(opened(alice, figures))
    figures.refuse("audience", "permission_missing")
    shown = words(opened(alice, figures))
    assert "All of it : n/a since 30 Nov 2026: The permission for this was not given" in shown
    assert "No sync has read" not in shown


def test_another_persons_audience_is_not_there(
    figures: Figures, people: Personas, make_profile: Callable[..., UUID], signed_in_as: SignedInAs
) -> None:
    """Row security holds also where a row names a profile of one person and a user of another."""
    bob = signed_in_as(people.bob)
    assert bob.get(f"/profiles/{figures.profile}/audience").status_code == 404
    theirs = make_profile(people.bob, "bob", platform="youtube", observed_at=READ_AT)
    Figures(figures.owner, people.alice, theirs).share("country", ["DE"], "views", 987_654)
    own = bob.get(f"/profiles/{theirs}/audience")
    assert own.status_code == 200
    assert "987,654" not in own.text


@pytest.mark.slow
def test_a_narrow_screen_does_not_scroll_sideways_and_bars_are_drawn(figures: Figures, page: Page) -> None:
    figures.share("age_gender", ["age65-", "user_specified"], "viewer_percent", 60)
    for code, views in (("DE", 123_456_789), ("ZZ", 1_000)):
        figures.share("country", [code], "views", views)
        figures.share("country", [code], "watch_minutes", views)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"/profiles/{figures.profile}/audience")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    bars = page.get_by_test_id("breakdown-country").locator("rect")
    widths = [bar.evaluate("element => element.getBoundingClientRect().width") for bar in bars.all()]
    assert widths[0] > 50
    assert widths[1] < 2
