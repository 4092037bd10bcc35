"""A tiny Facebook on loopback: one person with pages, whose tokens open accounts of a tiny Meta; faults on demand."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.rig.tiny_meta import ACCOUNT, TinyMeta, refusal
from tests.rig.tiny_server import Reply, Request, serving

APP_ID, APP_SECRET = "an-id", "a-secret"
SCOPES = ["instagram_basic", "instagram_manage_insights", "pages_read_engagement", "pages_show_list"]
PERSON, PAGE = "1234004217", "1010312"
OTHER_ACCOUNT, OTHER_PAGE = "17841400000000002", "1010313"
_VERSION = "v27.0"


def page(number: str = PAGE, account: str | None = ACCOUNT, name: str = "ada", **more: Any) -> dict[str, Any]:
    """A page as `me/accounts` shows it, perhaps with an account."""
    shown = {"id": number, "name": f"Page of {name}", "access_token": f"page-{number}-1"}
    linked = {} if account is None else {"instagram_business_account": {"id": account, "username": name, "name": "Ada"}}
    return shown | linked | more


@dataclass
class TinyFacebook(TinyMeta):
    """Answers in order: `faults` first, each once for its path; then what the person has."""

    pages: list[dict[str, Any]] = field(default_factory=lambda: [page()])
    scopes: list[str] = field(default_factory=lambda: [*SCOPES, "public_profile"])
    names_life: bool = True
    ends_in: timedelta | None = timedelta(days=60)
    data_ends_in: timedelta | None = timedelta(days=90)
    pages_at_once: int = 100
    renewals: int = 0
    ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = {"long-0", f"page-{PAGE}-1"}

    def _token_routes(self, request: Request) -> Reply | None:
        given = request.given
        match request.path.removeprefix(f"/{_VERSION}"):
            case "/oauth/access_token" if given["client_id"] != APP_ID:
                return refusal(101, message="Error validating application.")
            case "/oauth/access_token" if given["client_secret"] != APP_SECRET:
                return refusal(1, message="Error validating client secret.")
            case "/oauth/access_token" if "code" in given:
                return Reply(200, {"access_token": "short-1", "token_type": "bearer", "expires_in": 3600})
            case "/oauth/access_token" if given["fb_exchange_token"] in {"short-1", *self.tokens}:
                return self._long()
            case "/oauth/access_token":
                return refusal(190, 463, "Session has expired")
            case "/debug_token" if given["access_token"] == f"{APP_ID}|{APP_SECRET}":
                return Reply(200, {"data": self._about()})
        return None

    def _long(self) -> Reply:
        self.renewals += 1
        token = f"long-{self.renewals}"
        self.tokens |= {token}
        life = {"expires_in": 5_183_944} if self.names_life else {}
        return Reply(200, {"access_token": token, "token_type": "bearer", **life})

    def _about(self) -> dict[str, Any]:
        def ends(after: timedelta | None) -> int:
            return 0 if after is None else int((datetime.now(UTC) + after).timestamp())

        return {
            "app_id": APP_ID,
            "type": "USER",
            "is_valid": True,
            "expires_at": ends(self.ends_in),
            "data_access_expires_at": ends(self.data_ends_in),
            "scopes": self.scopes,
            "user_id": PERSON,
        }

    def _graph(self, request: Request) -> Reply:
        token = request.token or ""
        if token in self.tokens and not hmac.compare_digest(proof_of(token), request.given.get("appsecret_proof", "")):
            return refusal(100, message="Invalid appsecret_proof provided in the API argument")
        path, fields = request.path.removeprefix(f"/{_VERSION}/"), set(request.given.get("fields", "").split(","))
        if token in self.tokens and not fields & self.unknown_fields:
            match path.split("/"):
                case ["me", "permissions"] if request.method == "DELETE":
                    self.ended.append(token)
                    return Reply(200, {"success": True})
                case ["me", "accounts"]:
                    return self._accounts(request.given)
                case [number] if fields == {"access_token"}:
                    return self._page_token(number)
                case [account] if account == ACCOUNT:
                    return self._account(fields)
        return super()._graph(request)

    def _accounts(self, query: dict[str, str]) -> Reply:
        start = int(query.get("after", "0"))
        end = start + self.pages_at_once
        paging: dict[str, Any] = {"cursors": {"before": f"b{start}", "after": str(end)}}
        paging |= {"next": f"{self.address}/next?access_token=secret"} if end < len(self.pages) else {}
        asked = {name.partition("{")[0] for name in query["fields"].split(",")}
        shown = [{name: value for name, value in one.items() if name in asked} for one in self.pages[start:end]]
        return Reply(200, {"data": shown, "paging": paging})

    def _page_token(self, number: str) -> Reply:
        if number not in {one["id"] for one in self.pages}:
            return refusal(100, 33, f"Unsupported get request. Object with ID '{number}' does not exist")
        token = f"page-{number}-{self.renewals + 1}"
        self.tokens |= {token}
        return Reply(200, {"access_token": token, "id": number})

    def _account(self, fields: set[str]) -> Reply:
        every = {
            "username": "ada",
            "name": "Ada",
            "biography": "maths",
            "followers_count": 1230,
            "follows_count": 321,
            "media_count": len(self.media),
        }
        if unknown := fields - every.keys() - {"id", "website"}:
            return refusal(100, message=f"(#100) Tried accessing nonexisting field ({unknown})")
        return Reply(200, {name: value for name, value in every.items() if name in fields} | {"id": ACCOUNT})


def proof_of(token: str) -> str:
    """The proof that belongs to a token."""
    return hmac.new(APP_SECRET.encode(), token.encode(), "sha256").hexdigest()


@contextmanager
def tiny_facebook(**given: Any) -> Iterator[TinyFacebook]:
    """A running one."""
    with serving(TinyFacebook(**given)) as world:
        yield world
