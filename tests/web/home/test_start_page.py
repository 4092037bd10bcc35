"""The start page: a card for each profile by platform, the newest posts, and a page that takes its news by itself."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def change(browser: FlaskClient) -> str:
    """What the only card says, empty where it says nothing."""
    page = browser.get("/").text
    found = re.search(r'data-testid="card-change">(.*?)</span></span>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


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


def test_cards_stand_by_platform_with_a_total_only_where_it_means_something(
    people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    make_profile(people.alice, "ada", platform="youtube", followers=1_000, media_count=3)
    make_profile(people.alice, "first.one", followers=5)
    page = alice.get("/").text
    assert re.findall(r'<h2 id="platform-(\w+)">', page) == ["instagram", "youtube"]
    assert 'data-testid="total"' not in page
    make_profile(people.alice, "second.one", followers=7)
    make_profile(people.alice, "bea", platform="youtube", followers=2_000)
    totals = [words(found) for found in re.findall(r'data-testid="total">(.*?)</p>', alice.get("/").text, re.S)]
    assert totals == [
        "12 followers together; people who follow several of these profiles are counted for each",
        "The platform&#39;s rules forbid sums worked out from its figures.",
    ]


def test_a_card_has_posts_and_the_rate_or_why_there_is_none(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    profile = make_profile(people.alice, observed_at=NOW, followers=120, media_count=31)
    history = History(owner, people.alice, profile)
    history.medium("m", days_ago(1), er_formula="er_views", er_numerator=5, er_denominator=40, kind="reel")
    page = alice.get("/").text
    assert "Posts 31 Engagement, 28 days 12.5 %" in words(page)
    assert "Newest posts" not in page, "a single profile has them on its own page"
    make_profile(people.alice, "ada", platform="youtube", observed_at=NOW)
    page = alice.get("/").text
    assert "Posts n/a Engagement, 28 days n/a" in words(page)
    assert 'title="The platform&#39;s rules forbid rates worked out from its figures."' in page


def test_a_platform_without_names_shows_the_change_of_its_counter(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    profile = make_profile(people.alice, "ada", platform="youtube", observed_at=NOW, followers=118)
    assert change(alice) == "", "one counter says nothing about changes"
    history = History(owner, people.alice, profile)
    history.counted(days_ago(1), 120)
    history.counted(NOW, 118)
    assert change(alice) == "−2 since 19 Nov 2026"


def test_the_ten_newest_posts_of_all_profiles_are_listed(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], alice: FlaskClient
) -> None:
    for place, name in enumerate(("first.one", "second.one")):
        history = History(owner, people.alice, make_profile(people.alice, name))
        for number in range(6):
            caption = None if number else f"<b>words</b> of {name}"
            history.medium(f"{name}{number}", days_ago(2 * number + place), caption=caption, likes=1_234, plays=7)
    rows = re.findall(r'<tr data-testid="new-post">(.*?)</tr>', alice.get("/").text, re.S)
    assert len(rows) == 10
    assert words(rows[0]) == (
        "20 Nov 2026, 12:00 UTC @first.one Instagram &lt;b&gt;words&lt;/b&gt; of first.one 1,234 n/a 7"
    )
    assert "@second.one" in rows[1]
    assert "No caption" in rows[2]


def test_the_page_takes_new_data_by_itself_but_not_under_the_readers_focus(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], page: Page
) -> None:
    profile = make_profile(people.alice, followers=120)
    news = "update profiles set followers = %s, version = version + 1 where id = %s"
    page.clock.install()
    page.goto("/")
    expect(page.locator(".card-figure")).to_contain_text("120")
    owner.execute(news, [121, profile])
    page.clock.run_for(61_000)
    expect(page.locator(".card-figure")).to_contain_text("121")
    page.locator(".card-link").focus()
    owner.execute(news, [122, profile])
    with page.expect_response("**/api/v1/profiles"):
        page.clock.run_for(61_000)
    expect(page.locator(".card-figure")).to_contain_text("121")
    page.locator(".card-link").blur()
    page.clock.run_for(61_000)
    expect(page.locator(".card-figure")).to_contain_text("122")
