"""The follower pages: tabs, rows, search, paging by links, reasons, and names from strangers."""

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
from shared.domain.traversal.list_verdict import Evidence, judge
from shared.store.followers.segments import Kind
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
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
    assert "Followed since 17–18 Nov 2026" in words(page)
    assert "Already following at the first sync (" in words(page)
    assert 'href="https://www.instagram.com/fan/" target="_blank" rel="noopener noreferrer"' in page
    lost = opened(alice, history, "?kind=lost")
    assert "Left 16–17 Nov 2026 already following at the first sync (" in words(lost)
    assert "Private" in words(lost)


def test_where_an_import_may_be_the_first_list_no_sync_is_named_for_it(history: History, alice: FlaskClient) -> None:
    history.stay(history.person("fan"), BASELINE, known="before")
    history.owner.execute(
        "insert into imports (user_id, profile_id, filenames, byte_count, taken_at, report, finished_at)"
        " values (%s, %s, '{a.zip}', 1, current_date, '{}', now())",
        (history.user, history.profile),
    )
    said = words(opened(alice, history))
    assert "Already following in the first list (" in said
    assert "first sync" not in said


def test_lost_counts_who_is_back_and_marks_them(history: History, alice: FlaskClient) -> None:
    """The list holds the same people as the number on Overview."""
    for name in ("gone", "back", "again"):
        history.stay(history.person(name), BASELINE, days_ago(9), known="before")
    history.stay(history.id_of("back"), days_ago(4), returned=True)
    history.stay(history.id_of("again"), days_ago(6), days_ago(3), returned=True)
    page = opened(alice, history, "?kind=lost")
    assert sorted(usernames(page)) == ["again", "again", "back", "gone"]
    assert len(re.findall(r" data-back\W", page)) == 1
    assert "4 left, 1 of them is back" in words(page)
    rows = {name: words(row) for name, row in zip(usernames(page), page.split("data-username=")[1:], strict=True)}
    assert "Back Left 10–11 Nov 2026" in rows["back"]
    assert "back since 16 Nov 2026" in rows["back"]
    assert "back since 14 Nov 2026 and left again" in words(page)
    overview = alice.get(f"/profiles/{history.profile}").text
    assert 'data-testid="figure-lost" data-value="4"' in overview
    assert "1 of them is back" in words(overview)


@pytest.mark.parametrize("kind", ["new", "lost"])
def test_a_list_says_not_known_where_its_number_does(kind: str, history: History, alice: FlaskClient) -> None:
    """No list of these seven days was read: neither the tile nor the list may call that 0."""
    history.owner.execute("update list_runs set observed_end = observed_end - interval '30 days'")
    page = opened(alice, history, f"?kind={kind}&period=7")
    assert tab_counts(page)[kind] == "n/a"
    assert Missing.NO_LIST_IN_PERIOD in words(page)
    assert "Not known yet" in words(page)


