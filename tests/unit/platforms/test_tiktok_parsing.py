"""Parses TikTok's account and videos: what is absent, null or of another form is not known."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.social import PlatformId
from shared.errors import UnexpectedAnswer
from shared.platforms.tiktok import BASIC, PROFILE, STATS, VIDEOS
from worker.platforms.tiktok.parsing import account, next_cursor, user_fields, videos

OWNER = PlatformId("-000abcdefgh")


def video(**changes: Any) -> dict[str, Any]:
    given = {"id": "7300000000000000001", "create_time": 1_795_000_000, "title": "Sums", "duration": 12}
    return {"videos": [given | changes], "cursor": 1_795_000_000_000, "has_more": True}


def test_fields_are_those_of_the_scopes() -> None:
    assert user_fields([BASIC]) == ["open_id", "display_name"]
    assert "username" in user_fields([BASIC, PROFILE])
    assert "video_count" in user_fields([BASIC, STATS, VIDEOS])
    assert user_fields([VIDEOS]) == []


def test_an_account_without_counters_has_none_and_keeps_its_name() -> None:
    facts = account({"user": {"open_id": OWNER, "display_name": "Ada"}}, "ada")
    assert (facts.username, facts.followers, facts.media_count, facts.is_verified) == ("ada", None, None, None)
    with pytest.raises(UnexpectedAnswer):
        account({"user": {"display_name": "Ada"}}, "ada")
    with pytest.raises(UnexpectedAnswer):
        account({}, "ada")


@pytest.mark.parametrize("counters", [{}, dict.fromkeys(("view_count", "like_count", "comment_count", "share_count"))])
def test_counters_that_are_absent_or_null_are_not_known(counters: dict[str, Any]) -> None:
    (one,) = videos(video(**counters), OWNER, "ada")
    assert (one.metrics.plays, one.metrics.likes, one.metrics.comments, one.metrics.shares) == (None,) * 4
    assert not one.counts_hidden


def test_zero_is_a_count() -> None:
    (one,) = videos(video(view_count=0, like_count=0, comment_count=0, share_count=0), OWNER, "ada")
    assert (one.metrics.plays, one.metrics.likes, one.metrics.comments, one.metrics.shares) == (0, 0, 0, 0)


def test_a_video_has_its_time_its_words_and_an_address_without_a_tail() -> None:
    shared = "https://www.tiktok.com/@ada/video/7300000000000000001?utm_campaign=x#y"
    (one,) = videos(video(share_url=shared, video_description="Sums #maths @bob"), OWNER, "ada")
    assert one.posted_at == datetime.fromtimestamp(1_795_000_000, UTC)
    assert (one.caption, one.hashtags, one.mentions) == ("Sums #maths @bob", ("maths",), ("bob",))
    assert one.permalink == "https://www.tiktok.com/@ada/video/7300000000000000001"
    assert one.duration_seconds == 12
    (other,) = videos(video(video_description="", create_time="soon", duration=0), OWNER, "ada")
    assert (other.caption, other.posted_at, other.permalink, other.duration_seconds) == ("Sums", None, None, None)


@pytest.mark.parametrize(
    ("changes", "asked", "found"),
    [
        ({}, None, "1795000000000"),
        ({}, "1795000000001", "1795000000000"),
        ({}, "1795000000000", None),
        ({}, "1794000000000", None),
        ({"has_more": False}, None, None),
        ({"has_more": None}, None, None),
        ({"cursor": None}, None, None),
        ({"cursor": 0}, None, None),
        ({"videos": []}, None, None),
    ],
)
def test_a_list_ends_where_it_leads_no_further_back(changes: dict[str, Any], asked: str | None, found: str) -> None:
    assert next_cursor(video() | changes, asked) == found
