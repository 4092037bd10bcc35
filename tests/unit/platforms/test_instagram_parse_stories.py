"""Stories, their viewers and the likers of a post, in every form; and the one medium that is asked for by its id."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.domain.social import MediaKind, PlatformId
from shared.errors import MediaGone, UnexpectedAnswer
from worker.platforms.instagram_web.parsing.profile_and_lists import likers, media_info, stories, story_viewers

OWNER = PlatformId("42")
STORY: dict[str, Any] = {"pk": "31", "taken_at": 1_790_000_000, "expiring_at": 1_790_086_400, "media_type": 1}
REEL: dict[str, Any] = {"id": "42", "user": {"pk": 42, "username": "me"}, "items": [STORY]}
USER = {"pk": 10, "username": "user_0010"}
POST: dict[str, Any] = {"pk": "900", "code": "AbC", "media_type": 1, "taken_at": 1_700_000_000}


@pytest.mark.parametrize(
    "body",
    [
        {"reels_media": [REEL], "reels": {"42": REEL}},
        {"reels": {"42": REEL}},
        {"data": {"xdt_api__v1__feed__reels_media": {"reels_media": [REEL]}}},
        {"data": {"xdt_api__v1__feed__reels_media__connection": {"edges": [{"node": REEL}]}}},
    ],
)
@pytest.mark.parametrize("owner", [None, OWNER])
def test_a_live_story_has_its_beginning_and_its_end(body: dict[str, Any], owner: PlatformId | None) -> None:
    (story,) = stories(body, owner).media
    assert (story.platform_id, story.kind, story.owner_platform_id) == ("31", MediaKind.STORY, "42")
    assert story.posted_at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert story.expires_at == datetime.fromtimestamp(1_790_086_400, UTC)
    assert (story.metrics.views, story.permalink) == (None, None)


def test_the_legacy_form_of_a_story_is_read() -> None:
    item = {
        "__typename": "GraphStoryVideo",
        "id": "31",
        "taken_at_timestamp": 1_790_000_000,
        "expiring_at_timestamp": 1_790_086_400,
        "edge_story_media_viewers": {"count": 7},
    }
    body: dict[str, Any] = {
        "data": {"reels_media": [{"id": "42", "owner": {"id": "42", "username": "me"}, "items": [item]}]}
    }
    (story,) = stories(body, OWNER).media
    assert (story.platform_id, story.metrics.views) == ("31", 7)
    assert story.expires_at == datetime.fromtimestamp(1_790_086_400, UTC)


@pytest.mark.parametrize(
    "body", [{"reels_media": [], "reels": {}, "status": "ok"}, {"reels": {}}, {"reels_media": None}]
)
def test_no_live_story_is_an_empty_page(body: dict[str, Any]) -> None:
    assert stories(body).media == ()


def test_somebody_elses_reel_is_not_the_owners() -> None:
    other = {**REEL, "id": "7", "user": {"pk": "7"}, "items": [{**STORY, "pk": 32}]}
    body: dict[str, Any] = {"reels_media": [REEL, other]}
    assert [one.platform_id for one in stories(body, OWNER).media] == ["31"]
    assert [one.platform_id for one in stories(body).media] == ["31", "32"]


def test_how_many_viewed_a_story_is_its_views_and_a_missing_count_is_none() -> None:
    reel = {**REEL, "items": [{**STORY, "viewer_count": 5, "view_count": 9}, {**STORY, "pk": 33, "viewer_count": None}]}
    assert [one.metrics.views for one in stories({"reels_media": [reel]}).media] == [5, None]


def test_the_recorded_viewers_are_read_under_either_name(instagram_fixtures: Path) -> None:
    body = json.loads((instagram_fixtures / "story_viewers_users_variant.json").read_text(encoding="utf-8"))
    page = story_viewers(body)
    assert [(v.person.platform_id, v.person.username, v.has_liked) for v in page.viewers] == [("10", "user_0010", True)]
    assert (page.next_cursor, page.total) == (None, 1)
    renamed = {**body, "viewers": [{"user": USER, "has_liked": False}]}
    del renamed["users"]
    assert [(v.person.platform_id, v.has_liked) for v in story_viewers(renamed).viewers] == [("10", False)]


def test_the_recorded_empty_answer_lacks_its_list_and_is_empty(instagram_fixtures: Path) -> None:
    body = json.loads((instagram_fixtures / "story_viewers_empty.json").read_text(encoding="utf-8"))
    assert (story_viewers(body).viewers, story_viewers(body).next_cursor, story_viewers(body).total) == ((), None, 0)


@pytest.mark.parametrize(
    "data",
    [
        {"media": {"edge_story_media_viewers": {"count": 60, "edges": [{"node": {"id": "10", "username": "a"}}]}}},
        {"xdt_story_viewers": {"count": 60, "edges": [{"node": {"user": {"id": "10", "username": "a"}}}]}},
    ],
)
def test_viewers_in_graphql_forms_are_read(data: dict[str, Any]) -> None:
    for connection in data.values():
        inner = connection.get("edge_story_media_viewers", connection)
        inner["page_info"] = {"has_next_page": True, "end_cursor": "C"}
    page = story_viewers({"data": data})
    assert ([v.person.platform_id for v in page.viewers], page.next_cursor, page.total) == (["10"], "C", 60)


@pytest.mark.parametrize(
    ("total", "told"),
    [({"total_viewer_count": 4, "user_count": 3}, 4), ({"total_viewer_count": None, "user_count": None}, None)],
)
def test_who_counts_viewers_may_not_tell(total: dict[str, Any], told: int | None) -> None:
    assert story_viewers({**total, "status": "ok"}).total == told


def test_likers_are_read_in_either_form() -> None:
    rest = likers({"users": [USER], "user_count": 300})
    old = likers({"data": {"shortcode_media": {"edge_liked_by": {"count": 300, "edges": [{"node": USER}]}}}})
    assert rest == old
    assert ([who.platform_id for who in rest.people], rest.total) == (["10"], 300)


@pytest.mark.parametrize(
    "body",
    [
        {"items": [POST]},
        {"data": {"xdt_api__v1__media__shortcode__web_info": {"items": [POST]}}},
        {"data": {"xdt_shortcode_media": POST}},
        {"graphql": {"shortcode_media": {**POST, "__typename": "GraphImage"}}},
    ],
)
def test_one_medium_is_read_in_every_form(body: dict[str, Any]) -> None:
    found = media_info(body)
    assert (found.platform_id, found.kind, found.code) == ("900", MediaKind.IMAGE, "AbC")


@pytest.mark.parametrize("body", [{"items": []}, {"data": {"xdt_shortcode_media": None}}])
def test_a_medium_that_is_not_there_is_gone(body: dict[str, Any]) -> None:
    with pytest.raises(MediaGone):
        media_info(body)


@pytest.mark.parametrize(
    ("parse", "body", "path"),
    [
        (stories, {"status": "ok"}, "reels_media"),
        (stories, {"data": {}}, r"data\.reels_media"),
        (stories, {"reels_media": [{**REEL, "items": [{"taken_at": 1}]}]}, r"reels_media\[0\]\.items\[0\]\.pk"),
        (story_viewers, {"status": "ok"}, "users"),
        (likers, {"user_count": 3}, "users"),
        (media_info, {"status": "ok"}, "items"),
        (media_info, {"items": [{"code": "x"}]}, r"items\[0\]\.pk"),
    ],
)
def test_what_an_answer_must_have_is_named_by_its_path(parse: Any, body: dict[str, Any], path: str) -> None:
    with pytest.raises(UnexpectedAnswer, match=f"`{path}`"):
        parse(body)
