"""Stories, their viewers, likers, and pieces that are archived or deleted."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.server import Config
from sandbox.world.stories import LIFE
from sandbox.world.world import World, WorldConfig
from tests.sandbox.conftest import SMALL
from tests.sandbox.test_media import feed, flat
from tests.sandbox.visitor import Visitor

pytestmark = pytest.mark.slow
Json = dict[str, Any]


def stories(visitor: Visitor) -> list[Json]:
    body = visitor.http.get("/api/v1/feed/reels_media/", params={"reel_ids": visitor.of.user_id}).json()
    assert bool(body["reels_media"]) == bool(body["reels"])
    return body["reels_media"][0]["items"] if body["reels_media"] else []


def viewers(visitor: Visitor, pk: str) -> list[Json]:
    """Everybody, page by page; no one comes twice."""
    found: list[Json] = []
    params: dict[str, str] = {}
    while True:
        body = visitor.http.get(f"/api/v1/media/{pk}/list_reel_media_viewer/", params=params).json()
        page = body.get("users", [])
        assert len(page) <= 50
        found += page
        if not body.get("next_max_id"):
            assert len({row["pk"] for row in found}) == len(found)
            return found
        params["max_id"] = body["next_max_id"]


def test_a_story_lives_for_a_day_and_its_viewers_only_become_more(owner: Visitor) -> None:
    pk = owner.control("media", stories=1).json()["stories"][0]
    assert viewers(owner, pk) == []
    shown = next(item for item in stories(owner) if item["pk"] == pk)
    assert shown["expiring_at"] - shown["taken_at"] == LIFE.total_seconds()
    met: set[int] = set()
    for _ in range(3):
        owner.control("advance", hours=4)
        now = {row["pk"] for row in viewers(owner, pk)}
        assert met <= now
        met = now
    assert met
    owner.control("advance", hours=12)
    assert pk not in [item["pk"] for item in stories(owner)]
    truth = next(row for row in owner.truth()["stories"] if row["pk"] == pk)
    rows = viewers(owner, pk)
    assert {row["pk"] for row in rows} == set(truth["viewers"])  # type: ignore[call-overload]
    assert {row["pk"] for row in rows if row["has_liked"]} == set(truth["likers"])  # type: ignore[call-overload]
    owner.control("advance", hours=25)
    assert viewers(owner, pk) == []


def test_nobody_elses_stories_are_shown_and_none_is_an_empty_envelope(owner: Visitor) -> None:
    assert owner.http.get("/api/v1/feed/reels_media/?reel_ids=7").json()["reels_media"] == []
    owner.control("faults", kind="stories_empty", where="json")
    assert stories(owner) == []
    assert stories(owner) != []


def test_many_viewers_come_in_pages(visit: Any) -> None:
    owner = visit(Config(WorldConfig(followers=1500, following=5, posts=5)))
    owner.log_in()
    owner.control("advance", hours=4)
    most = max(len(viewers(owner, item["pk"])) for item in stories(owner))
    assert most > 50


def test_likers_are_the_newest_hundred_at_most_under_the_count_of_all(visit: Any) -> None:
    owner = visit(Config(WorldConfig(followers=4000, following=5, posts=12)))
    owner.log_in()
    truth = owner.truth()
    newest = [row for row in truth["media"] if row["like_count"]][:3]
    for row in newest:
        body = owner.http.get(f"/api/v1/media/{row['pk']}/likers/").json()
        assert 0 < len(body["users"]) <= 100
        assert body["user_count"] == row["like_count"]
        assert {who["pk"] for who in body["users"]} <= set(truth["likers"][row["pk"]])


def test_what_is_archived_or_deleted_leaves_the_tabs_and_only_the_archived_answers(owner: Visitor) -> None:
    before = {row["pk"] for row in owner.truth()["media"]}
    owner.control("media", archive=2, delete=1).raise_for_status()
    truth = owner.truth()
    archived, deleted = ([row["pk"] for row in truth[name]] for name in ("archived", "deleted"))
    assert (len(archived), len(deleted)) == (2, 1)
    assert before == {row["pk"] for row in truth["media"]} | {*archived, *deleted}
    assert not {*archived, *deleted} & flat(feed(owner)).keys()
    shelf = owner.http.get("/api/v1/feed/only_me_feed/?count=33").json()
    assert {item["pk"] for item in shelf["items"]} == set(archived)
    answers = {pk: owner.http.get(f"/api/v1/media/{pk}/info/").status_code for pk in (*archived, *deleted)}
    assert answers == {**dict.fromkeys(archived, 200), **dict.fromkeys(deleted, 404)}
    assert owner.control("media", delete=1000).status_code == 400


@pytest.mark.parametrize(("variant", "shown"), [("three", 3), ("minus_one", -1), ("absent", None)])
def test_hidden_likes_have_three_forms(variant: str, shown: int | None, owner: Visitor) -> None:
    owner.control("faults", kind="hidden_likes", where="json", variant=variant, times=9)
    hidden = {row["pk"] for row in owner.truth()["media"] if row["likes_hidden"]}
    pieces = flat(feed(owner))
    assert {pieces[str(pk)].get("like_count") for pk in hidden if str(pk) in pieces} == {shown}


def test_viewers_may_be_gone_before_their_time_and_a_tab_may_be_a_page(owner: Visitor) -> None:
    pk = owner.control("media", stories=1).json()["stories"][0]
    owner.control("advance", hours=6)
    owner.control("faults", kind="viewers_gone", where="json")
    assert viewers(owner, pk) == []
    assert viewers(owner, pk) != []
    owner.control("faults", kind="media_html", where="json")
    assert "<html" in owner.http.get(f"/api/v1/feed/user/{owner.of.user_id}/").text


def test_a_world_lives_on_the_same_whether_anybody_looks_at_its_stories_or_not() -> None:
    once, split = World(SMALL), World(SMALL)
    once.advance(timedelta(hours=60))
    for _ in range(20):
        split.advance(timedelta(hours=3))
    assert once.stage == split.stage
    assert once.stage.stories[-1].viewers
