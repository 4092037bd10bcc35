"""Fakehub: a platform of the tests' own that is connected on the consent page of its provider, Fakeid."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

from shared.domain.jobs import JobKind
from shared.domain.plan import PageSizes, Window
from shared.domain.social import Observation, PlatformId, ProfileFacts
from shared.errors import AppRefused, CodeUsed, JobError, SessionDead, SiteFailed
from shared.platforms import Platform, Provider, Shown, WayIn
from shared.platforms.provider import s256
from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.platforms.authorization import Grant, OfferedAccount
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret
from worker.platforms.client import PlatformClient

READ, FIGURES = "hub.read", "hub.figures"
CLIENT_ID = "client-of-the-tests"


def _authorize(base: str, client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
    asked = {"client_id": client_id, "redirect_uri": redirect_uri, "state": state, "code_challenge": challenge}
    return f"{base}/authorize?{urlencode(asked)}"


FAKEID = Provider(
    name="fakeid",
    label="Fakeid",
    scopes=(READ, FIGURES),
    authorize=_authorize,
    permissions_url="https://fakeid.example/permissions",
    app_url="https://fakeid.example/apps",
    app_settings=("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
    required=frozenset({READ}),
    scope_words={READ: "the account", FIGURES: "its figures"},
)
FAKEHUB = Platform(
    name="fakehub",
    label="Fakehub",
    ways_in=(WayIn.GOOGLE,),
    kinds=frozenset({JobKind.SYNC_PROFILE, JobKind.CHECK_SESSION, JobKind.DERIVE}),
    username=lambda typed: typed.strip() or None,
    is_id=str.isalnum,
    username_hint="The name of the account",
    username_fault="Enter the name of the account.",
    profile_url="https://fakehub.example/{username}",
    page_sizes=PageSizes(followers=50, following=50, posts=50, reels=50),
    window=Window(timedelta(minutes=1), 600),
    providers={WayIn.GOOGLE: FAKEID},
    shows={WayIn.GOOGLE: frozenset({Shown.COUNTERS, Shown.INSIGHTS})},
)


@dataclass
class Code:
    """A consent that was given; its code is good once."""

    challenge: str
    redirect_uri: str
    scopes: frozenset[str]
    used: bool = False


@dataclass
class World:
    """What there is at Fakehub and Fakeid.

    A fault is raised by the next call to Fakeid, calls named in `fails_at` always fail, `dead` are ended tokens.
    """

    accounts: list[OfferedAccount] = field(default_factory=lambda: [OfferedAccount(PlatformId("7"), "ada", "Ada")])
    scopes: frozenset[str] = frozenset({READ, FIGURES})
    codes: dict[str, Code] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    faults: list[JobError] = field(default_factory=list)
    fails_at: set[str] = field(default_factory=set)

    def consent(self, asked: dict[str, str]) -> str:
        """The address that the consent page leads back to once the person has allowed it."""
        code = token_urlsafe(8)
        self.codes[code] = Code(asked["code_challenge"], asked["redirect_uri"], self.scopes)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def client_of(self, browser: BrowserPool, settings: Settings) -> PlatformClient:
        """The worker's half."""

        @asynccontextmanager
        async def open_source(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
            yield Live(self, secret)

        return PlatformClient(FAKEHUB.name, {WayIn.GOOGLE: open_source}, authorizers={WayIn.GOOGLE: Fakeid(self)})


class Fakeid:
    """Exchanges a code for a token, by the rules of the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        self._call("exchange")
        known = self._world.codes.get(code)
        if known is None or known.used:
            raise CodeUsed
        if known.redirect_uri != redirect_uri or known.challenge != s256(verifier or ""):
            raise AppRefused
        known.used = True
        token = f"token-{len(self._world.calls)}"
        return Grant(SessionSecret(json.dumps({"access_token": token})), known.scopes)

    async def accounts(self, grant: Grant) -> list[OfferedAccount]:
        self._call("accounts")
        return list(self._world.accounts)

    async def refresh(self, secret: SessionSecret) -> Grant | None:
        self._call("refresh")
        return None

    async def revoke(self, secret: SessionSecret) -> None:
        self._call("revoke")
        self._world.dead.append(_token(secret))

    def _call(self, name: str) -> None:
        self._world.calls.append(name)
        if self._world.faults:
            raise self._world.faults.pop(0)
        if name in self._world.fails_at:
            raise SiteFailed


class Live:
    """The account as a token reads it; its source reads the profile alone."""

    def __init__(self, world: World, secret: SessionSecret) -> None:
        self._world, self._secret = world, secret
        self.source = self

    async def session(self) -> SessionSecret:
        return self._secret

    async def check(self, username: str) -> Observation[ProfileFacts]:
        return await self.profile(username)

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        if _token(self._secret) in self._world.dead:
            raise SessionDead
        account = next(one for one in self._world.accounts if one.username == username)
        facts = ProfileFacts(account.platform_id, account.username, account.display_name, followers=12)
        return Observation(facts, datetime.now(UTC))


def _token(secret: SessionSecret) -> str:
    token: str = json.loads(secret.text)["access_token"]
    return token


@contextmanager
def consent_page(world: World) -> Iterator[str]:
    """The address of Fakeid's consent page, with a link to allow and one to deny."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            target = urlsplit(self.path)
            asked = dict(parse_qsl(target.query))
            match target.path:
                case "/allow":
                    self._answer(302, Location=world.consent(asked))
                case "/deny":
                    denied = urlencode({"error": "access_denied", "state": asked["state"]})
                    self._answer(302, Location=f"{asked['redirect_uri']}?{denied}")
                case _:
                    links = [f'<p><a href="/{do}?{escape(target.query)}">{do}</a></p>' for do in ("allow", "deny")]
                    self._answer(200, f"<!doctype html><title>Fakeid</title>{''.join(links)}")

        def _answer(self, status: int, text: str = "", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing is written into the output of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()
