"""Accounts, posts and stories at Instagram's Graph API: the same as on the site's own pages, in another shape."""

import httpx
import pytest

from sandbox.meta.apps import BASIC
from sandbox.meta.people import media_id
from sandbox.world.posts import Kind
from tests.sandbox.meta.app import App, error_of

FIELDS = (
    "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp,username,like_count,"
    "comments_count,shortcode"
)


def walk_media(app: App, **params: str) -> list[dict[str, object]]:
    """All posts, by the addresses of the next pages."""
    rows: list[dict[str, object]] = []
    answer = app.get("me/media", **{"fields": FIELDS, "limit": "7"} | params)
    while True:
        answer.raise_for_status()
        body = answer.json()
        rows += body["data"]
        following = body.get("paging", {}).get("next")
        if not following:
            return rows
        answer = app.http.get(following)


def test_the_profile_has_the_counters_of_the_sites_own_pages(connected: App) -> None:
    connected.control("advance", days=2)
    me = connected.get(
        "me", fields="user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count"
    ).json()
    true = connected.truth()
    media = true["media"]
    assert isinstance(media, list)
    assert (me["followers_count"], me["follows_count"]) == (true["followers"], true["following"])
    assert me["media_count"] == len(media)
    assert (me["user_id"], me["account_type"]) == (true["user_id"], "BUSINESS")
    assert me["id"] == connected.account.scoped_id(connected.meta.app.instagram_id) != me["user_id"]
    assert connected.http.get(me["profile_picture_url"]).headers["Content-Type"] == "image/png"


def test_without_fields_there_is_only_an_id_and_any_of_the_ids_is_taken(connected: App) -> None:
    scoped = connected.account.scoped_id(connected.meta.app.instagram_id)
    assert connected.get("me").json() == {"id": scoped}
    assert connected.get(connected.account.id).json() == {"id": connected.account.id}
    assert connected.http.get("/me", params={"access_token": connected.token}).json() == {"id": scoped}
    bearer = connected.http.get("/v27.0/me", headers={"Authorization": f"Bearer {connected.token}"})
    assert bearer.json() == {"id": scoped}


def test_every_post_is_listed_once_with_the_counts_of_the_grid(connected: App) -> None:
    rows = walk_media(connected)
    posts = list(reversed(connected.account.world.posts))
    assert [row["id"] for row in rows] == [media_id(post.pk) for post in posts]
    for row, post in zip(rows, posts, strict=True):
        done = post.engagement(connected.account.world.now)
        assert row["shortcode"] == post.code
        assert post.code in str(row["permalink"])
        assert row.get("like_count") == (None if post.hides_counts else done.likes)
        assert row["comments_count"] == done.comments
        assert row.get("caption") == post.caption
        assert ("thumbnail_url" in row) == (post.kind is Kind.REEL)
        assert row["media_product_type"] == ("REELS" if post.kind is Kind.REEL else "FEED")
    assert {row["media_type"] for row in rows} == {"IMAGE", "VIDEO", "CAROUSEL_ALBUM"}
    assert str(rows[0]["timestamp"]).endswith("+0000")


def test_a_carousel_has_its_parts_and_no_insights_of_them(connected: App) -> None:
    post = next(post for post in connected.account.world.posts if post.kind is Kind.CAROUSEL)
    node = connected.get(media_id(post.pk), fields="children{id,media_type}").json()
    assert len(node["children"]["data"]) == post.parts
    assert connected.get(f"{media_id(post.pk)}/children", fields="id").json()["data"][0].keys() == {"id"}
    part = node["children"]["data"][0]["id"]
    assert error_of(connected.get(f"{part}/insights", metric="reach")) == (400, 100, 33)


