"""Parses the account and its videos. Pure: JSON in, values of the domain out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shared.domain.captions import hashtags, mentions
from shared.domain.social import Media, MediaKind, MediaMetrics, PlatformId, ProfileFacts
from shared.platforms.tiktok import BASIC, PROFILE, STATS
from worker.platforms.http_api import Json
from worker.platforms.json_fields import child, count, items, line, need, stamp, text

_USER_FIELDS = {
    BASIC: ("open_id", "display_name"),
    PROFILE: ("username", "bio_description", "is_verified"),
    STATS: ("follower_count", "following_count", "video_count"),
}
VIDEO_FIELDS = (
    *("id", "create_time", "share_url", "title", "video_description", "duration"),
    *("like_count", "comment_count", "share_count", "view_count"),
)


def user_fields(scopes: Collection[str]) -> Sequence[str]:
    """The fields that these scopes allow to ask for; one field too many fails the whole call."""
    return [field for scope, fields in _USER_FIELDS.items() if scope in scopes for field in fields]


def account(data: Json, username: str) -> ProfileFacts:
    """The account of an answer; `username` is its last one, where the answer has none. Raises UnexpectedAnswer."""
    node = child(data, "user")
    verified = node.get("is_verified")
    return ProfileFacts(
        PlatformId(need(node, "open_id")),
        line(node, "username") or username,
        display_name=line(node, "display_name"),
        biography=text(node, "bio_description"),
        is_verified=verified if isinstance(verified, bool) else None,
        followers=count(node, "follower_count"),
        following=count(node, "following_count"),
        media_count=count(node, "video_count"),
    )


def videos(data: Json, owner: PlatformId, username: str) -> list[Media]:
    """The videos of an answer, in its order. Raises UnexpectedAnswer for one without an id."""
    return [_video(one, owner, username) for one in items(data, "videos")]


def next_cursor(data: Json, asked: str | None) -> str | None:
    """The mark of the next page, a moment in milliseconds; None at the end of the list.

    Where the list says that there is more, an empty page, a page without a mark, and one that leads no further back
    end it all the same.
    """
    mark = count(data, "cursor")
    if data.get("has_more") is not True or not mark or not any(items(data, "videos")):
        return None
    return str(mark) if asked is None or mark < int(asked) else None


def _video(node: Json, owner: PlatformId, username: str) -> Media:
    video_id, caption = need(node, "id"), text(node, "video_description") or text(node, "title")
    seconds = count(node, "duration")
    return Media(
        PlatformId(video_id),
        MediaKind.VIDEO,
        code=video_id,
        permalink=_permalink(node),
        caption=caption,
        hashtags=hashtags(caption),
        mentions=mentions(caption),
        owner_platform_id=owner,
        owner_username=username,
        posted_at=stamp(node, "create_time"),
        duration_seconds=float(seconds) if seconds else None,
        in_grid=True,
        metrics=_metrics(node),
    )


def _metrics(node: Json) -> MediaMetrics:
    """The counters; one that is null or absent, as on a young video, is not known."""
    return MediaMetrics(
        count(node, "like_count"),
        count(node, "comment_count"),
        count(node, "view_count"),
        shares=count(node, "share_count"),
    )


def _permalink(node: Json) -> str | None:
    """The video's address without what tells TikTok who opened it."""
    shared = line(node, "share_url")
    return None if shared is None else shared.split("?")[0].split("#")[0]
