"""A tiny Meta on loopback: one account with its media and figures, answers in recorded shapes, faults on demand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.rig.tiny_server import Reply, Request, serving

BASIC = "instagram_business_basic"
INSIGHTS = "instagram_business_manage_insights"
ACCOUNT = "17841400000000001"
SCOPED = "987"
PACIFIC = ZoneInfo("America/Los_Angeles")
_VERSION = "v27.0"
_DEMOGRAPHICS = {"follower_demographics", "engaged_audience_demographics", "reached_audience_demographics"}
_KEYS = {
    "country": [["DE"], ["US"]],
    "city": [["Berlin, Berlin"]],
    "age": [["18-24"], ["65+"]],
    "gender": [["F"], ["U"]],
    "age,gender": [["18-24", "F"], ["25-34", "M"]],
}
_TAPS = {"story_navigation_action_type": ["tap_forward", "TAP_EXIT"], "action_type": ["bio_link_clicked"]}


def refusal(code: int, subcode: int | None = None, message: str = "no", *, status: int = 400, **more: Any) -> Reply:
    """An error of the Graph API."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1b2"}
    return Reply(status, {"error": error | ({} if subcode is None else {"error_subcode": subcode}) | more})


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of the account; `code` is the one on Instagram's pages."""

    id: str
    code: str
    product: str = "FEED"
    type: str = "IMAGE"
    likes: int | None = 5
    posted: str = "2026-11-20T10:00:00+0000"

    def shown(self, fields: set[str]) -> dict[str, Any]:
        way = "reel" if self.product == "REELS" else "p"
        every = {
            "caption": f"Post {self.id} #maths @grace",
            "media_type": self.type,
            "media_product_type": self.product,
            "permalink": f"https://www.instagram.com/{way}/{self.code}/",
            "timestamp": self.posted,
            "comments_count": 2,
            "shortcode": self.code,
        } | ({} if self.likes is None else {"like_count": self.likes})
        if self.product == "STORY":
            every["permalink"] = f"https://www.instagram.com/stories/ada/{self.code}"
            every.pop("shortcode")
        return {"id": self.id, **{name: value for name, value in every.items() if name in fields}}


