"""A session that is over, and an account that is not told its own name, in each form that was seen."""

import httpx
import pytest

from sandbox.instagram.login.logged_out import LoggedOut
from tests.sandbox.visitor import Visitor

FORM = "/api/v1/accounts/edit/web_form_data/"


def info(visitor: Visitor) -> httpx.Response:
    return visitor.http.get(f"/api/v1/users/{visitor.of.user_id}/info/")


@pytest.mark.parametrize(
    ("variant", "status", "words"),
    [
        (LoggedOut.REQUIRE_LOGIN, 401, '"require_login":true'),
        (LoggedOut.LOGIN_REQUIRED, 403, '"logout_reason":8'),
        (LoggedOut.REDIRECT, 302, "/accounts/login/"),
        (LoggedOut.HTML, 200, "<!DOCTYPE html>"),
        (LoggedOut.USER_AGENT, 401, "useragent mismatch"),
    ],
)
def test_a_session_ends_after_so_many_answers_in_the_form_that_was_asked_for(
    variant: str, status: int, words: str, owner: Visitor
) -> None:
    owner.control("faults", kind="logged_out", where="json", variant=variant, after=1).raise_for_status()
    assert info(owner).json()["user"]["username"] == owner.of.username
    for _ in range(2):
        answer = info(owner)
        assert answer.status_code == status
        assert words in answer.text + answer.headers.get("Location", "")
    assert owner.http.get("/accounts/edit/").status_code == 302
    owner.http.cookies.clear()
    owner.log_in().raise_for_status()
    assert info(owner).status_code == 200


def test_who_is_logged_in_may_not_be_told_by_some_ways(owner: Visitor) -> None:
    assert owner.http.get("/api/v1/accounts/current_user/").text.startswith("<!DOCTYPE html>")
    assert owner.http.get(FORM).json()["form_data"]["username"] == owner.of.username
    for variant in ("form_loop", "id_html", "id_gone"):
        owner.control("faults", kind="who_am_i", variant=variant).raise_for_status()
    circle = owner.http.get(FORM)
    assert (circle.status_code, circle.headers["Location"]) == (302, FORM)
    assert info(owner).text.startswith("<!DOCTYPE html>")
    assert info(owner).status_code == 404
    assert info(owner).json()["user"]["pk"] == owner.of.user_id


def test_a_variant_that_is_not_there_is_told(owner: Visitor) -> None:
    answer = owner.control("faults", kind="logged_out", variant="shouting")
    assert (answer.status_code, answer.json()["variants"]) == (400, list(LoggedOut))
