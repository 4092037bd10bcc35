"""The stand-in's refusals, and their forms."""

import httpx
import pytest

from tests.sandbox.visitor import LOGIN, Visitor

WAIT = "Please wait a few minutes before you try again."


def followers(visitor: Visitor, headers: dict[str, str] | None = None) -> httpx.Response:
    """One page of followers."""
    return visitor.http.get(f"/api/v1/friendships/{visitor.of.user_id}/followers/?count=12", headers=headers)


def test_without_a_session_data_is_401_with_require_login(stranger: Visitor) -> None:
    answer = followers(stranger)
    assert answer.status_code == 401
    assert answer.json() == {"message": WAIT, "require_login": True, "igweb_rollout": True, "status": "fail"}


def test_a_made_up_session_is_no_session(stranger: Visitor) -> None:
    stranger.http.cookies.set("sessionid", f"{stranger.of.user_id}%3Aabc%3A1%3AAY")
    assert followers(stranger).json()["require_login"] is True


def test_without_the_app_id_data_is_403(owner: Visitor) -> None:
    assert followers(owner, {"X-IG-App-ID": ""}).status_code == 403
    assert followers(owner, {"X-IG-App-ID": "1"}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"X-Requested-With": ""}, {"Referer": ""}, {"Referer": "https://elsewhere.invalid/"}]
)
def test_a_call_that_no_page_of_the_site_makes_gets_the_shell(owner: Visitor, headers: dict[str, str]) -> None:
    answer = followers(owner, headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_post_without_the_csrf_token_is_403(owner: Visitor, token: str) -> None:
    form = {"target_user_id": owner.of.user_id}
    assert owner.http.post("/api/v1/clips/user/", data=form, headers={"X-CSRFToken": token}).status_code == 403
    assert owner.http.post(LOGIN, data={}, headers={"X-CSRFToken": token}).status_code == 403


def test_a_session_belongs_to_the_browser_that_made_it(owner: Visitor) -> None:
    answer = followers(owner, {"User-Agent": "another/2"})
    assert (answer.status_code, answer.json()["message"]) == (401, "useragent mismatch")
    assert owner.http.get("/accounts/edit/", headers={"User-Agent": "another/2"}).status_code == 302


def test_a_refusal_can_be_a_message_alone_or_a_status_alone(owner: Visitor) -> None:
    owner.control("faults", kind="message", where="json", variant="Login required").raise_for_status()
    owner.control("faults", kind="message", where="json", variant="errors:ip_block").raise_for_status()
    owner.control("faults", kind="bare", where="json", status=403).raise_for_status()
    owner.control("faults", kind="bare", where="page", status=429).raise_for_status()
    page = owner.http.get(f"/{owner.of.username}/")
    assert (page.status_code, page.content) == (429, b"")
    bare, said, listed = followers(owner), followers(owner), followers(owner)
    assert (bare.status_code, bare.content) == (403, b"")
    assert (said.status_code, said.json()) == (200, {"message": "Login required"})
    assert listed.json() == {"errors": [{"message": "ip_block"}], "data": None}
    assert followers(owner).json()["status"] == "ok"


def test_pages_send_a_stranger_to_the_login(stranger: Visitor) -> None:
    for path in ("/accounts/edit/", "/accounts/onetap/", f"/{stranger.of.username}/"):
        answer = stranger.http.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_dead_session_is_taken_away_by_the_next_page(owner: Visitor) -> None:
    assert owner.http.get("/accounts/edit/").status_code == 200
    assert owner.control("faults", kind="session_dead").json() == {"sessions_ended": 1}
    assert followers(owner).status_code == 401
    assert owner.http.get("/accounts/edit/").status_code == 302
    assert "sessionid" not in owner.http.cookies


@pytest.mark.parametrize(
    "path", ["/api/v1/users/web_profile_info/?username=no one.at.all", "/no one.at.all/", "/api/v1/x/"]
)
def test_what_is_not_there_is_an_html_404(owner: Visitor, path: str) -> None:
    answer = owner.http.get(path)
    assert answer.status_code == 404
    assert "Sorry, this page isn't available." in answer.text


def test_please_wait_comes_as_often_as_it_was_set(owner: Visitor) -> None:
    owner.control("faults", kind="please_wait", times=2, status=401, where="json")
    for _ in range(2):
        answer = followers(owner)
        assert (answer.status_code, answer.json()) == (401, {"message": WAIT, "status": "fail"})
    assert followers(owner).status_code == 200


def test_a_server_error_is_a_page(owner: Visitor) -> None:
    owner.control("faults", kind="http_500")
    answer = followers(owner)
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert followers(owner).status_code == 200


def test_a_checkpoint_can_come_in_the_middle(owner: Visitor) -> None:
    owner.control("faults", kind="checkpoint", where="json")
    body = followers(owner).json()
    assert (body["message"], body["error_type"]) == ("challenge_required", "checkpoint_challenge_required")
    assert owner.http.get(body["challenge"]["api_path"]).status_code == 200


def test_a_slow_answer_is_still_an_answer(owner: Visitor) -> None:
    owner.control("faults", kind="slow", ms=1, times=1)
    assert followers(owner).status_code == 200
    assert httpx.get(f"{owner.of.url}/_sandbox/faults").json() == {"faults": []}


def test_faults_can_be_cleared(owner: Visitor) -> None:
    owner.control("faults", kind="please_wait", times=50)
    assert owner.control("faults", kind="clear").json() == {"faults": []}
    assert followers(owner).status_code == 200


def test_an_unknown_fault_is_answered_with_the_list(stranger: Visitor) -> None:
    answer = stranger.control("faults", kind="earthquake")
    assert answer.status_code == 400
    assert {"please_wait", "checkpoint", "suspended", "session_dead", "http_500", "slow"} <= set(answer.json()["kinds"])


def test_please_wait_may_say_how_long(owner: Visitor) -> None:
    owner.control("faults", kind="please_wait", where="json", variant="7200")
    answer = followers(owner)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7200")
    assert "Retry-After" not in followers(owner).headers


@pytest.mark.parametrize(("variant", "status"), [("", 400), ("ok", 200)])
def test_feedback_required_is_told_under_either_status(owner: Visitor, variant: str, status: int) -> None:
    owner.control("faults", kind="feedback", where="json", variant=variant)
    answer = followers(owner)
    assert answer.status_code == status
    assert answer.json() == {"message": "feedback_required", "spam": True, "status": "fail"}
    assert followers(owner).json()["status"] == "ok"
