"""The overview: numbers of hand-made histories, each against the period before, and n/a with its reason."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.domain.growth import Missing
from shared.domain.traversal.list_verdict import Evidence, judge
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs

TOO_LONG = "a_very.long_username_that_never_ends_" * 3
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    profile = make_profile(people.alice, observed_at=NOW, followers=120, display_name=HOSTILE)
    return History(owner, people.alice, profile)


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def overview(browser: FlaskClient, history: History, query: str = "") -> str:
    answer = browser.get(f"/profiles/{history.profile}{query}")
    assert answer.status_code == 200
    return answer.text


def figure(page: str, name: str) -> tuple[str, str]:
    """The value and the one before of a big number; empty where n/a."""
    match = re.search(rf'data-testid="figure-{name}"\s+data-value="([^"]*)"(?:\s+data-before="([^"]*)")?', page)
    assert match is not None
    return match[1], match[2] or ""


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_each_number_is_shown_against_the_period_before(history: History, alice: FlaskClient) -> None:
    history.run(days_ago(40), gained=0)
    for days, gained, lost in ((20, 4, 1), (10, 3, 1), (8, 2, 1), (3, 6, 2), (0, 5, 1)):
        history.run(days_ago(days), gained=gained, lost=lost)
    for age, followers in ((20.0, 90), (7.2, 112), (3.0, 116), (0.0, 120)):
        history.counted(days_ago(age), followers)
    page = overview(alice, history, "?period=7")
    assert figure(page, "gained") == ("11", "5")
    assert figure(page, "lost") == ("3", "2")
    assert figure(page, "net") == ("8", "3")
    assert figure(page, "followers") == ("120", "112")
    assert "+8 (7.14 %) from 112 at the start" in text(page)


def test_a_period_begins_with_its_first_day_and_holds_no_moment_before(history: History, alice: FlaskClient) -> None:
    history.run(days_ago(60))
    midnight = NOW.replace(hour=0) - timedelta(days=6)
    history.run(midnight, gained=3)
    history.run(midnight - timedelta(seconds=1), gained=40)
    assert figure(overview(alice, history, "?period=7"), "gained") == ("3", "40")


def test_before_anything_is_read_all_is_unknown_and_says_so(
    people: Personas, alice: FlaskClient, owner: psycopg.Connection[dict[str, Any]], make_profile: Callable[..., UUID]
) -> None:
    page = overview(alice, History(owner, people.alice, make_profile(people.alice, "fresh.one")), "?period=90")
    for name in ("followers", "net", "gained", "lost", "engagement"):
        assert figure(page, name)[0] == ""
    assert text(page).count("Not known yet") == 4
    assert Missing.NO_POSTS in unescape(page)
    assert Missing.NEVER_READ not in unescape(page)
    assert "Neither list is known yet." in page


def test_one_reading_is_no_change(history: History, alice: FlaskClient) -> None:
    history.run(days_ago(1))
    page = overview(alice, history)
    assert figure(page, "gained") == ("", "")
    assert text(page).count("Not known yet") == 3
    assert Missing.ONE_LIST not in unescape(page), "the first steps say it once"


def test_without_a_period_before_the_start_of_the_history_is_told(history: History, alice: FlaskClient) -> None:
    history.run(days_ago(10))
    history.run(days_ago(1), gained=2)
    said = text(overview(alice, history))
    assert "No comparison: Rollcall started on 10 Nov 2026." in said
    assert "No comparison. " not in said


def test_a_partial_list_says_who_came_and_why_nobody_left(history: History, alice: FlaskClient) -> None:
    history.run(days_ago(60))
    history.run(days_ago(1), "partial", gained=2, reason="The list was not read to its end: 3 people could be read.")
    page = overview(alice, history)
    assert figure(page, "gained")[0] == "2"
    assert figure(page, "lost")[0] == figure(page, "net")[0] == ""
    assert 'data-testid="verdict-follower" data-verdict="partial"' in page
    assert "The list was not read to its end: 3 people could be read." in page
    assert "The last complete one is of 21 Sep 2026, 12:00 UTC." in text(page)


def test_a_gap_is_told_with_its_usual_reason(history: History, alice: FlaskClient) -> None:
    judged = judge(2070, Evidence(2100, 2100, natural_end=True))
    history.run(days_ago(1), judged.kind, seen=2070, reason=judged.reason)
    page = text(overview(alice, history))
    assert "The list shows 30 fewer people than the profile counts: usually deactivated accounts" in page


def test_engagement_is_the_median_of_one_formula_with_its_id_and_pooled_mean(
    history: History, alice: FlaskClient
) -> None:
    for number, likes in enumerate((10, 20, 30, 40, 500)):
        er = {"er_formula": "er_followers_at_post", "er_numerator": likes, "er_denominator": 1000}
        history.medium(f"m{number}", days_ago(number + 1), **er)
    for number in range(2):
        er = {"er_formula": "er_views", "er_numerator": 90, "er_denominator": 100}
        history.medium(f"r{number}", days_ago(2), kind="reel", **er)
    history.medium("hidden", days_ago(2), counts_hidden=True)
    history.medium("old", days_ago(40), er_formula="er_followers_at_post", er_numerator=50, er_denominator=1000)
    page = overview(alice, history)
    assert figure(page, "engagement")[0] == "3.0"
    words = text(page)
    assert "vs 5.00 % (26 Sep 2026 to 23 Oct 2026), 1 post" in words
    assert "Public interactions, median of 5 posts" in words
    assert "the pooled mean (sum / sum) is 12.0 %, n = 5" in words
    assert "er_views , (likes" in words
    assert "n = 2; kept apart" in words
    assert "too few" not in words


def test_few_posts_are_shown_grey(history: History, alice: FlaskClient) -> None:
    history.medium("m", days_ago(1), er_formula="er_followers_at_post", er_numerator=1, er_denominator=10)
    page = overview(alice, history)
    assert 'class="figure-value few">10.0 %' in page
    assert "median of 1 post: too few to rely on" in text(page)


def test_the_table_has_the_figures_of_the_chart(history: History, alice: FlaskClient) -> None:
    history.run(days_ago(60))
    history.run(days_ago(2), gained=7, lost=4)
    history.counted(days_ago(2), 117)
    history.counted(days_ago(1), 118)
    page = overview(alice, history)
    table = page[page.index('data-testid="growth-table"') :]
    assert "18 Nov 2026 117 7 4 +3" in text(table)
    assert "19 Nov 2026 118 n/a n/a n/a" in text(table)
    assert '"followers":117' in page.replace(" ", "")


def test_the_chart_begins_with_the_first_reading_and_not_with_the_first_post(
    history: History, alice: FlaskClient
) -> None:
    """A day on which something was posted has figures of its own, long before anybody counted followers."""
    history.posted(days_ago(300), posts=3)
    history.run(days_ago(2))
    history.counted(days_ago(2), 117)
    history.counted(days_ago(1), 118)
    page = overview(alice, history, "?period=all")
    table = page[page.index('data-testid="growth-table"') :]
    assert "18 Nov 2026 117" in text(table)
    assert "Jan 2026" not in text(table)


def test_hostile_and_endless_names_are_only_text(history: History, alice: FlaskClient) -> None:
    history.owner.execute("update profiles set username = %s where id = %s", (TOO_LONG, history.profile))
    page = overview(alice, history)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "49" not in page[page.index("profile-display") : page.index("profile-handle")]


@pytest.mark.parametrize("path", ["", "/followers", "/followers?kind=lost", "/content", "/activity"])
def test_charlie_finds_nothing_and_strangers_are_asked_to_sign_in(
    path: str, history: History, people: Personas, signed_in_as: SignedInAs, client: FlaskClient
) -> None:
    address = f"/profiles/{history.profile}{path}"
    assert signed_in_as(people.charlie).get(address).status_code == 404
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/login")


def test_the_period_goes_along_to_the_other_pages(history: History, alice: FlaskClient) -> None:
    page = overview(alice, history, "?period=90")
    assert f'href="/profiles/{history.profile}/followers?period=90"' in page
    assert f'href="/profiles/{history.profile}/content?period=90"' in page


def test_a_data_downloads_count_is_not_called_the_platforms(history: History, alice: FlaskClient) -> None:
    """The chart, its sentence, the table and the interface say whose count it is."""
    history.run(days_ago(9), source="data_download")
    history.run(days_ago(1), source="data_download")
    for age, people in ((9, 118), (1, 120)):
        history.counted(days_ago(age), people)
    history.owner.execute("update profile_counts set source = 'data_download'")
    page = overview(alice, history)
    assert "People in the follower list of each data download" in page
    assert "as the platform counts them" not in page
    assert "The follower list had 118 people on" in unescape(page)
    assert ">In the list</th>" in page
    assert "The number of people in the follower list of the newest data download" in page
    told = alice.get(f"/api/v1/profiles/{history.profile}").json
    assert told is not None
    assert "newest data download" in told["figures"]["followers"]["formula"]
    history.owner.execute("update profile_counts set source = 'browser' where followers = 120")
    page = overview(alice, history)
    assert "the list of each data download, then as the platform counts them" in page
    history.owner.execute("update profile_counts set source = 'browser'")
    assert "Followers, as the platform counts them" in overview(alice, history)


def test_exact_days_of_a_data_download_make_a_curve(history: History, alice: FlaskClient) -> None:
    """One data download is enough: its people came on days that it tells."""
    history.run(days_ago(1), source="data_download")
    history.counted(days_ago(1), 4)
    history.owner.execute("update profile_counts set source = 'data_download'")
    for days in (5, 5, 3):
        history.stay(history.person(f"came{next(history._ids)}"), days_ago(days), known="exact")
    history.stay(history.person("undated"), days_ago(1), known="before")
    page = overview(alice, history)
    assert "3 followers with an exact start date from a data download" in text(page)
    table = text(page[page.index('data-testid="came-table"') :])
    assert "17 Nov 2026 1 3 15 Nov 2026 2 2" in table
    assert '"followers":3' in page.replace(" ", "")
