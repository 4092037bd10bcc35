"""Many accounts behind one address: no one meets another's world, faults or codes."""

from collections.abc import Iterator

import httpx
import pytest

from sandbox.crowd import Crowd, gather
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from tests.sandbox.visitor import Visitor

SMALL = Config(WorldConfig(followers=30, following=10, posts=2), TwoFactor.TOTP)


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    running = Crowd(gather(3, 5, SMALL))
    yield running
    running.stop()


@pytest.fixture
def visitors(crowd: Crowd) -> Iterator[list[Visitor]]:
    arrived = [Visitor(member.credentials) for member in crowd.members]
    yield arrived
    for visitor in arrived:
        visitor.http.close()


def followers(visitor: Visitor) -> list[int]:
    answer = visitor.http.get(f"/api/v1/friendships/{visitor.of.user_id}/followers/").raise_for_status()
    return [row["pk"] for row in answer.json()["users"]]


def test_each_logs_in_with_their_own_code_and_reads_their_own_list(crowd: Crowd, visitors: list[Visitor]) -> None:
    for visitor, member in zip(visitors, crowd.members, strict=True):
        assert visitor.log_in().json()["userId"] == visitor.of.user_id
        assert followers(visitor) == list(member.site.world.population.followers.members)[:25]


def test_a_device_that_logged_in_is_led_back_to_its_account(crowd: Crowd, visitors: list[Visitor]) -> None:
    last = visitors[-1]
    last.log_in()
    for name in ("sessionid", "ds_user_id"):
        del last.http.cookies[name]
    before = crowd.members[-1].site.requests.total()
    last.open_login_page()
    assert crowd.members[-1].site.requests.total() == before + 1


def test_a_fault_and_a_day_are_for_one_account(crowd: Crowd, visitors: list[Visitor]) -> None:
    first, second = visitors[:2]
    for visitor in (first, second):
        visitor.log_in()
    second.control(f"faults?account={second.of.username}", kind="http_500", where="json").raise_for_status()
    second.control(f"advance?account={second.of.username}", days=1).raise_for_status()
    assert followers(first)
    path = f"/api/v1/friendships/{second.of.user_id}/followers/"
    assert second.http.get(path).status_code == 500
    assert second.truth()["now"] != first.truth()["now"]


def test_a_control_call_that_names_nobody_says_who_there_is(crowd: Crowd) -> None:
    answer = httpx.post(f"{crowd.url}/_sandbox/advance", json={"days": 1})
    assert answer.status_code == 400
    assert answer.json()["accounts"] == [member.username for member in crowd.members]


def test_a_login_of_nobody_is_refused_as_an_unknown_user(crowd: Crowd, visitors: list[Visitor]) -> None:
    visitor = visitors[0]
    visitor.open_login_page()
    assert visitor.try_password("does-not-matter", "no one.here").json() == {
        "authenticated": False,
        "user": False,
        "status": "ok",
    }


def test_two_accounts_of_one_name_are_no_crowd() -> None:
    with pytest.raises(ValueError, match="its own name"):
        Crowd([SMALL, SMALL])
