"""An app that a person connects: it sends what a client sends, by plain HTTP."""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import httpx

from sandbox.tiktok.clicks import walk
from sandbox.tiktok.keys import SCOPES
from sandbox.tiktok.server import Running
from sandbox.world.clips.profile import ClipProfile

WEB = "https://rollcall.example/api/auth/tiktok/callback"
DESKTOP = "http://127.0.0.1:9/api/auth/tiktok/callback"
START = datetime(2026, 11, 20, 18, tzinfo=UTC)
VERIFIER = "a-verifier-of-at-least-forty-three-characters-in-all"
CHALLENGE = {"code_challenge": hashlib.sha256(VERIFIER.encode()).hexdigest(), "code_challenge_method": "S256"}
ALL_USER = (
    "open_id,union_id,avatar_url,display_name,bio_description,profile_deep_link,is_verified,username,"
    "follower_count,following_count,likes_count,video_count"
)
ALL_VIDEO = "id,create_time,cover_image_url,share_url,title,duration,like_count,comment_count,share_count,view_count"


class App:
    """The app of a running stand-in, with the tokens of the newest connection."""

    def __init__(self, running: Running) -> None:
        self.running, self.tiktok = running, running.tiktok
        self.http = httpx.Client(base_url=running.url, timeout=120)
        for uri in (WEB, DESKTOP):
            self.tiktok.app.allow(uri)
        self.tokens: dict[str, Any] = {}

    @property
    def profile(self) -> ClipProfile:
        """The first person's profile."""
        return self.tiktok.people[0].profile

    def url(self, **changes: str | None) -> str:
        """The address that the button opens; None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "client_key": self.tiktok.app.key,
            "scope": ",".join(SCOPES),
            "response_type": "code",
            "redirect_uri": WEB,
            "state": "a state/ä",
        }
        given = {name: value for name, value in (asked | changes).items() if value is not None}
        return str(httpx.URL(f"{self.running.url}/v2/auth/authorize/", params=given))

    def code(self, scopes: Collection[str] | None = None, **changes: str | None) -> str:
        """The code that a person's clicks bring."""
        return httpx.URL(walk(self.url(**changes), scopes=scopes)).params["code"]

    def post(self, path: str, **changes: str | None) -> httpx.Response:
        """Send a form with the app's key and secret to a token route; None leaves a field out."""
        asked: dict[str, str | None] = {
            "client_key": self.tiktok.app.key,
            "client_secret": self.tiktok.app.secret,
        }
        given = {name: value for name, value in (asked | changes).items() if value is not None}
        return self.http.post(f"/v2/oauth/{path}/", data=given)

    def exchange(self, code: str, /, **changes: str | None) -> httpx.Response:
        """Ask for the tokens of a code."""
        asked: dict[str, str | None] = {"grant_type": "authorization_code", "code": code, "redirect_uri": WEB}
        return self.post("token", **(asked | changes))

    def refresh(self, token: str | None = None) -> httpx.Response:
        """Ask for new tokens."""
        return self.post("token", grant_type="refresh_token", refresh_token=token or self.tokens["refresh_token"])

    def connect(self, scopes: Collection[str] | None = None) -> dict[str, Any]:
        """Let a person connect, and keep the tokens."""
        answer = self.exchange(self.code(scopes))
        answer.raise_for_status()
        self.tokens = answer.json()
        return self.tokens

    def user(self, fields: str = ALL_USER) -> httpx.Response:
        """Ask for the person."""
        return self.http.get("/v2/user/info/", params={"fields": fields}, headers=self.headers())

    def videos(self, **body: object) -> httpx.Response:
        """Ask for a page of videos."""
        return self.http.post("/v2/video/list/", params={"fields": ALL_VIDEO}, json=body, headers=self.headers())

    def query(self, *ids: str) -> httpx.Response:
        """Ask for videos by id."""
        body = {"filters": {"video_ids": list(ids)}}
        return self.http.post("/v2/video/query/", params={"fields": ALL_VIDEO}, json=body, headers=self.headers())

    def headers(self) -> dict[str, str]:
        """The header of a call."""
        return {"Authorization": f"Bearer {self.tokens.get('access_token', 'made-up')}"}

    def control(self, path: str, **body: object) -> httpx.Response:
        """Post to a control route."""
        answer = self.http.post(f"/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an API's refusal."""
    error = answer.json()["error"]
    assert error["log_id"]
    return answer.status_code, error["code"]


def refusal_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and error of a refusal of the token endpoint."""
    body = answer.json()
    assert body["error_description"]
    assert body["log_id"]
    return answer.status_code, body["error"]
