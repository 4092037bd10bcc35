"""Past insights of posts and the account show their source, and n/a with the reason where a download has none."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs

OLDER, EXPORT = days_ago(60), days_ago(5)
PERIOD = {"started_on": days_ago(97), "ended_on": days_ago(7)}


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    return History(owner, people.alice, make_profile(people.alice, observed_at=NOW, timezone="Asia/Tokyo"))


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def opened(browser: FlaskClient, history: History, path: str) -> str:
    answer = browser.get(f"/profiles/{history.profile}{path}")
    assert answer.status_code == 200
    return answer.text


def words(page: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def medium(page: str, permalink: str) -> str:
    """One medium of the page, in words."""
    found = [part for part in page.split('data-testid="medium"')[1:] if f"/p/{permalink}/" in part]
    assert len(found) == 1
    return words("<" + found[0].split("</li>")[0])


def told_of(
    history: History, name: str, posted_at: datetime, at: datetime = EXPORT, kind: str = "image", **figures: int
) -> int:
    """A medium that was read, and what an export told of it."""
    media_id = history.medium(name, posted_at, kind=kind)
    for metric, value in figures.items():
        history.insight(metric, value, at, posted_at=posted_at, media_id=media_id)
    return media_id


def test_a_post_shows_what_the_export_told_of_it_and_what_it_did_not(history: History, alice: FlaskClient) -> None:
    told_of(history, "a", days_ago(20), reach=1200, impressions=2000, saves=0, follows=1)
    shown = medium(opened(alice, history, "/content"), "a")
    assert "From your data download of 15 Nov 2026" in shown
    assert "Accounts reached 1,200 Impressions 2,000" in shown
    assert "Saves 0" in shown
    assert "Shares, profile visits n/a not in the data download" in shown


def test_reels_and_stories_are_told_apart_and_lack_other_figures(history: History, alice: FlaskClient) -> None:
    told_of(history, "r", days_ago(8), kind="reel", plays=9)
    told_of(history, "s", days_ago(9), kind="story", replies=2)
    assert "Plays 9" in (reel := medium(opened(alice, history, "/content"), "r"))
    assert "Accounts reached, shares, saves n/a not in the data download" in reel
    assert "Replies" not in reel
    story = medium(opened(alice, history, "/content?kind=stories"), "s")
    assert "Replies 2" in story
    assert "Accounts reached, impressions n/a not in the data download" in story


def test_a_figure_that_only_an_older_export_told_keeps_its_own_day(history: History, alice: FlaskClient) -> None:
    post = told_of(history, "a", days_ago(80), at=OLDER, reach=900, saves=7)
    history.insight("reach", 1000, EXPORT, posted_at=days_ago(80), media_id=post, **PERIOD)
    shown = medium(opened(alice, history, "/content?period=all"), "a")
    assert "From your data download of 15 Nov 2026" in shown
    assert "Accounts reached 1,000 Saves 7 of 21 Sep 2026" in shown


def test_a_post_without_figures_says_why(history: History, alice: FlaskClient) -> None:
    told_of(history, "told", days_ago(20), reach=1)
    history.medium("later", days_ago(2))
    history.medium("earlier", days_ago(19))
    page = opened(alice, history, "/content")
    assert "Past insights n/a: posted after your newest data download, of 15 Nov 2026" in medium(page, "later")
    assert "Past insights n/a: not in your data downloads, the newest of 15 Nov 2026" in medium(page, "earlier")
    assert "Past insights n/a" not in medium(page, "told")


def test_without_an_export_the_page_says_once_which_ways_could_tell(history: History, alice: FlaskClient) -> None:
    history.medium("a", days_ago(2))
    page = opened(alice, history, "/content")
    assert "past-of" not in page
    assert "by its official API , or in a data download. Import one" in words(page)
    assert 'data-testid="past-unread"' not in page


def test_figures_of_posts_that_were_not_read_are_pointed_to(history: History, alice: FlaskClient) -> None:
    history.insight("reach", 5, EXPORT, posted_at=days_ago(30))
    page = opened(alice, history, "/content")
    assert f'<a href="/profiles/{history.profile}/imports">with the imports</a>' in page


def test_figures_in_parts_and_of_others_do_not_stand_at_a_post(
    history: History, alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID], signed_in_as: SignedInAs
) -> None:
    post = told_of(history, "a", days_ago(20), reach=1200)
    history.insight("follower_activity", 30, EXPORT, posted_at=days_ago(20), media_id=post, breakdown="Monday")
    history.insight("reach", 77, EXPORT)
    shown = medium(opened(alice, history, "/content"), "a")
    assert "Follower activity" not in shown
    assert "77" not in shown
    other = History(history.owner, people.bob, make_profile(people.bob, observed_at=NOW))
    other.medium("b", days_ago(20))
    assert "past-of" not in opened(signed_in_as(people.bob), other, "/content")


def test_audience_tells_of_the_account_with_period_source_and_change(history: History, alice: FlaskClient) -> None:
    for metric, value in {
        "reach": 1234,
        "reach_change_percent": -1.6,
        "followers": 200,
        "reach_followers_percent": 1,
    }.items():
        history.insight(metric, value, EXPORT, **PERIOD)
    history.insight("followers_change", -4, EXPORT, **{**PERIOD, "started_on": days_ago(20)})
    history.insight("reach", 999, OLDER, **PERIOD | {"started_on": days_ago(200)})
    for age, share in {"25-34": 41.7, "18-24": 41.1}.items():
        history.insight("followers_by_age", share, EXPORT, breakdown=age, **PERIOD)
    page = opened(alice, history, "/audience")
    shown = words(page)
    assert "From your data download of 15 Nov 2026, for 15 Aug 2026 to 13 Nov 2026." in shown
    assert "Accounts reached 1,234 −1.6 % vs the previous period" in shown
    assert "Followers among accounts reached 1 %" in shown
    assert "Change of followers −4 31 Oct 2026 to 13 Nov 2026" in shown
    assert "Impressions, follows, unfollows, profile visits, content interactions, accounts engaged n/a not in" in shown
    assert "Followers by age Part Percent 25-34 41.7 % 18-24 41.1 % Unknown, or not named 17.2 %" in shown
    assert "999" not in shown
    assert 'data-testid="insight-reach" data-value="1234"' in page


def test_audience_says_that_only_an_export_tells_of_reach_and_overview_leads_there(
    history: History, alice: FlaskClient
) -> None:
    page = opened(alice, history, "/audience")
    assert 'data-testid="account-insights"' not in page
    assert "Only a professional account has figures of its audience" in words(page)
    history.insight("reach", 1234, EXPORT, **PERIOD)
    overview = opened(alice, history, "")
    assert "1,234" not in overview
    assert f'/profiles/{history.profile}/audience">Audience</a>' in overview


def test_the_page_asks_as_often_for_many_posts_as_for_one(
    history: History, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = psycopg.Cursor.execute

    def execute(self: Any, statement: Any, *given: Any, **more: Any) -> Any:
        asked.append(str(statement))
        return real(self, statement, *given, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", execute)
    counts = []
    for posts in (1, 20):
        for number in range(posts):
            told_of(history, f"{posts}x{number}", days_ago(20) - timedelta(minutes=100 * posts + number), reach=3)
        asked.clear()
        opened(alice, history, "/content")
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0
