"""Stories, who viewed them, who liked a post, what is gone, and the ghosts among the followers."""

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
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs
from tests.web.profile.test_content import words


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    made = History(owner, people.alice, make_profile(people.alice, external_id="9", observed_at=NOW))
    made.run(days_ago(100))
    return made


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def opened(browser: FlaskClient, history: History, path: str, status: int = 200) -> str:
    answer = browser.get(f"/profiles/{history.profile}/{path}")
    assert answer.status_code == status
    return answer.text


def seen_by(history: History, medium: int, role: str, total: int | None, *ids: str) -> None:
    """These people viewed or liked it, and that is who is known of the total."""
    for number, platform_id in enumerate(ids):
        history.owner.execute(
            "insert into media_people (user_id, profile_id, media_id, role, platform_id, username, has_liked,"
            " first_seen_at, last_seen_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (history.user, history.profile, medium, role, platform_id, f"who{platform_id}", number == 0, NOW, NOW),
        )
    history.owner.execute(
        "insert into media_engagers (media_id, role, user_id, profile_id, total, known, observed_at)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (medium, role, history.user, history.profile, total, len(ids), NOW),
    )


def usernames(page: str) -> list[str]:
    return re.findall(r'data-testid="person" data-username="([^"]*)"', page)


def test_a_story_shows_its_viewers_and_its_end_apart_from_the_posts(history: History, alice: FlaskClient) -> None:
    ends = NOW + timedelta(hours=3)
    story = history.medium("s", NOW, kind="story", permalink=None, expires_at=ends, views=3)
    seen_by(history, story, "viewer", 3, "1", "2")
    page = opened(alice, history, "content?kind=stories")
    assert "Viewers 3 Known by name 2 viewers of this story Ends 20 Nov 2026, 15:00 UTC" in words(page)
    assert "1 story" in words(page)
    assert "No post or reel yet." in words(opened(alice, history, "content"))
    assert f'href="/profiles/{history.profile}/content/{story}/viewers"' in page


def test_a_viewer_without_a_known_name_is_shown_by_id_without_a_link(history: History, alice: FlaskClient) -> None:
    story = history.medium("s", days_ago(1), kind="story", permalink=None, expires_at=NOW)
    seen_by(history, story, "viewer", 1, "77")
    history.owner.execute("update media_people set username = ''")
    page = opened(alice, history, f"content/{story}/viewers")
    assert "Instagram did not show the username (id 77)" in words(page)
    assert "instagram.com/" not in page.split('data-testid="person"')[1].split("</li>")[0]


def test_the_page_of_a_story_names_its_viewers_and_how_many_of_them_these_are(
    history: History, alice: FlaskClient
) -> None:
    story = history.medium("s", days_ago(1), kind="story", permalink=None, expires_at=NOW)
    history.stay(history.person("follows"), days_ago(50))
    seen_by(history, story, "viewer", 9, "000001", "77")
    page = opened(alice, history, f"content/{story}/viewers")
    assert set(usernames(page)) == {"who000001", "who77"}
    assert "2 of 9 known by name; the rest was not shown." in words(page)
    assert "until about 21 Nov 2026, 12:00 UTC" in words(page)
    assert words(page).count("Not a follower") == 1
    assert words(page).count("Liked it") == 1


def test_likers_have_a_page_and_pages(history: History, alice: FlaskClient) -> None:
    post = history.medium("p", days_ago(1), likes=300)
    seen_by(history, post, "liker", 300, *(f"{number:03}" for number in range(120)))
    assert "120 likers of this post" in words(opened(alice, history, "content"))
    met, path = [], f"content/{post}/likers"
    while path:
        page = opened(alice, history, path)
        met += usernames(page)
        further = re.search(r'rel="next" href="[^"?]+(\?[^"]+)"', page)
        path = f"content/{post}/likers{unescape(further[1])}" if further else ""
    assert sorted(met) == [f"who{number:03}" for number in range(120)]
    assert "120 of 300 known by name, because Instagram shows about a hundred likers" in words(page)


@pytest.mark.parametrize("path", ["content/{post}/viewers", "content/{story}/likers", "content/999999/likers"])
def test_only_stories_have_viewers_and_only_posts_have_likers(
    path: str, history: History, alice: FlaskClient, people: Personas, signed_in_as: SignedInAs
) -> None:
    post, story = history.medium("p", NOW), history.medium("s", NOW, kind="story")
    opened(alice, history, path.format(post=post, story=story), 404)
    opened(signed_in_as(people.bob), history, f"content/{story}/viewers", 404)
    opened(alice, history, f"content/{story}/viewers?after=x", 400)


def test_what_is_gone_is_marked_and_keeps_its_figures(history: History, alice: FlaskClient) -> None:
    history.medium("d", days_ago(2), likes=5, gone_at=days_ago(1), gone_as="deleted")
    history.medium("a", days_ago(3), likes=6, gone_at=days_ago(1), gone_as="archived")
    history.medium("m", days_ago(4), likes=7, missing_since=days_ago(1))
    page = opened(alice, history, "content")
    assert re.findall(r'data-gone="([a-z]+)"', page) == ["deleted", "archived"]
    assert re.findall(r'data-testid="media-likes" data-value="(\d+)"', page) == ["5", "6", "7"]


def test_what_was_in_the_archive_from_the_first_is_not_told_as_missed(history: History, alice: FlaskClient) -> None:
    history.medium("a", days_ago(2), gone_at=NOW, gone_as="archived", first_seen_at=NOW)
    history.medium("b", days_ago(3), gone_at=NOW, gone_as="archived", first_seen_at=days_ago(1))
    page = opened(alice, history, "content")
    assert page.count("In the archive at its first sync, 20 Nov 2026, 12:00 UTC") == 1
    assert page.count("Missing since the sync of 20 Nov 2026, 12:00 UTC") == 1


def test_a_post_of_two_accounts_names_the_other_one(history: History, alice: FlaskClient) -> None:
    history.medium("c", days_ago(1), owner_platform_id="7", owner_username="carol", coauthors=["alice.test"])
    history.medium("o", days_ago(2), owner_platform_id="9", owner_username="alice.test", coauthors=["dora"])
    page = words(opened(alice, history, "content"))
    assert "Together with @carol , who published it" in page
    assert "Together with @dora" in page
    assert "@alice.test," not in page


def test_ghosts_take_five_whole_lists_and_are_in_none_that_was_read(history: History, alice: FlaskClient) -> None:
    for name in ("viewer", "liker", "ghost"):
        history.stay(history.person(name), days_ago(95), known="before")
    history.stay(history.person("recent"), days_ago(20))
    for number in range(4):
        seen_by(history, history.medium(f"p{number}", days_ago(number + 1), likes=1), "liker", 1, "000002")
    story = history.medium("s", days_ago(2), kind="story", permalink=None)
    seen_by(history, story, "viewer", 40, "000001")
    short = opened(alice, history, "followers?kind=ghosts")
    assert Missing.ENGAGERS in words(short)
    assert 'data-testid="kind-ghosts" data-count="n/a"' in short
    assert 'data-read="5" data-whole="4"' in short
    seen_by(history, history.medium("p4", days_ago(5), likes=0), "liker", 0)
    page = opened(alice, history, "followers?kind=ghosts")
    assert usernames(page) == ["ghost"]
    assert 'data-testid="kind-ghosts" data-count="1"' in page
    said = words(page)
    assert (
        "Rollcall looked at the last 5 posts and the stories since then. It has 6 lists of likers or viewers, 5 of"
        in said
    )
