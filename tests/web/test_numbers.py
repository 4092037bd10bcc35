"""Each number that is a link leads to as many rows as it says, on every page that links lead to."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs
from tests.web.numbers import differences

ROOT = "http://localhost"
FIRST_LIST = days_ago(45)


def fetcher(browser: FlaskClient) -> Callable[[str], str]:
    def fetch(address: str) -> str:
        answer = browser.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        return answer.text

    return fetch


def inside(history: History) -> Callable[[str], bool]:
    """Start, and every page of the profile; searches and orders are forms, which no link leads to."""
    root = f"/profiles/{history.profile}"

    def within(address: str) -> bool:
        path = urlsplit(address).path
        return path == "/" or path.startswith(root)

    return within


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    """A profile with more of everything than fits on a page, and with everything that ever made two counts differ."""
    made = History(owner, people.alice, make_profile(people.alice, external_id="9", observed_at=NOW, followers=122))
    for direction in ("follower", "following"):
        made.run(FIRST_LIST, direction=direction)
        for days in (40, 20, 10, 3):
            made.run(days_ago(days), "partial" if days == 10 else "whole", direction=direction)
    _followers(made)
    _posts(made)
    _alerts_and_jobs(made)
    return made


def _followers(made: History) -> None:
    for number in range(60):
        person = made.person(f"baseline.{chr(97 + number % 26)}{'x' * (number // 26)}")
        # A data download dated half of the first list's people, some of them within the shown period.
        made.stay(person, days_ago(46 + number), known="before" if number % 2 else "exact")
        if number % 3 == 0:
            made.stay(person, FIRST_LIST, known="before", direction="following")
    for number in range(55):
        made.stay(
            made.person(f"new{'n' * number}"), days_ago(20 - number % 19), known="exact" if number % 4 else "between"
        )
    for number in range(58):
        person = made.person(f"left{'l' * number}")
        made.stay(person, days_ago(60), days_ago(40 - number % 38), known="before")
        if number % 5 == 0:
            made.stay(person, days_ago(1), returned=True)
        elif number % 7 == 0:
            made.stay(person, days_ago(2), days_ago(1.5), returned=True)
    for number in range(3):
        made.renamed(made.id_of(f"baseline.{chr(97 + number)}"), "was", "is", days_ago(2))
    for number in range(4):
        made.stay(made.person(f"idol{'i' * number}"), FIRST_LIST, known="before", direction="following")
    made.owner.execute(
        "update profiles p set mutual_count = c.mutual, fan_count = c.fans, not_following_back_count = c.idols"
        " from (select count(*) filter (where follows_me and i_follow) as mutual,"
        " count(*) filter (where follows_me and not i_follow) as fans,"
        " count(*) filter (where i_follow and not follows_me) as idols from people) c where p.id = %s",
        (made.profile,),
    )


def _posts(made: History) -> None:
    for number in range(30):
        # Ghosts are judged by the newest twelve.
        counts = {"likes": 60 if number == 0 else 1, "comments": 2, "hashtags": ["summer"] if number % 2 else []}
        medium = made.medium(f"post{number}", days_ago(number + 1), caption="some words #summer", **counts)
        if number < 12:
            _seen(made, medium, "liker", counts["likes"])
    for number in range(3):
        ends = days_ago(number) + timedelta(days=1)
        story = made.medium(f"story{number}", days_ago(number), kind="story", views=55, expires_at=ends)
        _seen(made, story, "viewer", 53 if number else 55)


def _seen(made: History, medium: int, role: str, known: int) -> None:
    made.owner.execute(
        "insert into media_people (user_id, profile_id, media_id, role, platform_id, username, first_seen_at,"
        " last_seen_at) select %(user)s, %(profile)s, %(medium)s, %(role)s, platform_id, username, %(now)s, %(now)s"
        " from people where platform_id is not null order by id limit %(known)s",
        {"user": made.user, "profile": made.profile, "medium": medium, "role": role, "now": NOW, "known": known},
    )
    made.owner.execute(
        "insert into media_audiences (media_id, role, user_id, profile_id, total, known, observed_at)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (medium, role, made.user, made.profile, known, known, NOW),
    )


def _alerts_and_jobs(made: History) -> None:
    for kind, message in (("list_partial", "The list was read in part."), ("session_dead", "The session is over.")):
        made.owner.execute(
            "insert into alerts (user_id, profile_id, kind, message) values (%s, %s, %s, %s)",
            (made.user, made.profile, kind, message),
        )
    for number in range(30):
        made.owner.execute(
            "insert into sync_jobs (user_id, profile_id, kind, state, ended_at) values (%s, %s, 'SYNC', %s, now())",
            (made.user, made.profile, "FAILED" if number % 3 == 0 else "COMPLETED"),
        )
    made.owner.execute(
        "update profiles set state = 'CHALLENGED', state_reason = 'Instagram asks a question.' where id = %s",
        (made.profile,),
    )


def test_every_number_that_is_a_link_counts_the_rows_it_leads_to(history: History, alice: FlaskClient) -> None:
    wrong, paths = differences(fetcher(alice), f"{ROOT}/", inside(history))
    assert wrong == []
    root = f"/profiles/{history.profile}"
    assert {root, f"{root}/followers", f"{root}/content", f"{root}/activity", f"{root}/exports"} <= paths
    assert any(path.endswith("/likers") for path in paths), "the bell is on every page of the profile"


def test_a_profile_of_data_downloads_counts_the_same_rows_in_every_period(
    owner: psycopg.Connection[dict[str, Any]],
    people: Personas,
    make_profile: Callable[..., UUID],
    alice: FlaskClient,
) -> None:
    """Two data downloads: the first dates its people, some of them within the last 28 days."""
    made = History(owner, people.alice, make_profile(people.alice, "only.files", observed_at=NOW, followers=28))
    made.run(days_ago(10), source="archive")
    made.run(NOW, source="archive")
    for number in range(20):
        made.stay(made.person(f"dated{'d' * number}"), days_ago(11 + 2 * number), known="exact")
    for number in range(8):
        made.stay(made.person(f"came{'c' * number}"), days_ago(1 + number), known="exact")
    owner.execute("update people set platform_id = null")
    wrong, _ = differences(fetcher(alice), f"{ROOT}/profiles/{made.profile}", inside(made))
    assert wrong == []
    for period in ("28", "all"):
        page = alice.get(f"/profiles/{made.profile}?period={period}").text
        assert 'data-testid="figure-gained" data-value="8"' in page


@pytest.mark.parametrize("period", ["7", "28", "90", "all"])
def test_table_interface_and_tile_of_a_period_say_the_same(period: str, history: History, alice: FlaskClient) -> None:
    page = alice.get(f"/profiles/{history.profile}?period={period}").text
    figures = alice.get(f"/api/v1/profiles/{history.profile}?period={period}").json["figures"]  # type: ignore[index]
    table = page[page.index('data-testid="growth-table"') :]
    cells = [re.findall(r'class="num">([^<]*)<', row) for row in table[: table.index("</table>")].split("<tr>")[2:]]
    for place, name in ((1, "gained"), (2, "lost")):
        told = re.search(rf'data-testid="figure-{name}" data-value="(\d+)"', page)
        assert told is not None
        assert sum(int(unescape(row[place])) for row in cells if row[place] != "n/a") == int(told[1])
        assert figures[name]["value"] == int(told[1])


PAGES = {
    "/": '<main><a href="/list"><p>Left <b>{number}</b></p></a>'
    '<a href="/list">28 <span class="visually-hidden">9</span></a>'
    '<div class="period-picker"><a href="/list">7 days</a></div><a href="/list">@someone77</a></main>',
    "/list": '<p data-testid="matching" data-count="{said}"></p><ul>'
    + "<li data-row>" * 20
    + '</ul><a rel="next" href="/list?after=x">Next</a>',
    "/list?after=x": "<ul>" + "<li data-row>" * 8 + "</ul>",
}


@pytest.mark.parametrize(("number", "said", "wrong"), [(28, 28, 0), (29, 28, 1), (28, 27, 1), (30, 30, 2)])
def test_a_number_that_differs_from_its_rows_is_found(number: int, said: int, wrong: int) -> None:
    def fetch(address: str) -> str:
        parts = urlsplit(address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return PAGES[path].format(number=number, said=said)

    found, paths = differences(fetch, f"{ROOT}/", lambda address: True)
    assert len(found) == wrong
    assert paths == {"/"}
