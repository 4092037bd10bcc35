"""Posts and reels: ranks, filters, search, paging, hidden counts, and captions from anybody."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb

from shared.domain.growth import Missing
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    return History(owner, people.alice, make_profile(people.alice, observed_at=NOW))


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def opened(browser: FlaskClient, history: History, query: str = "") -> str:
    answer = browser.get(f"/profiles/{history.profile}/content{query}")
    assert answer.status_code == 200
    return answer.text


def shown(page: str) -> list[str]:
    return re.findall(r'data-permalink="https://www.instagram.com/p/([^/"]+)/"', page)


def words(page: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


@pytest.fixture
def posts(history: History) -> History:
    rate = {"er_formula": "er_followers_at_post", "er_denominator": 1000}
    history.medium(
        "a",
        days_ago(1),
        likes=5,
        comments=9,
        er_numerator=14,
        **rate,
        caption="Tide and #Harbour",
        hashtags=["Harbour"],
    )
    history.medium(
        "b", days_ago(2), likes=50, comments=1, er_numerator=51, **rate, kind="carousel", caption="100% coffee_"
    )
    history.medium("c", days_ago(3), kind="reel", plays=900, views=300, comments=2, counts_hidden=True)
    history.medium("d", days_ago(40), likes=70, comments=0, kind="video", plays=10, caption="older harbour")
    history.medium("s", days_ago(1), kind="story")
    return history


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abc"),
        ("?period=all", "abcd"),
        ("?period=all&sort=likes", "dbac"),
        ("?period=all&sort=comments", "acbd"),
        ("?period=all&sort=plays", "cdba"),
        ("?period=all&sort=views", "cdba"),
        ("?period=all&sort=engagement", "badc"),
        ("?kind=reels", "c"),
        ("?kind=posts&period=all", "abd"),
        ("?kind=carousel", "b"),
        ("?kind=video&period=all", "d"),
        ("?period=all&q=HARBOUR", "ad"),
        ("?period=all&q=%23harb", "a"),
        ("?q=100%25+coffee_", "b"),
        ("?q=%25", "b"),
        ("?q=nothing", ""),
    ],
)
def test_ranks_filters_and_searches(query: str, expected: str, posts: History, alice: FlaskClient) -> None:
    page = opened(alice, posts, query)
    found = shown(page)
    if "likes" in query or "plays" in query or "views" in query or "engagement" in query:
        known = [name for name in expected if name in "".join(found)]
        assert sorted(found) == sorted(known)
        assert found[0] == expected[0]
    else:
        assert found == list(expected)
    assert f'data-testid="matching" data-count="{len(expected)}"' in page


def test_what_the_owner_hides_is_not_zero(posts: History, alice: FlaskClient) -> None:
    page = opened(alice, posts, "?kind=reels")
    assert 'data-testid="media-likes" data-value=""' in page
    assert "Likes n/a hidden by the owner" in words(page)
    assert "Engagement n/a" in words(page)
    assert "Followers then n/a" in words(page)
    assert "Plays 900 Views 300" in words(page)


def test_a_rate_names_its_formula_and_its_parts(posts: History, alice: FlaskClient) -> None:
    page = opened(alice, posts, "?kind=carousel")
    assert 'title="er_followers_at_post: 51 / 1,000"' in page
    assert "5.10 %" in page
    assert "er_followers_at_post : (likes + comments" in words(page)


def test_a_ranking_says_that_ages_differ(posts: History, alice: FlaskClient) -> None:
    assert "not at equal age" in opened(alice, posts, "?sort=likes")
    assert "not at equal age" not in opened(alice, posts)


def test_pages_meet_every_post_once(history: History, alice: FlaskClient) -> None:
    for number in range(60):
        history.medium(f"m{number}", days_ago(1), likes=number % 3 if number % 4 else None)
    met, query, last = [], "?sort=likes", ""
    while query:
        last = opened(alice, history, query)
        met += shown(last)
        following = re.search(r'rel="next" href="[^"?]+(\?[^"]+)"', last)
        query = unescape(following[1]) if following else ""
    assert sorted(met) == sorted(f"m{number}" for number in range(60))
    back = re.search(r'rel="prev" href="[^"?]+(\?[^"]+)"', last)
    assert back is not None
    assert shown(opened(alice, history, unescape(back[1]))) == met[24:48]


def test_nothing_is_loaded_from_another_host(posts: History, alice: FlaskClient) -> None:
    page = opened(alice, posts, "?period=all")
    assert re.findall(r'<(?:img|script|link|iframe|video)[^>]+(?:src|href)="(?:https?:)?//', page) == []


def test_captions_from_anybody_are_only_text(history: History, alice: FlaskClient) -> None:
    history.medium("x", days_ago(1), caption="<img src=x onerror=alert(1)> {{7*7}}", hashtags=['"><b>'])
    page = opened(alice, history)
    assert "<img src=x" not in page
    assert "{{7*7}}" in page
    assert '"><b>' not in page


def test_an_empty_period_leads_to_all_time_and_an_unread_profile_says_so(
    history: History, alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    page = opened(alice, history)
    assert "No post or reel yet." in page
    assert "Not known yet" in page
    assert "0 posts" not in page
    history.medium("old", days_ago(100))
    assert "The newest post is of 12 Aug 2026, 12:00 UTC." in words(opened(alice, history))
    fresh = History(history.owner, people.alice, make_profile(people.alice, "fresh.one"))
    assert Missing.NEVER_READ in opened(alice, fresh)


def test_during_the_first_sync_posts_are_being_read_and_not_nought(
    history: History, alice: FlaskClient, people: Personas, make_job: Callable[..., UUID]
) -> None:
    progress = Jsonb({"step": "media", "done": 12, "total": 30})
    make_job(people.alice, history.profile, "SYNC", state="RUNNING", lease_until=NOW, progress=progress)
    page = words(opened(alice, history))
    assert "Syncing: 12 of 30 posts and reels" in page
    assert re.search(r"(?<!\d)0 posts", page) is None
    stories = words(opened(alice, history, "?kind=stories"))
    assert "Syncing" in stories
    assert re.search(r"(?<!\d)0 stories", stories) is None


def test_a_profile_without_posts_has_none_once_that_was_read(history: History, alice: FlaskClient) -> None:
    history.owner.execute(
        "insert into media_runs (id, user_id, profile_id, verdict, pages, seen, added, changed, observed_end)"
        " values (gen_random_uuid(), %s, %s, 'whole', 1, 0, 0, 0, %s)",
        (history.user, history.profile, NOW),
    )
    page = words(opened(alice, history))
    assert "0 posts and reels" in page
    assert "No post or reel yet." in page


@pytest.mark.parametrize("token", ["x", "WyJhbm5hIiwxXQ"])
def test_a_page_that_no_link_gave_is_refused(token: str, history: History, alice: FlaskClient) -> None:
    assert alice.get(f"/profiles/{history.profile}/content?after={token}").status_code == 400
