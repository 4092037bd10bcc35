"""Insights: official days with their gaps and breaks, the platform's own totals, and what is refused since when."""

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from shared.domain.jobs import JobKind
from tests.conftest import Personas
from tests.rig.official import READ_AT, Figures
from tests.web.conftest import SignedInAs

Owner = psycopg.Connection[dict[str, Any]]
LAST = date(2026, 11, 30)


@pytest.fixture
def figures(owner: Owner, people: Personas, make_profile: Callable[..., UUID]) -> Figures:
    profile = make_profile(people.alice, "ada", platform="youtube", observed_at=READ_AT, timezone="Europe/Berlin")
    return Figures(owner, people.alice, profile)


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def opened(browser: FlaskClient, figures: Figures, query: str = "") -> str:
    answer = browser.get(f"/profiles/{figures.profile}/insights{query}")
    assert answer.status_code == 200
    return answer.text


def words(page: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def spec(page: str) -> dict[str, Any]:
    """The specification of the page's only chart."""
    (found,) = re.findall(r'<script type="application/json" id="spec-google">(.*?)</script>', page, re.S)
    made: dict[str, Any] = json.loads(found)
    return made


def rows(page: str) -> list[tuple[str, str]]:
    """Day and value of each row of the table, the newest first."""
    return re.findall(r'<tr data-day="([\d-]+)" data-value="([\d.]*)"', page)


def test_a_metric_has_its_days_in_chart_and_table_with_source_and_date(figures: Figures, alice: FlaskClient) -> None:
    figures.days("views", date(2026, 11, 24), 10, 12, 0)
    figures.cover(date(2026, 11, 24), date(2026, 11, 26))
    page = opened(alice, figures)
    assert rows(page) == [("2026-11-26", "0"), ("2026-11-25", "12"), ("2026-11-24", "10")]
    assert [point["value"] for point in spec(page)["datasets"]["points"]] == [10, 12, 0]
    shown = words(page)
    assert "Starts of your videos, as YouTube counts views." in shown
    assert "By day, from YouTube's official API. Read on 30 Nov 2026, 19:00 CET." in shown
    assert "Days are those of YouTube, in America/Los_Angeles." in shown
    assert "Views from 24 Nov 2026 to 26 Nov 2026: between 0 and 12 a day." in unescape(page)


def test_a_gap_is_no_zero_and_no_line_crosses_it(figures: Figures, alice: FlaskClient) -> None:
    figures.days("views", date(2026, 11, 20), 5, 6)
    figures.days("views", date(2026, 11, 23), 7, 8)
    figures.cover(date(2026, 11, 20), LAST)
    page = opened(alice, figures)
    assert dict(rows(page))["2026-11-22"] == ""
    points = spec(page)["datasets"]["points"]
    assert [(point["value"], point["part"]) for point in points] == [(5, 0), (6, 0), (7, 1), (8, 1)]
    assert "22 Nov 2026 n/a no figure" in words(page)
    assert "29 Nov 2026 n/a not reported yet" in words(page)
    assert "7 days have no figure." in words(page.replace('aria-label="', ">"))


def test_a_day_that_may_change_is_marked(figures: Figures, alice: FlaskClient) -> None:
    figures.day("views", date(2026, 11, 27), 5)
    figures.day("views", date(2026, 11, 28), 6, provisional=True)
    figures.cover(date(2026, 11, 27), date(2026, 11, 28))
    page = opened(alice, figures)
    assert [point["dot"] for point in spec(page)["datasets"]["points"]] == ["settled", "provisional"]
    assert page.count("data-provisional") == 1
    assert "28 Nov 2026 6 may still change" in words(page)


def test_a_break_is_drawn_and_named_and_nothing_is_compared_across_it(figures: Figures, alice: FlaskClient) -> None:
    figures.days("views", date(2026, 8, 22), 10, 12, 40, 44)
    figures.cover(date(2026, 8, 22), date(2026, 8, 25))
    page = opened(alice, figures, "?period=365")
    data = spec(page)["datasets"]
    assert [(mark["name"]) for mark in data["breaks"]] == ["24 Aug 2026"]
    assert [point["part"] for point in data["points"]] == [0, 0, 1, 1]
    shown = unescape(page)
    assert "Views from 22 Aug 2026 to 23 Aug 2026: between 10 and 12 a day." in shown
    assert "Views from 24 Aug 2026 to 25 Aug 2026: between 40 and 44 a day." in shown
    assert page.index('data-day="2026-08-24"') < page.index('data-break="2026-08-24"')
    assert page.index('data-break="2026-08-24"') < page.index('data-day="2026-08-23"')
    assert "From this day a view counts from the first frame" in shown
    assert "data-break" not in opened(alice, figures, "?period=365&metric=engaged_views")


def test_the_platforms_own_totals_stand_side_by_side(figures: Figures, alice: FlaskClient) -> None:
    figures.total("views", date(2026, 11, 21), date(2026, 11, 27), 70)
    figures.total("views", date(2026, 10, 31), date(2026, 11, 27), 271)
    figures.total("average_view_seconds", date(2026, 11, 21), date(2026, 11, 27), 93.518)
    figures.cover(date(2026, 11, 1), date(2026, 11, 27))
    shown = words(opened(alice, figures))
    assert "YouTube's own totals up to 27 Nov 2026, from YouTube's official API" in shown
    assert "Figure 7 days 28 days Views 70 271" in shown
    assert "Average view 93.52 s n/a" in shown


def test_a_total_over_a_break_says_so(figures: Figures, alice: FlaskClient) -> None:
    figures.total("views", date(2026, 8, 20), date(2026, 8, 26), 70)
    figures.total("likes", date(2026, 8, 20), date(2026, 8, 26), 7)
    figures.cover(date(2026, 8, 1), date(2026, 8, 26))
    shown = words(opened(alice, figures))
    assert "Views 70 counted in two ways: before 24 Aug 2026 and after" in shown
    assert shown.count("counted in two ways") == 1


def test_a_refused_metric_is_na_since_a_day_with_the_reason(figures: Figures, alice: FlaskClient) -> None:
    figures.days("shares", date(2026, 11, 20), 3)
    figures.total("shares", date(2026, 11, 21), date(2026, 11, 27), 30)
    figures.total("likes", date(2026, 11, 21), date(2026, 11, 27), 31)
    figures.refuse("shares", "report_refused")
    figures.cover(date(2026, 11, 20), date(2026, 11, 27))
    shown = words(opened(alice, figures, "?metric=shares"))
    reason = "n/a since 30 Nov 2026: YouTube does not give this figure for this account."
    assert f"Uses of the share button under your videos. {reason}" in shown
    assert f"Shares {reason}" in shown
    assert "Likes 31" in shown


def test_a_missing_permission_is_told_apart_from_no_data(figures: Figures, alice: FlaskClient) -> None:
    figures.refuse("views", "permission_missing")
    shown = words(opened(alice, figures))
    assert "n/a since 30 Nov 2026: The permission for this was not given when the account was connected." in shown
    assert "Connect the account again and leave every permission ticked." in shown


def test_before_the_first_sync_the_page_says_what_it_waits_for(
    figures: Figures, alice: FlaskClient, make_job: Callable[..., UUID]
) -> None:
    assert "No sync has read official figures of this profile yet." in words(opened(alice, figures))
    make_job(figures.user, figures.profile, JobKind.SYNC_INSIGHTS)
    assert "See the progress" in opened(alice, figures)


def test_the_period_narrows_the_days_and_stays_with_the_metric(figures: Figures, alice: FlaskClient) -> None:
    figures.days("likes", date(2026, 11, 1), *range(27))
    figures.cover(date(2026, 11, 1), date(2026, 11, 27), complete=False)
    page = opened(alice, figures, "?metric=likes&period=7")
    assert [day for day, _value in rows(page)] == ["2026-11-27", "2026-11-26", "2026-11-25", "2026-11-24"]
    assert "metric=shares&amp;period=7" in page
    assert "metric=likes&amp;period=90" in page
    assert "Earlier days are still to be read." not in words(page)
    assert "Earlier days are still to be read." in words(opened(alice, figures, "?metric=likes&period=90"))


def test_another_persons_figures_are_not_there(
    figures: Figures, people: Personas, make_profile: Callable[..., UUID], signed_in_as: SignedInAs
) -> None:
    """Row security holds also where a row names a profile of one person and a user of another."""
    figures.days("views", date(2026, 11, 24), 987_654)
    figures.cover(date(2026, 11, 24), date(2026, 11, 24))
    bob = signed_in_as(people.bob)
    assert bob.get(f"/profiles/{figures.profile}/insights").status_code == 404
    theirs = make_profile(people.bob, "bob", platform="youtube", observed_at=READ_AT)
    Figures(figures.owner, people.alice, theirs).days("views", date(2026, 11, 24), 987_654)
    own = bob.get(f"/profiles/{theirs}/insights")
    assert own.status_code == 200
    assert "987,654" not in own.text


def test_a_profile_without_the_official_way_in_says_how_to_get_figures(
    alice: FlaskClient,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_connection: Callable[..., UUID],
    owner: psycopg.Connection[Any],
) -> None:
    profile = make_profile(people.alice, "ada")
    make_connection(profile)
    owner.execute("select rollcall.offer_schedules()")
    page = words(alice.get(f"/profiles/{profile}/insights").text)
    assert "Only the official API of Instagram has daily figures." in page
    owner.execute("update connections set method = 'instagram_login' where profile_id = %s", (profile,))
    owner.execute("select rollcall.offer_schedules()")
    assert "No sync has read official figures of this profile yet." in words(
        alice.get(f"/profiles/{profile}/insights").text
    )


def test_where_the_platform_names_no_followers_the_pages_say_so(figures: Figures, alice: FlaskClient) -> None:
    root = f"/profiles/{figures.profile}"
    said = "YouTube does not say who follows this profile"
    for path in ("", "/followers", "/followers?kind=ghosts", "/followers?kind=lost&q=x"):
        page = alice.get(f"{root}{path}").text
        assert said in words(page)
        assert f'<a href="{root}/insights">Insights</a>' in page
        assert 'data-testid="kind-all"' not in page
    assert "YouTube rounds the number to three digits" in words(alice.get(root).text)
    assert f'href="{root}/followers"' not in alice.get(root).text


def test_where_the_platform_names_them_no_page_says_that_it_does_not(
    alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    other = make_profile(people.alice, "ada")
    for path in ("", "/followers"):
        assert "does not say who follows" not in alice.get(f"/profiles/{other}{path}").text


def test_days_and_audience_are_offered_as_files(figures: Figures, alice: FlaskClient) -> None:
    figures.day("views", date(2026, 11, 24), 1)
    figures.cover(date(2026, 11, 24), date(2026, 11, 24))
    root = f"/profiles/{figures.profile}"
    assert f'href="{root}/exports?what=insights&amp;period=7"' in opened(alice, figures, "?period=7")
    page = alice.get(f"{root}/exports?what=audience").text
    chosen = re.findall(r'<option value="([\w-]+)"( selected)?', page.split("</select>")[0])
    assert chosen == [("media", ""), ("days", ""), ("insights", ""), ("audience", " selected")]
    assert "no follower list" not in page


@pytest.mark.slow
def test_the_chart_is_drawn_and_a_narrow_screen_does_not_scroll_sideways(figures: Figures, page: Page) -> None:
    figures.days("views", date(2026, 8, 1), *range(100, 190))
    figures.total("views", date(2026, 10, 1), date(2026, 10, 28), 12_345_678)
    figures.refuse("shares", "permission_missing")
    figures.cover(date(2026, 8, 1), LAST)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"/profiles/{figures.profile}/insights?period=365")
    drawn = page.locator("[data-chart=spec-google] svg")
    drawn.scroll_into_view_if_needed()
    expect(drawn.get_by_text("24 Aug 2026")).to_be_visible()
    assert drawn.locator(".mark-line path").count() == 2
    page.get_by_text("Show as a table").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_figures_of_an_earlier_program_stand_beside_the_official_ones_and_are_not_mixed(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    profile = make_profile(people.alice, "ada", observed_at=READ_AT, timezone="Europe/Berlin")
    official = Figures(owner, people.alice, profile, "instagram_login")
    old = Figures(owner, people.alice, profile, "legacy")
    for one, value in ((official, 130), (old, 120)):
        one.day("reach", date(2026, 11, 24), value)
        one.cover(date(2026, 11, 24), date(2026, 11, 24))
    page = opened(alice, official, "?metric=reach")
    assert "By day, from Instagram's official API." in words(page)
    assert "By day, from an earlier program." in words(page)
    assert rows(page) == [("2026-11-24", "130"), ("2026-11-24", "120")]
