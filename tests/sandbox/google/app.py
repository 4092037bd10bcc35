"""An app that a person connects: it sends what a client sends, by plain HTTP."""

import base64
import hashlib
from collections.abc import Collection
from datetime import UTC, datetime

import httpx

from sandbox.google.clicks import walk
from sandbox.google.oauth.clients import ANALYTICS, YOUTUBE
from sandbox.google.server import Running

CALLBACK = "http://127.0.0.1:9/api/auth/google/callback"
START = datetime(2026, 11, 20, 18, tzinfo=UTC)
"""Ten in the morning of a Friday in Pacific time."""
DAILY = (
    "views,engagedViews,estimatedMinutesWatched,averageViewDuration,averageViewPercentage,"
    "likes,comments,shares,subscribersGained,subscribersLost"
)
VERIFIER = "a-verifier-of-at-least-forty-three-characters-in-all"
Tokens = dict[str, str]


class App:
    """One client of a running stand-in, with the tokens of the newest connection."""

    def __init__(self, running: Running) -> None:
        self.running, self.google = running, running.google
        self.http = httpx.Client(base_url=running.url, timeout=120)
        self.google.client.allow(CALLBACK)
        self.tokens: Tokens = {}

    def url(self, **changes: str | None) -> str:
        """The address that the button opens; None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "client_id": self.google.client.id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": f"{YOUTUBE} {ANALYTICS}",
            "state": "a state/ä",
            "access_type": "offline",
            "prompt": "consent",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        given = {name: value for name, value in (asked | changes).items() if value is not None}
        return str(httpx.URL(f"{self.running.url}/o/oauth2/v2/auth", params=given))

    def code(
        self,
        account: str | None = None,
        channel: str | None = None,
        scopes: Collection[str] | None = None,
        **changes: str | None,
    ) -> str:
        """The code that a person's clicks bring."""
        back = walk(self.url(**changes), account=account, channel=channel, scopes=scopes)
        return httpx.URL(back).params["code"]

    def exchange(self, code: str, /, **changes: str | None) -> httpx.Response:
        """Ask for the tokens of a code."""
        asked: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.google.client.id,
            "client_secret": self.google.client.secret,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.post("/token", asked | changes)

    def refresh(self, **changes: str | None) -> httpx.Response:
        """Ask for a new access token."""
        asked: dict[str, str | None] = {
            "grant_type": "refresh_token",
            "refresh_token": self.tokens["refresh_token"],
            "client_id": self.google.client.id,
            "client_secret": self.google.client.secret,
        }
        return self.post("/token", asked | changes)

    def connect(
        self, account: str | None = None, channel: str | None = None, scopes: Collection[str] | None = None
    ) -> Tokens:
        """Let a person connect, and keep the tokens."""
        answer = self.exchange(self.code(account, channel, scopes))
        answer.raise_for_status()
        self.tokens = answer.json()
        return self.tokens

    def get(self, path: str, **params: str) -> httpx.Response:
        """Call an API with the newest access token, if there is one."""
        token = self.tokens.get("access_token")
        return self.http.get(path, params=params, headers={"Authorization": f"Bearer {token}"} if token else {})

    def channel(self, **params: str) -> httpx.Response:
        """Ask for the own channel; "" leaves a parameter out."""
        asked = {"part": "snippet,statistics,contentDetails", "mine": "true"}
        return self.get("/youtube/v3/channels", **{name: value for name, value in (asked | params).items() if value})

    def report(self, **params: str) -> httpx.Response:
        """Ask for a report; by default the views of three weeks by day."""
        asked = {
            "ids": "channel==MINE",
            "startDate": "2026-10-31",
            "endDate": "2026-11-20",
            "metrics": "views",
            "dimensions": "day",
        }
        return self.get("/v2/reports", **{name: value for name, value in (asked | params).items() if value})

    def rows(self, **params: str) -> list[list[object]]:
        """The rows of a report, none where they are left out."""
        answer = self.report(**params)
        answer.raise_for_status()
        found: list[list[object]] = answer.json().get("rows", [])
        return found

    def post(self, path: str, fields: dict[str, str | None]) -> httpx.Response:
        """Send a form; None leaves a field out."""
        return self.http.post(path, data={name: value for name, value in fields.items() if value is not None})

    def control(self, path: str, **body: object) -> httpx.Response:
        """Post to a control route."""
        answer = self.http.post(f"/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and reason of an API's refusal."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return answer.status_code, error["errors"][0]["reason"]


def refusal_of(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, error and description of a refusal of the token endpoint."""
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]
