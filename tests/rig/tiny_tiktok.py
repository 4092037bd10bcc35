"""A tiny TikTok on loopback: one account with its videos, answers in the real shapes, faults on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.platforms.tiktok import LOGIN_KIT
from tests.rig.tiny_server import Reply, Request, serving

__all__ = ["OPEN_ID", "Reply", "TinyTikTok", "flat", "refusal", "tiny_tiktok"]

OPEN_ID = "-000abcdefghijklmnop"
_OF_SCOPES: dict[str, dict[str, Any]] = {
    "user.info.basic": {"open_id": OPEN_ID, "display_name": "Ada"},
    "user.info.profile": {"username": "ada.maths", "bio_description": "maths", "is_verified": True},
    "user.info.stats": {"follower_count": 1230, "following_count": 12, "likes_count": 9000, "video_count": 5},
}


def refusal(status: int, code: str) -> Reply:
    """An error of the Display API, as TikTok writes it."""
    return Reply(status, {"data": {}, "error": {"code": code, "message": "no", "log_id": "2026"}})


def flat(status: int, error: str, description: str = "no") -> Reply:
    """An error of the token endpoint."""
    return Reply(status, {"error": error, "error_description": description, "log_id": "2026"})


@dataclass
class TinyTikTok:
    """Answers in order: `faults` first, each once for its path; then what the account has."""

    address: str = ""
    now: datetime = datetime(2026, 11, 30, 18, tzinfo=UTC)
    videos: list[int] = field(default_factory=lambda: [7_300_000_000_000_000_005 - n for n in range(5)])
    page: int = 2
    scope: str = ",".join(LOGIN_KIT.scopes)
    tokens: set[str] = field(default_factory=lambda: {"access-1"})
    refreshing: str = "refresh-1"
    ends_in: dict[str, Any] = field(default_factory=lambda: {"expires_in": 7200, "refresh_expires_in": 15_552_000})
    counters: dict[str, Any] = field(
        default_factory=lambda: {"view_count": 1000, "like_count": 70, "comment_count": 7, "share_count": 3}
    )
    when_exchanged: Callable[[], object] = lambda: None
    faults: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def asked(self, path: str) -> list[Request]:
        """The requests for a path."""
        return [one for one in self.requests if one.path.rstrip("/").endswith(path)]

    def fail(self, path: str, *replies: Reply) -> None:
        """The next answers of a path."""
        self.faults.setdefault(path, []).extend(replies)

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        last = request.path.rstrip("/").rsplit("/", 1)[-1]
        if self.faults.get(last):
            return self.faults[last].pop(0)
        if last not in ("token", "revoke") and request.token not in self.tokens:
            return refusal(401, "access_token_invalid")
        routes: dict[str, Callable[[Request], Reply]] = {
            "token": self._token,
            "revoke": lambda _: Reply(200, ""),
            "info": self._info,
            "list": self._list,
            "query": self._query,
        }
        return routes[last](request)

    def _token(self, request: Request) -> Reply:
        given = request.given
        if given["grant_type"] == "refresh_token" and given["refresh_token"] != self.refreshing:
            return flat(400, "invalid_grant", "Refresh token is invalid or expired.")
        self.when_exchanged()
        number = len(self.tokens) + 1
        self.tokens.add(f"access-{number}")
        self.refreshing = f"refresh-{number}"
        tokens = {"access_token": f"access-{number}", "refresh_token": self.refreshing, "open_id": OPEN_ID}
        return Reply(200, tokens | self.ends_in | {"scope": self.scope, "token_type": "Bearer"})

    def _info(self, request: Request) -> Reply:
        asked, scopes = request.given["fields"].split(","), self.scope.split(",")
        there = {name: value for scope in scopes for name, value in _OF_SCOPES.get(scope, {}).items()}
        if not set(asked) <= there.keys():
            missed = bool(set(asked) & there.keys())
            return refusal(400, "scope_permission_missed") if missed else refusal(401, "scope_not_authorized")
        return _good({"user": {name: there[name] for name in asked}})

    def _list(self, request: Request) -> Reply:
        if "video.list" not in self.scope:
            return refusal(401, "scope_not_authorized")
        before = request.json.get("cursor")
        left = [one for one in self.videos if before is None or _ms(one) < before]
        shown = left[: self.page]
        mark = _ms(shown[-1]) if shown else before or 0
        body = {"videos": [self._video(one) for one in shown], "cursor": mark, "has_more": len(left) > self.page}
        return _good(body)

    def _query(self, request: Request) -> Reply:
        wanted = request.json["filters"]["video_ids"]
        return _good({"videos": [self._video(one) for one in self.videos if str(one) in wanted]})

    def _video(self, number: int) -> dict[str, Any]:
        return {
            "id": str(number),
            "create_time": _ms(number) // 1000,
            "share_url": f"https://www.tiktok.com/@ada.maths/video/{number}?utm_campaign=tt4d_open_api",
            "title": "Sums",
            "video_description": "Sums #maths with @bob",
            "duration": 63,
            **self.counters,
        }


def _ms(number: int) -> int:
    """The moment of a video: the larger the number, the later."""
    return 1_795_000_000_000 + (number % 1000) * 86_400_000


def _good(data: dict[str, Any]) -> Reply:
    return Reply(200, {"data": data, "error": {"code": "ok", "message": "", "log_id": "2026"}})


@contextmanager
def tiny_tiktok(**given: Any) -> Iterator[TinyTikTok]:
    """A running one."""
    with serving(TinyTikTok(**given)) as world:
        yield world
