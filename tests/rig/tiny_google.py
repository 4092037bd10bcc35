"""A tiny Google on loopback: one channel with its videos and figures, answers in the real shapes, faults on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.rig.tiny_server import Reply, Request, serving

__all__ = ["CHANNEL", "READ_ANALYTICS", "READ_CHANNEL", "UPLOADS", "Reply", "TinyGoogle", "refusal", "tiny_google"]

READ_CHANNEL = "https://www.googleapis.com/auth/youtube.readonly"
READ_ANALYTICS = "https://www.googleapis.com/auth/yt-analytics.readonly"
CHANNEL = "UCabcdefghijklmnopqrstuv"
UPLOADS = "UUabcdefghijklmnopqrstuv"
_METRICS: dict[str, Callable[[int], float]] = {
    "views": lambda n: 100 + n,
    "engagedViews": lambda n: 80 + n,
    "estimatedMinutesWatched": lambda n: 300 + n,
    "averageViewDuration": lambda n: 61,
    "averageViewPercentage": lambda n: 42.5,
    "likes": lambda n: n,
    "comments": lambda n: 0,
    "shares": lambda n: 1,
    "subscribersGained": lambda n: 3,
    "subscribersLost": lambda n: 2,
}
_ROWS: dict[str, list[list[str]]] = {
    "ageGroup,gender": [["age18-24", "female"], ["age25-34", "male"]],
    "country": [["DE"], ["ZZ"]],
    "subscribedStatus": [["SUBSCRIBED"], ["UNSUBSCRIBED"]],
    "insightTrafficSourceType": [["YT_SEARCH"], ["SHORTS"]],
    "creatorContentType": [["VIDEO_ON_DEMAND"], ["SHORTS"]],
}


def refusal(status: int, reason: str, message: str = "no") -> Reply:
    """An error of the Data API or the Analytics API, as Google writes it."""
    errors = [{"message": message, "domain": "youtube", "reason": reason}]
    return Reply(status, {"error": {"code": status, "message": message, "errors": errors}})


@dataclass
class TinyGoogle:
    """Answers in order: `faults` first, each once for its path; then what the channel has."""

    address: str = ""
    now: datetime = datetime(2026, 11, 30, 18, tzinfo=UTC)
    videos: list[str] = field(default_factory=lambda: [f"video-{n:06}" for n in range(3)])
    deleted: set[str] = field(default_factory=set)
    page: int = 2
    began: str = "2026-11-01T12:00:00Z"
    last_day: date = date(2026, 11, 27)
    subscribers: str | None = "1230"
    has_channel: bool = True
    refused_metrics: set[str] = field(default_factory=set)
    refused_dimensions: set[str] = field(default_factory=lambda: {"creatorContentType,insightTrafficSourceType"})
    has_no_data: bool = False
    tokens: set[str] = field(default_factory=lambda: {"access-1"})
    scope: str = f"{READ_CHANNEL} {READ_ANALYTICS}"
    comments: str | None = None
    shorts: set[str] = field(default_factory=lambda: {"video-000001"})
    faults: dict[str, list[Reply | None]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def asked(self, path: str) -> list[dict[str, str]]:
        """The queries and forms that a path was asked with."""
        return [one.given for one in self.requests if one.path.endswith(path)]

    def fail(self, path: str, *replies: Reply) -> None:
        """The next answers of a path."""
        self.faults.setdefault(path, []).extend(replies)

    def after(self, path: str, good: int, *replies: Reply) -> None:
        """The next answers of a path behind so many good ones."""
        self.faults.setdefault(path, []).extend([*[None] * good, *replies])

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        last = request.path.rsplit("/", 1)[-1]
        if self.faults.get(last) and (fault := self.faults[last].pop(0)) is not None:
            return fault
        if last not in ("token", "revoke") and request.token not in self.tokens:
            return refusal(401, "authError", "Invalid Credentials")
        routes: dict[str, Callable[[dict[str, str]], Reply]] = {
            "token": self._token,
            "revoke": lambda _: Reply(),
            "channels": lambda _: self._channels(),
            "playlistItems": self._uploads,
            "videos": self._videos,
            "reports": self._report,
        }
        return routes[last](request.given)

    def _token(self, form: dict[str, str]) -> Reply:
        token = f"access-{len(self.tokens) + 1}"
        self.tokens.add(token)
        body = {"access_token": token, "expires_in": 3599, "scope": self.scope, "token_type": "Bearer"}
        return Reply(200, body | ({"refresh_token": "refresh-1"} if "code" in form else {}))

    def _channels(self) -> Reply:
        if not self.has_channel:
            return Reply(200, {"kind": "youtube#channelListResponse"})
        counts: dict[str, Any] = {"viewCount": "9000", "videoCount": str(len(self.videos))}
        counts |= {"hiddenSubscriberCount": self.subscribers is None}
        counts |= {} if self.subscribers is None else {"subscriberCount": self.subscribers}
        snippet = {"title": "Ada", "description": "maths", "customUrl": "@ada", "publishedAt": self.began}
        details = {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}}
        return Reply(
            200, {"items": [{"id": CHANNEL, "snippet": snippet, "statistics": counts, "contentDetails": details}]}
        )

    def _uploads(self, query: dict[str, str]) -> Reply:
        if not self.videos:
            return refusal(404, "playlistNotFound")
        start = int(query.get("pageToken", "0"))
        end = start + self.page
        items = [{"contentDetails": {"videoId": one}} for one in self.videos[start:end]]
        return Reply(200, {"items": items} | ({"nextPageToken": str(end)} if end < len(self.videos) else {}))

    def _videos(self, query: dict[str, str]) -> Reply:
        there = [one for one in query["id"].split(",") if one in self.videos and one not in self.deleted]
        return Reply(200, {"items": [_video(one, self.videos.index(one), self.comments) for one in there]})

    def _reported(self, filters: str) -> list[str]:
        """The videos of a report, by the videos and the type that are asked for."""
        wanted = [one for one in _filter(filters, "video") if one in self.videos]
        return [one for one in wanted if one in self.shorts or _filter(filters, "creatorContentType") != ["shorts"]]

    def _report(self, query: dict[str, str]) -> Reply:
        metrics, dimensions = query["metrics"].split(","), query.get("dimensions", "")
        if self.refused_metrics & set(metrics) or dimensions in self.refused_dimensions:
            return refusal(400, "badRequest", "The query is not supported.")
        named = [name for name in dimensions.split(",") if name]
        headers = [{"name": name, "columnType": "DIMENSION"} for name in named]
        headers += [{"name": name, "columnType": "METRIC"} for name in metrics]
        first, last = date.fromisoformat(query["startDate"]), date.fromisoformat(query["endDate"])
        days = max((min(last, self.last_day) - first).days + 1, 0)
        keys = _ROWS.get(dimensions, [[]]) if dimensions != "day" else _days(first, days)
        if dimensions == "video":
            keys = [[one] for one in self._reported(query["filters"])]
        rows = [[*key, *(_value(name, n) for name in metrics)] for n, key in enumerate(keys)]
        return Reply(200, {"columnHeaders": headers} | ({} if self.has_no_data else {"rows": rows}))


def _filter(filters: str, name: str) -> list[str]:
    """The values of one filter."""
    given = dict(part.split("==") for part in filters.split(";"))
    return given[name].split(",") if name in given else []


def _value(metric: str, number: int) -> float:
    return 50.0 if metric == "viewerPercentage" else _METRICS[metric](number)


def _days(first: date, length: int) -> list[list[str]]:
    return [[(first + timedelta(days=n)).isoformat()] for n in range(length)]


def _video(video_id: str, number: int, comments: str | None) -> dict[str, Any]:
    counts = {"viewCount": str(1000 + number), "likeCount": "7"}
    return {
        "id": video_id,
        "snippet": {"title": f"Video {number} #maths", "publishedAt": f"2026-11-{number + 10:02}T10:00:00Z"},
        "statistics": counts | ({} if comments is None else {"commentCount": comments}),
        "contentDetails": {"duration": "PT1M3S"},
        "status": {"privacyStatus": "public" if number else "private"},
    }


@contextmanager
def tiny_google(**given: Any) -> Iterator[TinyGoogle]:
    """A running one; its address stands for all of Google's hosts."""
    with serving(TinyGoogle(**given)) as world:
        yield world