@pytest.mark.parametrize("kind", Kind)
def test_during_the_first_sync_nothing_is_nought(
    kind: Kind,
    people: Personas,
    alice: FlaskClient,
    owner: psycopg.Connection[dict[str, Any]],
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> None:
    """The profile's counters are read before its lists, so a profile that was read has no list yet."""
    first = History(owner, people.alice, make_profile(people.alice, "first.sync", observed_at=NOW, followers=400))
    progress = Jsonb({"step": "followers", "done": 150, "total": 400})
    job = make_job(people.alice, first.profile, "SYNC", state="RUNNING", lease_until=NOW, progress=progress)
    page = opened(alice, first, f"?kind={kind}")
    assert set(tab_counts(page).values()) == {"n/a"}
    said = words(page)
    for untrue in ("All 0", "0 people", "No one is in this list", "No one in this period"):
        assert untrue not in said
    if kind is Kind.GHOSTS:
        assert "Not known yet" in said
    else:
        assert "Syncing: 150 of 400 followers" in said
        assert 'data-reading-bar value="37"' in page
        assert f'href="/jobs/{job}"' in page


def test_before_any_sync_nothing_is_nought(
    people: Personas, alice: FlaskClient, owner: psycopg.Connection[dict[str, Any]], make_profile: Callable[..., UUID]
) -> None:
    page = opened(alice, History(owner, people.alice, make_profile(people.alice, "never.read", observed_at=NOW)))
    assert set(tab_counts(page).values()) == {"n/a"}
    assert "Not known yet There is no follower list yet." in words(page)


def engagers(history: History, number: int) -> None:
    """So many posts whose likers are all known, none of whom follows."""
    for post in range(number):
        medium = history.medium(f"post{post}", days_ago(post + 1), likes=1)
        history.owner.execute(
            "insert into media_engagers (media_id, role, user_id, profile_id, known, total, observed_at)"
            " values (%s, 'liker', %s, %s, 1, 1, %s)",
            (medium, history.user, history.profile, NOW),
        )


def test_ghosts_are_not_told_before_a_follower_was_known_for_90_days(history: History, alice: FlaskClient) -> None:
    engagers(history, 5)
    history.stay(history.person("follower"), BASELINE, known="before")
    page = opened(alice, history, "?kind=ghosts")
    assert tab_counts(page)["ghosts"] == "n/a"
    assert "No follower has been known for 90 days yet. Ghosts appear from 20 Dec 2026 on." in words(page)
    assert "0 people" not in words(page)
    history.owner.execute("update people set follows_me_since = %s", (days_ago(91),))
    page = opened(alice, history, "?kind=ghosts")
    assert tab_counts(page)["ghosts"] == "1"
    assert usernames(page) == ["follower"]


def test_who_has_no_known_name_is_shown_by_id_without_a_link_and_shares_it_with_nobody(
    history: History, alice: FlaskClient
) -> None:
    history.stay(history.person("", full_name="Fan Favourite"), BASELINE, known="before")
    history.stay(history.person(""), BASELINE, days_ago(3), known="before")
    history.owner.execute("update people set platform_id = '4242' where full_name is not null")
    for query in ("", "?sort=username", "?q=favourite"):
        page = opened(alice, history, query)
        assert usernames(page) == [""]
        assert "Instagram did not show the username (id 4242)" in words(page)
        assert "instagram.com/" not in page.split('data-testid="people"')[1].split("</ol>")[0]
    lost = opened(alice, history, "?kind=lost")
    assert "Instagram did not show the username (id" in words(lost)
    assert "used by another account" not in words(lost)


def test_who_left_is_shown_with_what_a_look_up_found(history: History, alice: FlaskClient) -> None:
    for username, why in (("left", "unfollowed"), ("away", "gone"), ("silent", "unknown"), ("fresh", None)):
        history.stay(history.person(username), BASELINE, days_ago(3), known="before", why=why)
    rows = re.split('data-testid="person"', opened(alice, history, "?kind=lost"))[1:]
    told = {usernames(f'data-testid="person"{row}')[0]: words(row) for row in rows}
    for username, said in (
        ("left", "Unfollowed"),
        ("away", "Account gone"),
        ("silent", "Reason not known"),
        ("fresh", "Not checked yet"),
    ):
        assert said in told[username]


def test_a_name_that_somebody_else_has_now_leads_nowhere(history: History, alice: FlaskClient) -> None:
    history.stay(history.person("river"), BASELINE, days_ago(3), known="before")
    history.stay(history.person("river"), days_ago(2))
    lost = opened(alice, history, "?kind=lost")
    assert "Name now used by another account" in words(lost)
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


@pytest.mark.parametrize("query", ["", "?kind=lost"])
def test_a_list_with_a_gap_says_how_large_it_is_and_why(query: str, history: History, alice: FlaskClient) -> None:
    judged = judge(2070, Evidence(2100, 2100, natural_end=True))
    history.run(NOW, judged.kind, seen=2070, reason=judged.reason)
    page = opened(alice, history, query)
    assert 'data-testid="inexact" data-verdict="partial"' in page
    assert "The list shows 30 fewer people than the profile counts: usually deactivated accounts" in words(page)
    assert 'data-testid="inexact"' not in opened(alice, history, "?kind=new")


def test_an_exact_list_needs_no_reason(history: History, alice: FlaskClient) -> None:
    assert 'data-testid="inexact"' not in opened(alice, history)


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
    assert "No one here matches." in page
