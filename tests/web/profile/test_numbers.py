"""Each number that is a link leads to as many rows as it says, on every page that links lead to."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.rig.populated import populate
from tests.web.conftest import SignedInAs
from tests.web.numbers import differences

ROOT = "http://localhost"


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
    made = History(owner, people.alice, make_profile(people.alice, external_id="9", observed_at=NOW, followers=122))
    populate(made)
    return made


@pytest.mark.slow
def test_every_number_that_is_a_link_counts_the_rows_it_leads_to(history: History, alice: FlaskClient) -> None:
    wrong, paths = differences(fetcher(alice), f"{ROOT}/", inside(history))
    assert wrong == []
    root = f"/profiles/{history.profile}"
    assert {root, f"{root}/followers", f"{root}/content", f"{root}/activity", f"{root}/exports"} <= paths
    assert any(path.endswith("/likers") for path in paths), "the bell is on every page of the profile"


@pytest.mark.slow
def test_a_profile_of_data_downloads_counts_the_same_rows_in_every_period(
    owner: psycopg.Connection[dict[str, Any]],
    people: Personas,
    make_profile: Callable[..., UUID],
    alice: FlaskClient,
) -> None:
    """Two data downloads: the first dates its people, some of them within the last 28 days."""
    made = History(owner, people.alice, make_profile(people.alice, "only.files", observed_at=NOW, followers=28))
    made.run(days_ago(10), source="data_download")
    made.run(NOW, source="data_download")
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
