"""An app that a person connects by either login: it sends what a client sends, by plain HTTP."""

from collections.abc import Collection
from datetime import UTC, date, datetime

import httpx

from sandbox.meta.apps import BASIC, INSIGHTS, PAGE_BASIC, PAGE_INSIGHTS, PAGES_LIST, PAGES_READ
from sandbox.meta.clicks import walk
from sandbox.meta.people import Account
from sandbox.meta.server import Running
from sandbox.world.channel.days import begin, end

CALLBACK = "http://127.0.0.1:9/api/auth/instagram/callback"
START = datetime(2026, 11, 20, 18, tzinfo=UTC)
"""Ten in the morning of a Friday in Pacific time."""
Rows = list[dict[str, object]]


class App:
    """The app of a running stand-in, with the tokens of the newest connection."""

    def __init__(self, running: Running) -> None:
        self.running, self.meta = running, running.meta
        self.http = httpx.Client(base_url=running.url, timeout=120)
        self.facebook = httpx.Client(base_url=running.facebook_url, timeout=120)
        self.meta.app.allow(CALLBACK)
        self.token = ""

    @property
    def account(self) -> Account:
        """The first account."""
        return self.meta.accounts()[0]

    def close(self) -> None:
        """Close both connections."""
        self.http.close()
        self.facebook.close()

    def url(self, **changes: str | None) -> str:
        """The address that the button for Instagram opens; None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "client_id": self.meta.app.instagram_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": f"{BASIC},{INSIGHTS}",
            "state": "a state/ä",
        }
        return str(httpx.URL(f"{self.running.url}/oauth/authorize", params=given(asked | changes)))

    def dialog(self, **changes: str | None) -> str:
        """The address that the button for Facebook opens."""
        asked: dict[str, str | None] = {
            "client_id": self.meta.app.id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": ",".join((PAGE_BASIC, PAGE_INSIGHTS, PAGES_READ, PAGES_LIST)),
            "state": "a state/ä",
        }
        return str(httpx.URL(f"{self.running.facebook_url}/v27.0/dialog/oauth", params=given(asked | changes)))

    def code(self, account: str | None = None, scopes: Collection[str] | None = None) -> str:
        """The code that a person's clicks at Instagram bring."""
        return httpx.URL(walk(self.url(), account=account, scopes=scopes)).params["code"]

    def exchange(self, code: str, /, **changes: str | None) -> httpx.Response:
        """Ask for the short token of a code."""
        asked: dict[str, str | None] = {
            "client_id": self.meta.app.instagram_id,
            "client_secret": self.meta.app.instagram_secret,
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code": code,
        }
        return self.http.post("/oauth/access_token", data=given(asked | changes))

    def lengthen(self, token: str, **changes: str | None) -> httpx.Response:
        """Ask for the long token of a short one."""
        asked: dict[str, str | None] = {
            "grant_type": "ig_exchange_token",
            "client_secret": self.meta.app.instagram_secret,
            "access_token": token,
        }
        return self.http.get("/access_token", params=given(asked | changes))

    def refresh(self, token: str | None = None) -> httpx.Response:
        """Ask for a new long token."""
        params = {"grant_type": "ig_refresh_token", "access_token": token or self.token}
        return self.http.get("/refresh_access_token", params=params)

    def connect(self, account: str | None = None, scopes: Collection[str] | None = None) -> str:
        """Let a person connect by Instagram Login, and keep the long token."""
        short = self.exchange(self.code(account, scopes)).json()["access_token"]
        self.token = self.lengthen(short).json()["access_token"]
        return self.token

    def facebook_token(self, **params: str) -> httpx.Response:
        """Ask Facebook for a token."""
        asked = {"client_id": self.meta.app.id, "client_secret": self.meta.app.secret, "redirect_uri": CALLBACK}
        return self.facebook.get("/v27.0/oauth/access_token", params=asked | params)

    def connect_facebook(self, pages: Collection[str] | None = None, scopes: Collection[str] | None = None) -> str:
        """Let a person connect by Facebook Login, and keep the long token of the person."""
        code = httpx.URL(walk(self.dialog(), pages=pages, scopes=scopes)).params["code"]
        short = self.facebook_token(code=code).json()["access_token"]
        self.token = self.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=short).json()["access_token"]
        return self.token

    def get(self, path: str, **params: str) -> httpx.Response:
        """Call Instagram's Graph API with the newest token."""
        return self.http.get(f"/v27.0/{path}", params={"access_token": self.token} | params)

    def ask(self, path: str, **params: str) -> httpx.Response:
        """Call Facebook's Graph API with the newest token."""
        return self.facebook.get(f"/v27.0/{path}", params={"access_token": self.token} | params)

    def daily(self, metric: str, days: Collection[date], **params: str) -> httpx.Response:
        """Ask for metrics of the account over whole days."""
        asked = {"metric": metric, "period": "day", **window(days)}
        return self.get("me/insights", **asked, **params)

    def total(self, metric: str, days: Collection[date], **params: str) -> dict[str, object]:
        """The total of one metric over whole days."""
        answer = self.daily(metric, days, metric_type="total_value", **params)
        answer.raise_for_status()
        (row,) = answer.json()["data"]
        found: dict[str, object] = row["total_value"]
        return found

    def truth(self, **params: str) -> dict[str, object]:
        """The truth of the first account."""
        found: dict[str, object] = self.http.get(f"/_sandbox/truth/{self.account.username}", params=params).json()
        return found

    def control(self, path: str, **body: object) -> httpx.Response:
        """Post to a control route."""
        answer = self.http.post(f"/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer


def given(fields: dict[str, str | None]) -> dict[str, str]:
    """The fields that are not left out."""
    return {name: value for name, value in fields.items() if value is not None}


def window(days: Collection[date]) -> dict[str, str]:
    """The parameters of the window that holds these days and no other."""
    first, last = begin(min(days)), end(max(days))
    return {"since": str(int(first.timestamp())), "until": str(int(last.timestamp()))}


def error_of(answer: httpx.Response) -> tuple[int, int, int | None]:
    """Status, code and subcode of the Graph API's refusal."""
    error = answer.json()["error"]
    assert error["message"]
    assert error["fbtrace_id"]
    return answer.status_code, error["code"], error.get("error_subcode")


def results(total: dict[str, object]) -> dict[tuple[str, ...], int]:
    """The parts of a total that is broken down, by their values."""
    breakdowns = total["breakdowns"]
    assert isinstance(breakdowns, list)
    return {tuple(row["dimension_values"]): row["value"] for row in breakdowns[0]["results"]}