def test_only_live_stories_are_listed(connected: App) -> None:
    connected.control("advance", days=1)
    world = connected.account.world
    world.steer_media(stories_now=1)
    rows = connected.get("me/stories", fields="id,media_product_type,permalink").json()["data"]
    live = [story for story in world.stage.stories if story.is_live(world.now)]
    assert [row["id"] for row in rows] == [media_id(story.pk) for story in reversed(live)]
    assert rows[0]["media_product_type"] == "STORY"
    connected.control("advance", days=1, hours=1)
    assert rows[0]["id"] not in [row["id"] for row in connected.get("me/stories").json()["data"]]
    assert error_of(connected.get(rows[0]["id"])) == (400, 100, 33)


def test_a_post_that_is_taken_away_is_neither_listed_nor_found(connected: App) -> None:
    newest = connected.get("me/media").json()["data"][0]["id"]
    world = connected.account.world
    while any(media_id(post.pk) == newest for post in world.posts):
        world.steer_media(delete=1)
    assert newest not in [row["id"] for row in walk_media(connected)]
    assert error_of(connected.get(newest)) == (400, 100, 33)


@pytest.mark.parametrize(
    ("path", "params", "refusal"),
    [
        ("me", {"fields": "followers"}, (400, 100, None)),
        ("me", {"fields": "id,{"}, (400, 2500, None)),
        ("me/media", {"fields": "plays"}, (400, 100, None)),
        ("me/media", {"limit": "0"}, (400, 100, None)),
        ("me/media", {"after": "made-up"}, (400, 100, None)),
        ("me/likes", {}, (400, 2500, None)),
        ("12345", {}, (400, 100, 33)),
        ("me", {"access_token": ""}, (400, 2500, None)),
        ("me", {"access_token": "EAAmade-up"}, (400, 190, None)),
    ],
)
def test_a_wrong_question_is_refused(
    connected: App, path: str, params: dict[str, str], refusal: tuple[int, int, int | None]
) -> None:
    assert error_of(connected.get(path, **params)) == refusal


@pytest.mark.parametrize(
    "params",
    [
        {"ids": "1,2"},
        {"date_format": "U"},
        {"method": "get"},
        {"callback": "shown"},
        {"fields": "media.as(posts){id}"},
    ],
)
def test_a_new_app_may_not_ask_in_older_ways(connected: App, params: dict[str, str]) -> None:
    assert error_of(connected.get("me", **params)) == (400, 100, None)


def test_an_older_app_may_give_a_callback(connected: App) -> None:
    connected.control("app", new=False)
    assert connected.get("me", callback="shown").status_code == 200


@pytest.mark.parametrize(("version", "status"), [("v27.0", 200), ("v21.0", 200), ("v20.0", 400), ("v99.0", 400)])
def test_only_versions_that_live_answer(connected: App, version: str, status: int) -> None:
    answer = connected.http.get(f"/{version}/me", params={"access_token": connected.token})
    assert answer.status_code == status
    if status == 400:
        error = answer.json()["error"]
        assert (error["type"], error["code"]) == ("IGApiException", 2500)
        assert error["message"] == f"Unknown path components: /{version}"


def test_errors_have_the_type_of_their_host(connected: App) -> None:
    assert connected.get("me", fields="x").json()["error"]["type"] == "IGApiException"
    assert connected.get("me", access_token="made-up").json()["error"]["type"] == "OAuthException"
    assert connected.get("12345").json()["error"]["type"] == "GraphMethodException"
    assert error_of(connected.http.post("/v27.0/me/media")) == (400, 100, None)


def test_without_the_basic_scope_nothing_can_be_read(connected: App) -> None:
    connected.control("faults", kind="scope_withdrawn", variant=BASIC)
    assert error_of(connected.get("me")) == (400, 10, None)
    assert error_of(connected.get("me/media")) == (400, 10, None)


def test_answers_are_dated_by_the_calendar_and_show_how_much_is_used(connected: App) -> None:
    answer = connected.get("me")
    assert answer.headers["Date"] == "Fri, 20 Nov 2026 18:00:00 GMT"
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    usage = httpx.Response(200, text=answer.headers["X-Business-Use-Case-Usage"]).json()
    (row,) = usage[connected.account.id]
    assert (row["type"], row["call_count"], row["estimated_time_to_regain_access"]) == ("instagram", 0, 0)