@dataclass
class TinyMeta:
    """Answers in order: `faults` first, each once for its path; then what the account has."""

    address: str = ""
    now: datetime = datetime(2026, 11, 30, 18, tzinfo=UTC)
    kind: str = "MEDIA_CREATOR"
    is_wrapped: bool = False
    permissions: Any = f"{BASIC},{INSIGHTS}"
    media: list[Medium] = field(default_factory=lambda: [Medium(f"1800{n}", f"C{n}abcdefgh-") for n in range(3)])
    stories: list[Medium] = field(default_factory=lambda: [Medium("18900", "3456789012345678901", "STORY")])
    page: int = 2
    largest_page: int = 50
    unknown_fields: set[str] = field(default_factory=set)
    unsupported: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    labels: tuple[str, str] = ("FOLLOWER", "NON_FOLLOWER")
    first_day: date = date(2026, 11, 1)
    tokens: set[str] = field(default_factory=lambda: {"long-1"})
    headers: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def asked(self, path: str) -> list[dict[str, str]]:
        """The queries and forms that a path was asked with."""
        return [one.given for one in self.requests if one.path.endswith(path)]

    def fail(self, path: str, *replies: Reply) -> None:
        """The next answers of a path."""
        self.faults.setdefault(path, []).extend(replies)

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        for path, replies in self.faults.items():
            is_exact = path.endswith("access_token")
            if replies and (request.path == path if is_exact else request.path.endswith(path)):
                return replies.pop(0)
        found = self._token_routes(request) or self._graph(request)
        return Reply(found.status, found.body, {**self.headers, **found.headers})

    def _token_routes(self, request: Request) -> Reply | None:
        given = request.given
        match request.path:
            case "/oauth/access_token":
                body: dict[str, Any] = {"access_token": "short-1", "user_id": 17841400000000001}
                body |= {} if self.permissions is None else {"permissions": self.permissions}
                return Reply(200, {"data": [body]} if self.is_wrapped else body)
            case "/access_token" if given["access_token"] == "short-1" and given["client_secret"] == "a-secret":
                return Reply(200, {"access_token": "long-1", "token_type": "bearer", "expires_in": 5_183_944})
            case "/refresh_access_token" if given["access_token"] in self.tokens:
                self.tokens = {"long-2"}
                return Reply(200, {"access_token": "long-2", "token_type": "bearer", "expires_in": 5_184_000})
            case "/access_token" | "/refresh_access_token":
                return refusal(190, message="Invalid access token")
        return None

    def _graph(self, request: Request) -> Reply:
        if request.token not in self.tokens:
            return refusal(190, 467, "Invalid OAuth access token.", status=401)
        fields = set(request.given.get("fields", "").split(","))
        if fields & self.unknown_fields:
            return refusal(100, message="(#100) Tried accessing nonexisting field")
        match request.path.removeprefix(f"/{_VERSION}/").split("/"):
            case ["me"]:
                return self._me(fields)
            case [owner, "media" | "stories" as edge] if owner == ACCOUNT:
                return self._list(self.media if edge == "media" else self.stories, request.given, fields)
            case [owner, "insights"] if owner == ACCOUNT:
                return self._account_insights(request.given)
            case [medium, "insights"] if any(one.id == medium for one in (*self.media, *self.stories)):
                return self._media_insights(request.given)
        return refusal(100, 33, "Unsupported get request. Object with ID does not exist")

    def _me(self, fields: set[str]) -> Reply:
        every = {
            "user_id": ACCOUNT,
            "username": "ada",
            "name": "Ada",
            "account_type": self.kind,
            "followers_count": 1230,
            "follows_count": 321,
            "media_count": len(self.media),
            "biography": "maths",
        }
        body: dict[str, Any] = {name: value for name, value in every.items() if name in fields} | {"id": SCOPED}
        return Reply(200, {"data": [body]} if self.is_wrapped else body)

    def _list(self, media: list[Medium], query: dict[str, str], fields: set[str]) -> Reply:
        if int(query["limit"]) > self.largest_page:
            return refusal(1, message="Please reduce the amount of data you're asking for, then retry your request")
        start = int(query.get("after", "0"))
        end = start + self.page
        paging: dict[str, Any] = {"cursors": {"before": f"b{start}", "after": str(end)}}
        paging |= {"next": f"{self.address}/next?access_token=secret"} if end < len(media) else {}
        return Reply(200, {"data": [one.shown(fields) for one in media[start:end]], "paging": paging})

    def _account_insights(self, query: dict[str, str]) -> Reply:
        names = query["metric"].split(",")
        if self.unsupported & set(names):
            return refusal(100, message="(#100) metric must be one of the following values")
        if set(names) <= _DEMOGRAPHICS:
            return self._demographics(names[0], query)
        if names == ["online_followers"]:
            values = [{"value": {}, "end_time": ""}, {"value": {"0": 3, "23": 9}, "end_time": ""}]
            return Reply(200, {"data": [{"name": names[0], "period": "lifetime", "values": values}]})
        since, until = (datetime.fromtimestamp(int(query[name]), UTC) for name in ("since", "until"))
        if until - since > timedelta(days=30) or until > self.now:
            return refusal(100, message="(#100) There cannot be more than 30 days between since and until")
        shown = [name for name in names if name not in self.empty]
        if query.get("metric_type") != "total_value":
            return Reply(200, {"data": [self._series(name, since, until) for name in shown]})
        return Reply(200, {"data": [_total(name, query.get("breakdown"), self.labels) for name in shown]})

    def _series(self, name: str, since: datetime, until: datetime) -> dict[str, Any]:
        first = max(since.astimezone(PACIFIC).date(), self.first_day)
        ends = [first + timedelta(days=n + 1) for n in range((until.astimezone(PACIFIC).date() - first).days)]
        values = [{"value": 100 + one.day, "end_time": f"{one.isoformat()}T08:00:00+0000"} for one in ends]
        return {"name": name, "period": "day", "values": values, "id": f"{ACCOUNT}/insights/{name}/day"}

    def _demographics(self, name: str, query: dict[str, str]) -> Reply:
        if name in self.empty:
            return Reply(200, {"data": []})
        keys = _KEYS[query["breakdown"]]
        results = [{"dimension_values": ["LAST_30_DAYS", *key], "value": 10 * (n + 1)} for n, key in enumerate(keys)]
        breakdown = {"dimension_keys": ["timeframe", *query["breakdown"].split(",")], "results": results}
        entry = {"name": name, "period": "lifetime", "total_value": {"breakdowns": [breakdown]}}
        return Reply(200, {"data": [entry]})

    def _media_insights(self, query: dict[str, str]) -> Reply:
        names = query["metric"].split(",")
        if self.unsupported & set(names):
            return refusal(100, message="(#100) The media insights do not support these metrics")
        if (by := query.get("breakdown")) is not None:
            results = [{"dimension_values": [key], "value": 4} for key in _TAPS[by]]
            breakdown = {"dimension_keys": [by], "results": results}
            entry = {"name": names[0], "period": "lifetime", "total_value": {"value": 8, "breakdowns": [breakdown]}}
            return Reply(200, {"data": [entry]})
        data = [
            {"name": one, "period": "lifetime", "values": [{"value": 3000}]} for one in names if one not in self.empty
        ]
        return Reply(200, {"data": data})


def _total(name: str, breakdown: str | None, labels: tuple[str, str]) -> dict[str, Any]:
    value: dict[str, Any] = {"value": 7}
    if breakdown is not None:
        results = [{"dimension_values": [one], "value": value} for one, value in zip(labels, (5, 2), strict=True)]
        value["breakdowns"] = [{"dimension_keys": [breakdown], "results": results}]
    return {"name": name, "period": "day", "total_value": value, "id": f"{ACCOUNT}/insights/{name}/day"}


@contextmanager
def tiny_meta(**given: Any) -> Iterator[TinyMeta]:
    """A running one; its address stands for all of Instagram's hosts."""
    with serving(TinyMeta(**given)) as world:
        yield world
