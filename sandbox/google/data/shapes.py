"""The resources of the Data API as JSON: channels, items of a playlist and videos, part by part."""

from datetime import UTC, datetime

from flask import request

from sandbox.google.api.answers import Json, etag
from sandbox.google.site import number_of
from sandbox.world.channel.channel import Channel
from sandbox.world.channel.figures import Figures
from sandbox.world.channel.videos import Video

_SIZES = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}


def resource(kind: str, identity: str, fields: Json) -> Json:
    """Return a resource with its kind and the mark of its version."""
    return {"kind": f"youtube#{kind}", "etag": etag(fields), "id": identity, **fields}


def answer(kind: str, items: list[Json], page: Json | None) -> Json:
    """Return a list; without anything in it ``items`` is left out."""
    where = page or {"pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)}}
    body: Json = {"kind": f"youtube#{kind}ListResponse", "etag": etag(items), **where}
    return {**body, "items": items} if items else body


def rounded(number: int) -> int:
    """Return a number rounded down to three significant digits, as subscribers are shown."""
    unit = int(10 ** max(len(str(number)) - 3, 0))
    return number // unit * unit


def channel_parts(channel: Channel) -> dict[str, Json]:
    """Return the parts of a channel; ``id`` adds nothing."""
    return {
        "id": {},
        "snippet": {
            "title": channel.title,
            "description": channel.description,
            "customUrl": channel.handle.lower(),
            "publishedAt": time_text(channel.created_at),
            "thumbnails": thumbnails(channel.id),
            "localized": {"title": channel.title, "description": channel.description},
            **({"country": channel.config.country} if channel.config.country else {}),
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": channel.uploads}},
        "statistics": _statistics(channel),
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": "longUploadsUnspecified"},
    }


def item_parts(channel: Channel, video: Video, position: int) -> dict[str, Json]:
    """Return the parts of an upload in its playlist."""
    at = time_text(video.published_at)
    return {
        "id": {},
        "snippet": {
            "publishedAt": at,
            "channelId": channel.id,
            "title": video.title,
            "description": video.description,
            "thumbnails": thumbnails(video.id),
            "channelTitle": channel.title,
            "playlistId": channel.uploads,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video.id},
            "videoOwnerChannelTitle": channel.title,
            "videoOwnerChannelId": channel.id,
        },
        "contentDetails": {"videoId": video.id, "videoPublishedAt": at},
        "status": {"privacyStatus": video.privacy.value},
    }


def video_parts(channel: Channel, video: Video) -> dict[str, Json]:
    """Return the parts of a video."""
    return {
        "id": {},
        "snippet": {
            "publishedAt": time_text(video.published_at),
            "channelId": channel.id,
            "title": video.title,
            "description": video.description,
            "thumbnails": thumbnails(video.id),
            "channelTitle": channel.title,
            **({"tags": list(video.tags)} if video.tags else {}),
            "categoryId": "22",
            "liveBroadcastContent": "none",
            "localized": {"title": video.title, "description": video.description},
        },
        "contentDetails": {
            "duration": duration(video.length),
            "dimension": "2d",
            "definition": "hd",
            "caption": "false",
            "licensedContent": False,
            "contentRating": {},
            "projection": "rectangular",
        },
        "status": {
            "uploadStatus": "processed",
            "privacyStatus": video.privacy.value,
            "license": "youtube",
            "embeddable": True,
            "publicStatsViewable": True,
            "madeForKids": False,
        },
        "statistics": _video_statistics(video, video.lifetime(channel.now)),
    }


def chosen(parts: dict[str, Json], asked: list[str]) -> Json:
    """Return the parts that are asked for as fields of the resource."""
    return {part: parts[part] for part in asked if part != "id"}


def duration(seconds: int) -> str:
    """Return a length in ISO form, such as ``PT1M3S``."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    text = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if number)
    return f"PT{text or '0S'}"


def time_text(moment: datetime) -> str:
    """Return a moment as the API writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def thumbnails(identity: str) -> Json:
    """Return the addresses of the pictures of a channel or a video."""
    address = f"{request.host_url}_pictures/{number_of(identity)}.png"
    return {size: {"url": address, "width": width, "height": height} for size, (width, height) in _SIZES.items()}


def _statistics(channel: Channel) -> Json:
    shown = 0 if channel.hides_subscribers else rounded(channel.subscribers)
    return {
        "viewCount": str(channel.lifetime().views),
        "subscriberCount": str(shown),
        "hiddenSubscriberCount": channel.hides_subscribers,
        "videoCount": str(len(channel.listed(owner=False))),
    }


def _video_statistics(video: Video, done: Figures) -> Json:
    return {
        "viewCount": str(done.views),
        **({"likeCount": str(done.likes)} if video.shows_likes else {}),
        "favoriteCount": "0",
        **({"commentCount": str(done.comments)} if video.takes_comments else {}),
    }
