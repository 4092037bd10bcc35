"""Parses channels and videos of the Data API. Pure: JSON in, values of the domain out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.captions import hashtags, mentions
from shared.domain.social import Media, MediaKind, MediaMetrics, PlatformId, ProfileFacts
from worker.platforms.http_api import Json
from worker.platforms.json_fields import child, count, duration, items, line, moment, need, text

_WATCH = "https://www.youtube.com/watch?v="


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: its facts, the playlist of its uploads, and when it began (None where that is not shown)."""

    facts: ProfileFacts
    uploads: str
    began_at: datetime | None


def channels(body: Json) -> list[Channel]:
    """The channels of an answer; none where the login has none. Raises UnexpectedAnswer without an id."""
    return [_channel(one) for one in items(body)]


def _channel(node: Json) -> Channel:
    snippet, statistics, channel_id = child(node, "snippet"), child(node, "statistics"), need(node, "id")
    hidden = statistics.get("hiddenSubscriberCount") is True
    facts = ProfileFacts(
        PlatformId(channel_id),
        (line(snippet, "customUrl") or channel_id).removeprefix("@"),
        display_name=line(snippet, "title"),
        biography=text(snippet, "description"),
        is_private=False,
        followers=None if hidden else count(statistics, "subscriberCount"),
        media_count=count(statistics, "videoCount"),
    )
    uploads = line(child(child(node, "contentDetails"), "relatedPlaylists"), "uploads")
    return Channel(facts, uploads or f"UU{channel_id[2:]}", moment(snippet, "publishedAt"))


def upload_ids(body: Json) -> tuple[list[str], str | None]:
    """The videos of a page of the uploads, and the mark of the next page."""
    found = [line(child(one, "contentDetails"), "videoId") for one in items(body)]
    return [one for one in found if one], line(body, "nextPageToken")


def videos(body: Json, owner: PlatformId, username: str) -> dict[str, Media]:
    """The videos of an answer by their ids; what was deleted is not among them."""
    return {video.platform_id: video for video in (_video(one, owner, username) for one in items(body))}


def _video(node: Json, owner: PlatformId, username: str) -> Media:
    video_id, snippet = need(node, "id"), child(node, "snippet")
    statistics, title, description = child(node, "statistics"), line(snippet, "title"), text(snippet, "description")
    caption = "\n\n".join(part for part in (title, description) if part) or None
    likes = count(statistics, "likeCount")
    return Media(
        PlatformId(video_id),
        MediaKind.VIDEO,
        code=video_id,
        permalink=_WATCH + video_id,
        caption=caption,
        hashtags=hashtags(caption),
        mentions=mentions(caption),
        owner_platform_id=owner,
        owner_username=username,
        posted_at=moment(snippet, "publishedAt"),
        duration_seconds=duration(child(node, "contentDetails"), "duration"),
        in_grid=_is_public(child(node, "status")),
        counts_hidden=bool(statistics) and likes is None,
        metrics=MediaMetrics(likes, count(statistics, "commentCount"), count(statistics, "viewCount")),
    )


def _is_public(status: Json) -> bool | None:
    privacy = line(status, "privacyStatus")
    return None if privacy is None else privacy == "public"
