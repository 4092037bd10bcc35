"""Posts and reels: plays apart from views, hidden counts as None, pins, carousels, and the three forms of a page."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.social import MediaKind, PlatformId
from shared.errors import JobError, ListNotVisible, UnexpectedAnswer
from tests.unit.platforms.test_instagram_parse import ANY_JSON
from worker.platforms.instagram_web.parsing.media import clips_page, media_page

OWNER = PlatformId("42")
POST: dict[str, Any] = {"pk": "900", "code": "AbC", "media_type": 1, "taken_at": 1_700_000_000, "user": {"pk": 42}}


def post(**fields: Any) -> Any:
    return media_page({"items": [{**POST, **fields}], "status": "ok"}, OWNER).media[0]


def reel(**fields: Any) -> Any:
    return clips_page({"items": [{"media": {**POST, "product_type": "clips", **fields}}]}, OWNER).media[0]


def test_the_recorded_reels_keep_plays_apart_from_views(instagram_fixtures: Path) -> None:
    body = json.loads((instagram_fixtures / "clips_user_page.json").read_text(encoding="utf-8"))
    page = clips_page(body, PlatformId("3171067"))
    assert len(page.media) == 12
    assert page.next_cursor == body["paging_info"]["max_id"]
    for media in page.media:
        assert media.kind is MediaKind.REEL
        assert media.metrics.plays is not None
        assert media.metrics.views is not None
        assert media.metrics.plays > media.metrics.views
        assert media.metrics.facebook_plays is None
    first = page.media[0]
    assert (first.code, first.metrics.plays, first.metrics.views) == ("CPv3UqsBFvg", 401_421, 100_856)
    assert (first.metrics.likes, first.metrics.comments, first.duration_seconds) == (16_965, 80, 20.433)
    assert first.permalink == "https://www.instagram.com/reel/CPv3UqsBFvg/"
    assert first.posted_at == datetime.fromtimestamp(1_622_916_710, UTC)
    assert (first.owner_platform_id, first.in_grid, first.counts_hidden) == ("3171067", False, False)


def test_a_post_has_its_place_its_words_and_its_counts() -> None:
    media = post(
        caption={"text": "Hi @Bob #Fun #été"},
        like_count=9,
        comment_count=0,
        coauthor_producers=[{"pk": 5, "username": "carol"}],
        is_paid_partnership=True,
    )
    assert (media.kind, media.permalink, media.in_grid) == (
        MediaKind.IMAGE,
        "https://www.instagram.com/p/AbC/",
        True,
    )
    assert (media.hashtags, media.mentions, media.coauthors) == (("fun", "été"), ("bob",), ("carol",))
    assert (media.metrics.likes, media.metrics.comments, media.metrics.plays, media.metrics.views) == (9, 0, None, None)
    assert media.is_paid_partnership is True


@pytest.mark.parametrize(
    ("fields", "likes", "hidden"),
    [
        ({"like_count": 3, "like_and_view_counts_disabled": True}, None, True),
        ({"like_count": -1}, None, True),
        ({}, None, False),
        ({"like_count": None}, None, False),
        ({"like_count": 3, "like_and_view_counts_disabled": False}, 3, False),
        ({"like_count": 3}, 3, False),
        ({"like_count": 250, "like_and_view_counts_disabled": True}, 250, True),
        ({"like_count": 0}, 0, False),
    ],
)
def test_hidden_likes_are_none_and_real_ones_are_kept(fields: dict[str, Any], likes: int | None, hidden: bool) -> None:
    media = post(**fields)
    assert (media.metrics.likes, media.counts_hidden) == (likes, hidden)


@pytest.mark.parametrize(
    ("fields", "plays", "facebook", "views"),
    [
        ({"play_count": 900, "ig_play_count": 400, "view_count": 300}, 900, 500, 300),
        ({"play_count": 900, "ig_play_count": 400, "fb_play_count": 450}, 900, 450, None),
        ({"play_count": 900, "ig_play_count": 900, "view_count": None}, 900, None, None),
        ({"ig_play_count": 400}, 400, None, None),
        ({"view_count": 300}, None, None, 300),
    ],
)
def test_facebooks_plays_stand_apart(
    fields: dict[str, Any], plays: int | None, facebook: int | None, views: int | None
) -> None:
    metrics = reel(**fields).metrics
    assert (metrics.plays, metrics.facebook_plays, metrics.views) == (plays, facebook, views)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"media_type": 1}, MediaKind.IMAGE),
        ({"media_type": 2}, MediaKind.VIDEO),
        ({"media_type": 2, "product_type": "igtv"}, MediaKind.VIDEO),
        ({"media_type": 2, "product_type": "clips"}, MediaKind.REEL),
        ({"media_type": 8, "carousel_media": [{"pk": 1, "media_type": 2}]}, MediaKind.CAROUSEL),
        ({"media_type": 2, "product_type": "story"}, MediaKind.STORY),
        ({"media_type": None, "__typename": "XDTGraphSidecar"}, MediaKind.CAROUSEL),
    ],
)
def test_the_kind_is_told_by_any_of_its_signs(fields: dict[str, Any], kind: MediaKind) -> None:
    assert post(**fields).kind is kind


@pytest.mark.parametrize(
    ("fields", "pinned"),
    [
        ({"timeline_pinned_user_ids": [42]}, True),
        ({"timeline_pinned_user_ids": ["42"]}, True),
        ({"clips_tab_pinned_user_ids": [42]}, True),
        ({"timeline_pinned_user_ids": [7]}, False),
        ({"timeline_pinned_user_ids": None}, False),
        ({"pinned_for_users": [{"id": "42"}]}, True),
    ],
)
def test_pinned_means_pinned_by_the_owner(fields: dict[str, Any], pinned: bool) -> None:
    assert post(**fields).is_pinned is pinned


def test_a_reel_off_the_grid_says_so_and_one_that_does_not_tell_is_unknown() -> None:
    assert reel(is_in_profile_grid=False).in_grid is False
    assert reel().in_grid is None


def test_a_coauthors_post_keeps_its_own_owner_and_times_may_be_prefixed() -> None:
    media = post(taken_at=None, user={"pk": "77", "username": "other"}, **{"1ltaken_at": 1_700_000_001})
    assert media.owner_platform_id == "77"
    assert media.posted_at == datetime.fromtimestamp(1_700_000_001, UTC)


@pytest.mark.parametrize(
    ("more", "cursor"),
    [
        ({"next_max_id": "900_42", "more_available": True}, "900_42"),
        ({"next_max_id": "900_42"}, "900_42"),
        ({"next_max_id": "900_42", "more_available": False}, None),
        ({"more_available": True}, None),
    ],
)
def test_the_posts_tab_goes_on_at_its_cursor(more: dict[str, Any], cursor: str | None) -> None:
    assert media_page({"items": [POST], **more}, OWNER).next_cursor == cursor


@pytest.mark.parametrize("paging", [{"max_id": "", "more_available": False}, {"max_id": "x", "more_available": False}])
def test_the_reels_tab_ends_when_it_says_so(paging: dict[str, Any]) -> None:
    assert clips_page({"items": [], "paging_info": paging}, OWNER).next_cursor is None


def test_the_newer_graphql_forms_are_read() -> None:
    info = {"end_cursor": "C", "has_next_page": True}
    posts: dict[str, Any] = {
        "data": {"xdt_api__v1__feed__user_timeline_graphql_connection": {"edges": [{"node": POST}], "page_info": info}}
    }
    reels: dict[str, Any] = {
        "data": {"xdt_api__v1__clips__user__connection_v2": {"edges": [{"node": {"media": POST}}], "page_info": info}}
    }
    for page in (media_page(posts, OWNER), clips_page(reels, OWNER)):
        assert ([m.platform_id for m in page.media], page.next_cursor) == (["900"], "C")


def test_the_legacy_graphql_form_is_read() -> None:
    node = {
        "__typename": "GraphVideo",
        "id": "900",
        "shortcode": "AbC",
        "taken_at_timestamp": 1_700_000_000,
        "edge_media_preview_like": {"count": 5},
        "edge_media_to_comment": {"count": 2},
        "video_view_count": 11,
        "video_play_count": None,
        "edge_media_to_caption": {"edges": [{"node": {"text": "#one"}}]},
        "owner": {"id": "42"},
    }
    edges = {"edges": [{"node": node}], "page_info": {"has_next_page": False, "end_cursor": "x"}}
    page = media_page({"data": {"user": {"edge_owner_to_timeline_media": edges}}}, OWNER)
    media = page.media[0]
    assert (media.kind, media.code, media.hashtags, media.owner_platform_id) == (MediaKind.VIDEO, "AbC", ("one",), "42")
    assert (media.metrics.likes, media.metrics.comments, media.metrics.views, media.metrics.plays) == (5, 2, 11, None)
    assert page.next_cursor is None


def test_a_null_connection_is_not_visible() -> None:
    with pytest.raises(ListNotVisible):
        media_page({"data": {"xdt_api__v1__feed__user_timeline_graphql_connection": None}}, OWNER)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"status": "ok"}, "items"),
        ({"data": {}}, "items"),
        ({"items": [{"code": "x"}]}, r"items\[0\]\.pk"),
    ],
)
def test_a_page_without_what_it_must_have_names_it(body: dict[str, Any], path: str) -> None:
    with pytest.raises(UnexpectedAnswer, match=f"`{path}`"):
        media_page(body, OWNER)


def test_a_reel_without_its_media_is_named() -> None:
    with pytest.raises(UnexpectedAnswer, match=r"`items\[0\]\.media`"):
        clips_page({"items": [{}]}, OWNER)


@given(
    st.dictionaries(st.sampled_from([*POST, "like_count", "caption", "play_count", "id", "video_duration"]), ANY_JSON)
)
def test_any_media_is_read_or_refused_with_a_typed_error(fields: dict[str, Any]) -> None:
    with suppress(JobError):
        media = post(**fields)
        counts = (media.metrics.likes, media.metrics.plays, media.duration_seconds)
        assert all(count is None or count >= 0 for count in counts)
        assert media.posted_at is None or media.posted_at.tzinfo is not None
