"""The lists' other route and each way in which they lie, as a client over real HTTP sees it."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.sandbox.visitor import Visitor

NAME, DOC_ID = "usePolarisGetFollowListQuery", "37158170193798755"
Json = dict[str, Any]


def rest(visitor: Visitor, cursor: str | None = None, which: str = "followers") -> httpx.Response:
    params = {"count": "50", "search_surface": "follow_list_page"} | ({"max_id": cursor} if cursor else {})
    return visitor.http.get(f"/api/v1/friendships/{visitor.of.user_id}/{which}/", params=params)


def tokens(visitor: Visitor) -> dict[str, str]:
    html = visitor.http.get(f"/{visitor.of.username}/").text
    found = re.search(r'id="__eqmc">(.*?)</script>', html)
    assert found is not None
    known: dict[str, str] = json.loads(found.group(1))
    assert f'["LSD",[],{{"token":"{known["l"]}"}}' in html
    return known


def query(visitor: Visitor, cursor: str | None = None, **changed: str) -> httpx.Response:
    known = tokens(visitor)
    variables = {"userID": visitor.of.user_id, "first": 50, "after": cursor, "isFollowerList": True}
    form = {
        "fb_dtsg": known["f"],
        "lsd": known["l"],
        "jazoest": "21",
        "av": visitor.of.user_id,
        "doc_id": DOC_ID,
        "fb_api_req_friendly_name": NAME,
        "variables": json.dumps(variables),
    } | changed
    headers = {
        "X-CSRFToken": visitor.http.cookies.get("csrftoken") or "",
        "X-FB-LSD": known["l"],
        "X-FB-Friendly-Name": NAME,
    }
    return visitor.http.post("/graphql/query", data=form, headers=headers)


def connection(answer: httpx.Response) -> Json:
    text = answer.text.removeprefix("for (;;);").splitlines()[0]
    found: Json = json.loads(text)["data"]["xdt_api__v1__friendships__followers__connection"]
    return found


def lie(visitor: Visitor, kind: str, variant: str = "followers", **more: object) -> None:
    visitor.control("faults", kind=kind, variant=variant, **{"times": 100, **more}).raise_for_status()


def test_rows_can_lack_a_name_and_the_same_people_can_be_hidden_in_each_walk(owner: Visitor) -> None:
    whole = {row["pk"] for row in rest(owner).json()["users"]}
    lie(owner, "nameless")
    rows = rest(owner).json()["users"]
    assert {row["pk"] for row in rows} == whole
    assert {row.get("username", "absent") for row in rows[::3]} == {"", None, "absent"}
    assert all(row["username"] for row in rows[1::3])
    owner.control("faults", kind="clear").raise_for_status()
    lie(owner, "steady_gap")
    first, again = ({row["pk"] for row in rest(owner).json()["users"]} for _ in range(2))
    assert first == again < whole


def test_the_query_gives_the_same_list_in_each_of_its_forms(owner: Visitor) -> None:
    forms, seen, cursor = set(), [], None
    while True:
        answer = query(owner, cursor)
        forms.add((answer.text.startswith("for (;;);"), "\n" in answer.text))
        found = connection(answer)
        seen += [edge["node"]["pk"] for edge in found["edges"]]
        cursor = found["page_info"]["end_cursor"]
        if not found["page_info"]["has_next_page"]:
            break
    assert seen == [row["pk"] for row in owner.truth()["followers"]]
    assert forms == {(False, False), (True, False), (False, True)}


@pytest.mark.parametrize("wrong", [{"fb_dtsg": "x"}, {"lsd": "x"}, {"av": "1"}, {"jazoest": ""}])
def test_a_query_without_the_pages_tokens_gets_no_data(owner: Visitor, wrong: dict[str, str]) -> None:
    answer = query(owner, **wrong)
    assert answer.text.startswith("for (;;);")
    assert "data" not in json.loads(answer.text.removeprefix("for (;;);"))


def test_an_unknown_query_and_a_cursor_of_the_other_route_are_refused(owner: Visitor) -> None:
    cursor = rest(owner).json()["next_max_id"]
    for answer in (query(owner, doc_id="1"), query(owner, cursor)):
        assert (answer.status_code, answer.json()["message"]) == (400, "invalid request")


def test_a_stranger_has_no_list_by_query(owner: Visitor) -> None:
    known = tokens(owner)
    owner.http.cookies.delete("sessionid")
    form = {"doc_id": DOC_ID, "fb_api_req_friendly_name": NAME, "lsd": known["l"], "variables": "{}"}
    headers = {"X-CSRFToken": owner.http.cookies.get("csrftoken") or "", "X-FB-Friendly-Name": NAME}
    assert owner.http.post("/graphql/query", data=form, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("kind", "users", "goes_on"),
    [
        ("empty_list", 0, False),
        ("short_list", 25, False),
        ("barren_pages", 0, True),
        ("limited_list", 50, False),
        ("duplicates", 31, True),
    ],
)
def test_a_page_of_a_list_that_lies(owner: Visitor, kind: str, users: int, goes_on: bool) -> None:
    lie(owner, kind)
    body = rest(owner).json()
    assert (len(body["users"]), "next_max_id" in body, body["status"]) == (users, goes_on, "ok")
    assert body["should_limit_list_of_followers"] is (kind == "limited_list")
    assert len(rest(owner, which="following").json()["users"]) == 50


def test_a_lie_may_begin_later_and_ends_after_its_times(owner: Visitor) -> None:
    lie(owner, "empty_list", times=1, after=1)
    assert [len(rest(owner).json()["users"]) for _ in range(3)] == [25, 0, 25]


def test_cursors_that_repeat_and_people_who_come_again(owner: Visitor) -> None:
    first = rest(owner).json()
    lie(owner, "same_people")
    lie(owner, "repeated_cursor")
    second = rest(owner, first["next_max_id"]).json()
    assert second["users"] == first["users"]
    assert second["next_max_id"] == first["next_max_id"]


def test_each_pass_over_a_list_ranked_anew_hides_others_and_two_show_all(owner: Visitor) -> None:
    lie(owner, "reranked")

    def one_pass() -> set[int]:
        found, cursor = set[int](), None
        while True:
            body = rest(owner, cursor).json()
            found |= {row["pk"] for row in body["users"]}
            cursor = body.get("next_max_id")
            if cursor is None:
                return found

    everybody = {row["pk"] for row in owner.truth()["followers"]}
    first, second = one_pass(), one_pass()
    assert len(first) < len(everybody)
    assert len(second) < len(everybody)
    assert first | second == everybody


def test_the_counter_moves_by_what_is_said(owner: Visitor) -> None:
    def count() -> int:
        number: int = owner.http.get(f"/api/v1/users/{owner.of.user_id}/info/").json()["user"]["follower_count"]
        return number

    lie(owner, "count_moves", "followers:-2", times=1, after=1)
    assert [count(), count(), count()] == [130, 128, 130]


def test_ids_come_in_three_spellings_and_has_more_is_wrong(owner: Visitor) -> None:
    lie(owner, "wrong_ids")
    lie(owner, "has_more_lies")
    body = rest(owner).json()
    assert [sorted(row.keys() & {"pk", "pk_id", "id"}) for row in body["users"][:3]] == [
        ["pk"],
        ["pk", "pk_id"],
        ["id"],
    ]
    assert (body["has_more"], type(body["next_max_id"])) == (False, int)
    assert len(rest(owner, str(body["next_max_id"])).json()["users"]) == 25


def test_a_retired_route_stays_so_until_the_faults_are_cleared(owner: Visitor) -> None:
    for route in ("rest", "graphql", "dialog"):
        lie(owner, "route_gone", route, times=1)
    for _ in range(2):
        assert rest(owner).text.startswith("<!DOCTYPE html>")
        assert query(owner).status_code == 400
        assert "follow_list.js" not in owner.http.get(f"/{owner.of.username}/").text
    owner.control("faults", kind="clear")
    assert (rest(owner).status_code, query(owner).status_code) == (200, 200)
    assert "follow_list.js" in owner.http.get(f"/{owner.of.username}/").text


def test_a_walk_may_be_cut_off_with_its_session(owner: Visitor) -> None:
    lie(owner, "cut_off", times=1, after=1)
    assert rest(owner).status_code == 200
    assert rest(owner).json()["require_login"] is True
    assert rest(owner).status_code == 401


def test_people_may_come_under_any_full_name(owner: Visitor) -> None:
    owner.control("people", follow_usernames=["fail", "spam"], full_name="Please wait a few minutes").raise_for_status()
    names = {row["username"]: row["full_name"] for row in rest(owner).json()["users"]}
    assert names["fail"] == names["spam"] == "Please wait a few minutes"
