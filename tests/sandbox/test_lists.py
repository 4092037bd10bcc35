"""The follower and following lists, page by page."""

from collections.abc import Callable

import httpx
import pytest

from sandbox.server import Config
from sandbox.world.world import WorldConfig
from tests.sandbox.visitor import Visitor

Row = dict[str, object]


def walk(visitor: Visitor, which: str, count: int) -> list[list[Row]]:
    """Every page of a list."""
    pages, params = [], {"count": str(count), "search_surface": "follow_list_page"}
    while True:
        body = visitor.http.get(f"/api/v1/friendships/{visitor.of.user_id}/{which}/", params=params).json()
        pages.append(body["users"])
        if "next_max_id" not in body:
            assert body["has_more"] is False
            return pages
        params["max_id"] = body["next_max_id"]


@pytest.mark.parametrize("count", [1, 12, 50, 200])
def test_followers_come_25_a_page_whatever_is_asked(owner: Visitor, count: int) -> None:
    assert [len(page) for page in walk(owner, "followers", count)] == [25, 25, 25, 25, 25, 5]


@pytest.mark.parametrize(("count", "sizes"), [(30, [30, 30, 10]), (200, [50, 20])])
def test_following_honours_the_count_up_to_50(owner: Visitor, count: int, sizes: list[int]) -> None:
    assert [len(page) for page in walk(owner, "following", count)] == sizes


@pytest.mark.parametrize("which", ["followers", "following"])
def test_a_walk_is_the_truth_and_the_counter(owner: Visitor, which: str) -> None:
    for _ in range(3):
        owner.control("advance", days=9).raise_for_status()
        seen = [row["pk"] for page in walk(owner, which, 50) for row in page]
        assert seen == [row["pk"] for row in owner.truth()[which]]
        info = owner.http.get(f"/api/v1/users/{owner.of.user_id}/info/").json()["user"]
        assert len(seen) == len(set(seen)) == info["follower_count" if which == "followers" else "following_count"]


def test_a_row_looks_like_the_real_ones(owner: Visitor) -> None:
    row = walk(owner, "followers", 12)[0][0]
    assert {
        "pk",
        "pk_id",
        "username",
        "full_name",
        "is_private",
        "is_verified",
        "profile_pic_url",
        "fbid_v2",
    } <= row.keys()
    assert isinstance(row["pk"], int)
    assert row["pk_id"] == str(row["pk"])


def test_a_picture_is_an_image_whose_address_changes_by_the_day(owner: Visitor) -> None:
    first = next(row for row in walk(owner, "followers", 12)[0] if not row["has_anonymous_profile_picture"])
    picture = httpx.get(str(first["profile_pic_url"]))
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    owner.control("advance", days=1)
    rows = [row for page in walk(owner, "followers", 12) for row in page]
    again = {row["pk"]: row["profile_pic_url"] for row in rows}
    assert again.get(first["pk"]) != first["profile_pic_url"]


@pytest.mark.parametrize("cursor", ["nonsense", "QVFE", "QVFEMTIzfDk5", "25"])
def test_a_made_up_cursor_is_refused(owner: Visitor, cursor: str) -> None:
    answer = owner.http.get(f"/api/v1/friendships/{owner.of.user_id}/followers/", params={"max_id": cursor})
    assert (answer.status_code, answer.json()["status"]) == (400, "fail")


def test_other_peoples_lists_are_not_shown(owner: Visitor) -> None:
    stranger = walk(owner, "followers", 12)[0][0]["pk"]
    answer = owner.http.get(f"/api/v1/friendships/{stranger}/followers/")
    assert answer.json() == {"message": "Not authorized to view user", "status": "fail"}


def test_an_empty_account_has_one_empty_page(visit: Callable[[Config], Visitor]) -> None:
    visitor = visit(Config(WorldConfig(followers=0, following=0, posts=0)))
    visitor.log_in()
    assert walk(visitor, "followers", 50) == [[]]
    assert walk(visitor, "following", 50) == [[]]
