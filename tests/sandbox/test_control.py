"""Profiles, the calendar and the control routes."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.sandbox.visitor import Visitor


def get(visitor: Visitor, path: str) -> httpx.Response:
    """A control route."""
    return httpx.get(f"{visitor.of.url}/_sandbox/{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/accounts/edit/",
        "/no one/x/y/",
        "/static/site.js",
        "/_sandbox/now",
        "/api/v1/accounts/edit/web_form_data/",
    ],
)
def test_every_answer_has_one_date_and_it_is_the_calendars(owner: Visitor, path: str) -> None:
    owner.control("advance", days=2, hours=3)
    now = datetime.fromisoformat(get(owner, "now").json()["now"])
    assert now == datetime.fromisoformat(owner.of.now) + timedelta(days=2, hours=3)
    answer = owner.http.get(path)
    (date,) = answer.headers.get_list("Date")
    assert date.endswith("GMT")
    assert parsedate_to_datetime(date) == now
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("body", [{}, {"days": 0}, {"days": -1}, {"hours": "3"}, {"days": 10**6}])
def test_the_calendar_moves_forward_by_whole_hours_only(stranger: Visitor, body: dict[str, object]) -> None:
    assert stranger.control("advance", **body).status_code == 400
    assert get(stranger, "now").json()["now"] == stranger.of.now


def test_truth_tells_the_net_change_since_a_moment(stranger: Visitor) -> None:
    before = stranger.truth()
    assert [before[key] for key in ("gained", "lost", "renamed")] == [[], [], []]
    came = stranger.control("people", follow=2, leave=3, rename=4, follow_usernames=["an.old.friend"]).json()["came"]
    after = stranger.truth(since=stranger.of.now)
    assert {row["pk"] for row in after["gained"]} == {row["pk"] for row in came}
    assert came[-1]["username"] == "an.old.friend"
    names = {row["pk"]: row["username"] for row in before["followers"]}
    assert all(row["pk"] in names for row in after["lost"])
    assert len(after["lost"]) == 3
    assert {row["pk"]: row["from"] for row in after["renamed"]} == {
        row["pk"]: names[row["pk"]]
        for row in after["followers"]
        if row["pk"] in names and names[row["pk"]] != row["username"]
    }
    assert len(after["renamed"]) == 4


def test_counts_are_those_of_the_rows(stranger: Visitor) -> None:
    stranger.control("advance", days=20)
    moment = stranger.of.now.replace("+", "%2B")
    whole = get(stranger, f"truth/{stranger.of.username}?since={moment}").json()
    short = get(stranger, f"truth/{stranger.of.username}?since={stranger.of.now}&counts_only=1").json()
    assert short == {"now": whole["now"], "counts": whole["counts"]}
    assert {name: len(whole[name]) for name in whole["counts"]} == whole["counts"]


@pytest.mark.parametrize("since", ["yesterday", "2026-03-02T09:00:00"])
def test_a_moment_without_its_offset_is_refused(stranger: Visitor, since: str) -> None:
    assert get(stranger, f"truth/{stranger.of.username}?since={since}").status_code == 400


@pytest.mark.parametrize(
    "body", [{"leave": 131}, {"follow": -1}, {"follow_usernames": ["Not A Name"]}, {"rename": "x"}]
)
def test_steering_that_cannot_be_is_refused(stranger: Visitor, body: dict[str, object]) -> None:
    assert stranger.control("people", **body).status_code == 400
    assert get(stranger, "now").json()["now"] == stranger.of.now


def test_nobody_elses_phone_or_truth_is_told(stranger: Visitor) -> None:
    assert get(stranger, "phone/nobody").status_code == 404
    assert get(stranger, "truth/nobody").status_code == 404


def test_requests_are_counted_by_kind_without_the_control_routes(owner: Visitor) -> None:
    owner.http.get(f"/api/v1/friendships/{owner.of.user_id}/followers/")
    counted = get(owner, "requests").json()
    assert counted["by_kind"] == {"login": 1, "log_in": 1, "answer_challenge": 1, "followers": 1}
    assert counted["total"] == sum(counted["by_minute"].values()) == 4


def test_both_profile_calls_agree_with_the_truth(owner: Visitor) -> None:
    owner.control("advance", days=15)
    counts = get(owner, f"truth/{owner.of.username}?counts_only=1").json()["counts"]
    by_name = owner.http.get(f"/api/v1/users/web_profile_info/?username={owner.of.username}").json()["data"]["user"]
    by_pk = owner.http.get(f"/api/v1/users/{owner.of.user_id}/info/").json()["user"]
    assert by_name["id"] == by_pk["pk"] == owner.of.user_id
    assert by_name["edge_followed_by"]["count"] == by_pk["follower_count"] == counts["followers"]
    assert by_name["edge_follow"]["count"] == by_pk["following_count"] == counts["following"]
    assert by_name["edge_owner_to_timeline_media"]["count"] == by_pk["media_count"] == counts["media"]


def test_somebody_elses_profile_says_who_follows_whom(owner: Visitor) -> None:
    follower = owner.truth()["followers"][0]
    profile = owner.http.get(f"/api/v1/users/web_profile_info/?username={follower['username']}").json()["data"]["user"]
    assert (profile["id"], profile["follows_viewer"]) == (str(follower["pk"]), True)
    assert owner.http.get(f"/api/v1/users/{follower['pk']}/info/").json()["user"]["username"] == follower["username"]
    assert owner.http.get(f"/{follower['username']}/").status_code == 200


def test_the_form_says_who_is_logged_in(owner: Visitor) -> None:
    form = owner.http.get("/api/v1/accounts/edit/web_form_data/").json()["form_data"]
    assert form["username"] == owner.of.username
