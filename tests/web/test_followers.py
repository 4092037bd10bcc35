"""The follower pages: tabs, rows, search, paging by links, reasons, and names from strangers."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.domain.growth import Missing
from tests.conftest import Personas
from tests.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs

BASELINE = days_ago(60)


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    """Two whole lists of either kind were read."""
    counts = {"mutual_count": 0, "fan_count": 0, "not_following_back_count": 0}
    made = History(owner, people.alice, make_profile(people.alice, observed_at=NOW, followers=3, **counts))
    for direction in ("follower", "following"):
        made.run(BASELINE, direction=direction)
        made.run(days_ago(1), direction=direction)
    return made


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def opened(browser: FlaskClient, history: History, query: str = "", status: int = 200) -> str:
    answer = browser.get(f"/profiles/{history.profile}/followers{query}")
    assert answer.status_code == status
    return answer.text


def usernames(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'data-testid="person" data-username="([^"]*)"', page)]


def words(page: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def tab_counts(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-testid="kind-([a-z-]+)" data-count="([^"]*)"', page))


def test_tabs_count_their_lists_and_rows_say_when_and_how_that_is_known(history: History, alice: FlaskClient) -> None:
    history.stay(history.person("fan", full_name="Fan Favourite", is_verified=True), BASELINE, known="before")
    history.stay(history.person("came"), days_ago(2))
    history.stay(history.person("gone", is_private=True), BASELINE, days_ago(3), known="before")
    history.owner.execute("update profiles set fan_count = 2 where id = %s", (history.profile,))
    page = opened(alice, history)
    assert tab_counts(page) == {
        "all": "2",
        "new": "1",
        "lost": "1",
        "not-following-back": "0",
        "fans": "2",
        "mutual": "0",
        "renamed": "0",
        "ghosts": "n/a",
    }
    assert usernames(page) == ["came", "fan"]
    assert "Came between 17 and 18 Nov 2026" in words(page)
    assert "Came before the first reading" in words(page)
    assert 'href="https://www.instagram.com/fan" target="_blank" rel="noopener noreferrer"' in page
    lost = opened(alice, history, "?kind=lost")
    assert "Left between 16 and 17 Nov 2026 followed since before the first reading" in words(lost)
    assert "Private" in words(lost)


def test_who_has_no_known_name_is_shown_by_id_without_a_link_and_shares_it_with_nobody(
    history: History, alice: FlaskClient
) -> None:
    history.stay(history.person("", full_name="Fan Favourite"), BASELINE, known="before")
    history.stay(history.person(""), BASELINE, days_ago(3), known="before")
    history.owner.execute("update people set platform_id = '4242' where full_name is not null")
    for query in ("", "?sort=username", "?q=favourite"):
        page = opened(alice, history, query)
        assert usernames(page) == [""]
        assert "Username not told by Instagram (id 4242)" in words(page)
        assert "instagram.com/" not in page.split('data-testid="people"')[1].split("</ol>")[0]
    lost = opened(alice, history, "?kind=lost")
    assert "Username not told by Instagram (id" in words(lost)
    assert "belongs to somebody else" not in words(lost)


def test_who_left_is_shown_with_what_a_look_up_found(history: History, alice: FlaskClient) -> None:
    for username, why in (("left", "unfollowed"), ("away", "gone"), ("silent", "unknown"), ("fresh", None)):
        history.stay(history.person(username), BASELINE, days_ago(3), known="before", why=why)
    rows = re.split('data-testid="person"', opened(alice, history, "?kind=lost"))[1:]
    told = {usernames(f'data-testid="person"{row}')[0]: words(row) for row in rows}
    for username, said in (
        ("left", "Unfollowed"),
        ("away", "Account gone"),
        ("silent", "Reason not known"),
        ("fresh", "Not looked up yet"),
    ):
        assert said in told[username]


def test_a_name_that_somebody_else_has_now_leads_nowhere(history: History, alice: FlaskClient) -> None:
    history.stay(history.person("river"), BASELINE, days_ago(3), known="before")
    history.stay(history.person("river"), days_ago(2))
    lost = opened(alice, history, "?kind=lost")
    assert "Name belongs to somebody else now" in words(lost)
    assert "instagram.com/river" not in lost
    assert "instagram.com/river" in opened(alice, history, "?kind=new")


def test_renamed_names_followers_only(history: History, alice: FlaskClient) -> None:
    """Whom the profile only follows is not on a page about followers."""
    person = history.person("idol.now")
    history.stay(person, days_ago(30), known="before", direction="following")
    history.renamed(person, "idol.then", "idol.now", days_ago(2))
    assert "idol" not in words(opened(alice, history, "?kind=renamed"))


def test_renamed_shows_both_names_and_returned_is_marked(history: History, alice: FlaskClient) -> None:
    person = history.person("new.name")
    history.stay(person, BASELINE, days_ago(9), known="before")
    history.stay(person, days_ago(2), returned=True)
    history.renamed(person, "old.name", "new.name", days_ago(2))
    assert "@old.name → is now @new.name" in words(opened(alice, history, "?kind=renamed"))
    assert "Returned" in words(opened(alice, history, "?kind=new"))


@pytest.mark.parametrize("kind", ["mutual", "fans", "not-following-back"])
def test_what_takes_two_whole_lists_is_not_guessed(kind: str, history: History, alice: FlaskClient) -> None:
    history.stay(history.person("somebody"), BASELINE, known="before")
    history.owner.execute(
        "update profiles set mutual_count = null, fan_count = null, not_following_back_count = null where id = %s",
        (history.profile,),
    )
    page = opened(alice, history, f"?kind={kind}")
    assert tab_counts(page)[kind] == "n/a"
    assert Missing.LISTS in words(page)
    assert usernames(page) == []


def test_new_and_lost_take_a_second_reading(
    people: Personas, alice: FlaskClient, owner: psycopg.Connection[dict[str, Any]], make_profile: Callable[..., UUID]
) -> None:
    once = History(owner, people.alice, make_profile(people.alice, "once.read", observed_at=NOW))
    assert tab_counts(opened(alice, once, "?kind=new"))["new"] == "n/a"
    assert Missing.NO_LIST in words(opened(alice, once, "?kind=new"))
    once.run(days_ago(1))
    assert Missing.ONE_LIST in words(opened(alice, once, "?kind=lost"))


def test_search_filters_and_order_are_kept_from_page_to_page(history: History, alice: FlaskClient) -> None:
    for number in range(120):
        person = history.person(f"anna{number:03}", is_verified=number % 2 == 0)
        history.stay(person, BASELINE, known="before")
    history.stay(history.person("zoe", full_name="Anna Z", is_verified=True), BASELINE, known="before")
    met: list[str] = []
    query = "?q=anna&sort=username&verified=yes"
    while query:
        page = opened(alice, history, query)
        assert 'data-testid="matching" data-count="61"' in page
        met += usernames(page)
        following = re.search(r'rel="next" href="[^"?]+(\?[^"]+)"', page)
        query = unescape(following[1]) if following else ""
    assert met == [*(f"anna{number:03}" for number in range(0, 120, 2)), "zoe"]
    back = re.search(r'rel="prev" href="[^"?]+(\?[^"]+)"', page)
    assert back is not None
    assert usernames(opened(alice, history, unescape(back[1]))) == met[:50]


@pytest.mark.parametrize(
    "query", ["?after=x", "?before=%C3%BC", "?after=WyJhbm5hIiwxXQ", "?after=WyIwMDAxLTAxLTAxIiwxXQ"]
)
def test_a_page_that_no_link_gave_is_refused(query: str, history: History, alice: FlaskClient) -> None:
    opened(alice, history, query, status=400)


def test_what_an_address_may_not_say_is_taken_as_the_usual(history: History, alice: FlaskClient) -> None:
    history.stay(history.person("fan"), BASELINE, known="before")
    assert usernames(opened(alice, history, "?kind=everybody&sort=luck&period=1e9&private=maybe")) == ["fan"]


@pytest.mark.parametrize(
    "name", ["<b>bold</b>", '" onmouseover="alert(1)', "{{7*7}}", "javascript:alert(1)", "=1+1", "‮gnp"]
)
def test_names_from_strangers_are_only_text(name: str, history: History, alice: FlaskClient) -> None:
    history.stay(history.person(name, full_name=name), BASELINE, known="before")
    page = opened(alice, history)
    assert usernames(page) == [name]
    assert "<b>bold" not in page
    assert 'onmouseover="' not in page
    assert re.findall(r'href="(javascript:[^"]*)"', page) == []
    assert re.findall(r'class="person-full"><bdi>([^<]*)<', page) == [re.search(r'data-username="([^"]*)"', page)[1]]  # type: ignore[index]


def test_a_search_from_a_stranger_is_only_text(history: History, alice: FlaskClient) -> None:
    page = opened(alice, history, "?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page
    assert "Nobody here matches." in page
