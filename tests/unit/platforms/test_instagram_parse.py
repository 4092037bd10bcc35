"""Profiles and people: every form the web writes them in; nothing absent becomes a zero or an empty list."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.social import PlatformId
from shared.errors import JobError, ListNotVisible, UnexpectedAnswer, UnknownUser
from worker.platforms.instagram_web.parsing.profile_and_lists import people_page, profile

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
USER = {"pk": 42, "username": "alice"}


def read(folder: Path, name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return body


def test_the_recorded_profile_gives_its_counters_though_its_edges_are_empty(instagram_fixtures: Path) -> None:
    facts = profile(read(instagram_fixtures, "web_profile_info_2022.json"))
    assert (facts.platform_id, facts.username) == (PlatformId("1518284433"), "robertdowneyjr")
    assert (facts.followers, facts.following, facts.media_count) == (52_979_346, 5, 419)
    assert (facts.category, facts.is_verified, facts.is_private, facts.is_professional) == ("Artist", True, False, True)


def test_the_profile_by_id_gives_the_same_under_its_newer_names() -> None:
    user = {
        **USER,
        "full_name": "Alice",
        "biography": "",
        "external_url": "",
        "category": "Chef",
        "follower_count": 7,
        "following_count": 0,
        "media_count": 3,
        "account_type": 3,
    }
    facts = profile({"user": user, "status": "ok"})
    assert (facts.platform_id, facts.followers, facts.following, facts.media_count) == ("42", 7, 0, 3)
    assert (facts.category, facts.biography, facts.external_url, facts.is_professional) == ("Chef", None, None, True)
    assert facts.is_private is None


def test_counters_that_are_not_told_are_none() -> None:
    facts = profile({"data": {"user": {**USER, "follower_count": -1, "edge_follow": {"count": None}}}})
    assert (facts.followers, facts.following, facts.media_count, facts.is_professional) == (None, None, None, None)


def test_a_null_user_is_an_unknown_user() -> None:
    with pytest.raises(UnknownUser):
        profile({"data": {"user": None}, "status": "ok"})


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "user"),
        ({"data": {}}, "data.user"),
        ({"data": {"user": {"username": "a"}}}, "data.user.pk_id"),
        ({"user": {"pk": 1}}, "user.username"),
    ],
)
def test_a_profile_without_id_or_name_names_the_missing_field(body: dict[str, Any], path: str) -> None:
    with pytest.raises(UnexpectedAnswer, match=f"`{path}`"):
        profile(body)


def test_the_last_page_of_a_list_has_no_cursor(instagram_fixtures: Path) -> None:
    page = people_page(read(instagram_fixtures, "rest_followers_last_page.json"))
    assert [(p.platform_id, p.username, p.full_name, p.is_private) for p in page.people] == [
        ("1000001", "user_0001", None, False)
    ]
    assert (page.next_cursor, page.limited) == (None, False)


def test_a_list_that_the_platform_cuts_short_says_so(instagram_fixtures: Path) -> None:
    page = people_page(read(instagram_fixtures, "rest_followers_limited.json"))
    assert (len(page.people), page.next_cursor, page.limited) == (3, None, True)


def test_a_count_without_rows_is_limited_and_never_an_empty_list(instagram_fixtures: Path) -> None:
    page = people_page(read(instagram_fixtures, "gql_followers_empty_2026-09.json"))
    assert (page.people, page.next_cursor, page.limited) == ((), None, True)


@pytest.mark.parametrize("given_cursor", ["", "0", 0, None])
def test_an_empty_cursor_and_one_that_leads_to_the_top_are_the_end(given_cursor: object) -> None:
    body = {"users": [USER], "next_max_id": given_cursor, "has_more": True, "big_list": True, "page_size": 200}
    assert people_page(body).next_cursor is None


@pytest.mark.parametrize("given_cursor", ["100", 100])
def test_paging_follows_the_cursor_and_not_has_more(given_cursor: object) -> None:
    body = {"users": [USER], "next_max_id": given_cursor, "has_more": False, "big_list": True, "page_size": 200}
    assert people_page(body).next_cursor == "100"


@pytest.mark.parametrize("direction", ["followers", "following"])
def test_the_newer_graphql_form_is_read(direction: str) -> None:
    connection = {
        "edges": [{"node": {"id": "7", "username": "bob", "is_verified": True}}],
        "page_info": {"end_cursor": "QVFB", "has_next_page": True},
        "should_limit_list_of_followers": True,
    }
    page = people_page({"data": {f"xdt_api__v1__friendships__{direction}__connection": connection}})
    assert (page.people[0].platform_id, page.people[0].is_verified) == ("7", True)
    assert (page.next_cursor, page.limited) == ("QVFB", True)


@pytest.mark.parametrize("edge", ["edge_followed_by", "edge_follow"])
def test_the_legacy_graphql_form_is_read(edge: str) -> None:
    edges = {
        "count": 1,
        "edges": [{"node": {"id": "7", "username": "b"}}],
        "page_info": {"has_next_page": False, "end_cursor": "x"},
    }
    page = people_page({"data": {"user": {edge: edges}}})
    assert ([p.platform_id for p in page.people], page.next_cursor, page.limited) == (["7"], None, False)


@pytest.mark.parametrize(
    "data",
    [{"xdt_api__v1__friendships__followers__connection": None}, {"user": {"edge_followed_by": None}}],
)
def test_a_null_list_is_not_visible(data: dict[str, Any]) -> None:
    with pytest.raises(ListNotVisible):
        people_page({"data": data})


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"status": "ok"}, "users"),
        ({"users": None}, "users"),
        ({"data": {"user": {"edge_follow": {"count": 3}}}}, r"data\.user\.edge_follow\.edges"),
        ({"users": [USER, {"username": "b"}]}, r"users\[1\]\.pk_id"),
    ],
)
def test_a_page_without_what_it_must_have_names_it(body: dict[str, Any], path: str) -> None:
    with pytest.raises(UnexpectedAnswer, match=f"`{path}`"):
        people_page(body)


def test_an_id_too_long_for_a_float_keeps_every_digit() -> None:
    assert people_page({"users": [{"pk": 3606320802535303000, "username": "a"}]}).people[0].platform_id == str(
        3606320802535303000
    )


@given(ANY_JSON, ANY_JSON)
def test_unknown_fields_change_nothing(one: object, other: object) -> None:
    body = {"users": [{**USER, "brand_new": one}], "next_max_id": "n", "another": other}
    assert people_page(body) == people_page({"users": [USER], "next_max_id": "n"})


@given(st.dictionaries(st.sampled_from(["users", "user", "data", "next_max_id", "pk", "username"]), ANY_JSON))
def test_any_json_is_read_or_refused_with_a_typed_error(body: dict[str, Any]) -> None:
    for parse in (profile, people_page):
        with suppress(JobError):
            parse(body)


@given(st.text(min_size=1).map(lambda text: f"a{text}"))
def test_every_name_can_be_stored(name: str) -> None:
    body = json.loads(json.dumps({"users": [{**USER, "full_name": f"{name}\ud83d\x00"}]}))
    full_name = people_page(body).people[0].full_name
    assert full_name is not None
    assert "\x00" not in full_name
    assert full_name.encode()


@pytest.mark.parametrize("named", [{}, {"username": ""}, {"username": None}, {"username": "  "}])
def test_a_row_without_a_username_is_somebody_whose_name_is_not_known(named: dict[str, Any]) -> None:
    page = people_page({"users": [USER, {"pk": 7, "full_name": "Bea", **named}]})
    assert [(p.platform_id, p.username) for p in page.people] == [("42", "alice"), ("7", "")]
    assert page.people[1].full_name == "Bea"
