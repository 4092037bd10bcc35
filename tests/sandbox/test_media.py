"""The posts tab and the reels tab."""

from itertools import pairwise

import pytest

from tests.sandbox.visitor import Visitor

Media = dict[str, object]


def feed(visitor: Visitor, count: int = 33) -> list[list[Media]]:
    """Every page of the posts tab."""
    pages, params = [], {"count": str(count)}
    while True:
        body = visitor.http.get(f"/api/v1/feed/user/{visitor.of.user_id}/", params=params).json()
        assert body["num_results"] == len(body["items"])
        pages.append(body["items"])
        if not body["more_available"]:
            assert "next_max_id" not in body
            return pages
        params["max_id"] = body["next_max_id"]
        assert params["max_id"] == f"{body['items'][-1]['pk']}_{visitor.of.user_id}"


def clips(visitor: Visitor, size: int = 12) -> list[list[Media]]:
    """Every page of the reels tab."""
    pages, cursor = [], ""
    while True:
        form = {
            "target_user_id": visitor.of.user_id,
            "page_size": str(size),
            "include_feed_video": "true",
            "max_id": cursor,
        }
        body = visitor.post("/api/v1/clips/user/", **form).json()
        pages.append([item["media"] for item in body["items"]])
        if not body["paging_info"]["more_available"]:
            return pages
        cursor = body["paging_info"]["max_id"]


def flat(pages: list[list[Media]]) -> dict[str, Media]:
    """The pieces of all pages by id; none comes twice."""
    pieces = [piece for page in pages for piece in page]
    by_pk = {str(piece["pk"]): piece for piece in pieces}
    assert len(by_pk) == len(pieces)
    return by_pk


@pytest.mark.parametrize(("asked", "served"), [(1, 12), (20, 20), (500, 33)])
def test_a_feed_page_has_12_to_33_pieces(owner: Visitor, asked: int, served: int) -> None:
    assert len(feed(owner, asked)[0]) == served


def test_both_tabs_together_are_the_truth(owner: Visitor) -> None:
    owner.control("advance", days=40).raise_for_status()
    grid, reels, truth = flat(feed(owner, 12)), flat(clips(owner)), owner.truth()["media"]
    assert grid.keys() | reels.keys() == {row["pk"] for row in truth}
    assert grid.keys() & reels.keys()
    for row in truth:
        pk = str(row["pk"])
        assert (pk in grid) == row["in_grid"]
        assert (pk in reels) == (row["kind"] == "reel")
        shown = reels.get(pk) or grid[pk]
        assert shown["code"] == row["code"]
        assert shown["taken_at"] == row["taken_at"]
        assert shown["comment_count"] == row["comment_count"]
        assert shown.get("play_count") == row["play_count"]
        assert shown.get("view_count") == row["view_count"]
        assert shown["like_count"] == (3 if row["like_count"] is None else row["like_count"])
        assert shown["like_and_view_counts_disabled"] == (row["like_count"] is None)


def test_the_counters_count_every_piece_and_every_reel(owner: Visitor) -> None:
    owner.control("advance", days=40).raise_for_status()
    info = owner.http.get(f"/api/v1/users/{owner.of.user_id}/info/").json()["user"]
    assert info["media_count"] == len(owner.truth()["media"])
    assert info["total_clips_count"] == len(flat(clips(owner)))


def test_plays_are_in_the_reels_tab_only(owner: Visitor) -> None:
    grid, reels = flat(feed(owner)), flat(clips(owner))
    assert not any("play_count" in piece for piece in grid.values())
    assert all(isinstance(piece["play_count"], int) for piece in reels.values())


def test_pinned_pieces_lead_the_feed_and_the_rest_is_newest_first(owner: Visitor) -> None:
    pieces = list(flat(feed(owner, 12)).values())
    pinned = [bool(piece["timeline_pinned_user_ids"]) for piece in pieces]
    assert pinned == sorted(pinned, reverse=True)
    assert sum(pinned) == 2
    rest = [int(str(piece["taken_at"])) for piece in pieces[2:]]
    assert all(newer > older for newer, older in pairwise(rest))
    assert int(str(pieces[0]["taken_at"])) < rest[0]


def test_a_carousel_has_its_counts_on_the_parent(owner: Visitor) -> None:
    carousel = next(piece for piece in flat(feed(owner)).values() if piece["media_type"] == 8)
    children = carousel["carousel_media"]
    assert isinstance(children, list)
    assert len(children) == carousel["carousel_media_count"]
    assert all("like_count" not in child for child in children)


def test_a_made_up_media_cursor_is_refused(owner: Visitor) -> None:
    for cursor in ("1_2", "abc", "-1"):
        answer = owner.http.get(f"/api/v1/feed/user/{owner.of.user_id}/", params={"max_id": cursor})
        assert answer.status_code == 400
    assert owner.post("/api/v1/clips/user/", target_user_id=owner.of.user_id, max_id="!").status_code == 400
