"""Fakegram: a platform of the tests' own, declared and read through the two halves that every platform has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from playwright.async_api import BrowserContext

from shared.domain.jobs import JobKind
from shared.domain.plan import PageSizes, Window
from shared.domain.social import Direction, EndpointId, Observation, PeoplePage, Person, PlatformId, ProfileFacts
from shared.errors import SessionDead, WrongPassword
from shared.platforms import Platform, WayIn
from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret
from worker.platforms.client import PlatformClient
from worker.platforms.login import Ask, LoginDetails

_PAGE = 2
_COOKIE = "fakegram_session"
LIST = EndpointId("list")


def _username(typed: str) -> str | None:
    name = typed.strip().removeprefix("@").lower()
    return name if name.isalnum() else None


FAKEGRAM = Platform(
    name="fakegram",
    label="Fakegram",
    ways_in=(WayIn.BROWSER,),
    kinds=frozenset({JobKind.SYNC_PROFILE, JobKind.SYNC_FOLLOWERS, JobKind.CHECK_SESSION, JobKind.DERIVE}),
    username=_username,
    is_id=str.isalnum,
    username_hint="The name after the @",
    username_fault="Enter letters and digits only.",
    profile_url="https://fakegram.example/@{username}",
    page_sizes=PageSizes(followers=_PAGE, following=_PAGE, posts=_PAGE, reels=_PAGE),
    window=Window(timedelta(minutes=1), 600),
    endpoints={LIST: "its list"},
)


@dataclass
class World:
    """What there is at Fakegram: one account with its password and its people, and the requests that were made."""

    username: str = "ada"
    password: str = "lovelace"
    followers: list[str] = field(default_factory=list)
    following: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def facts(self) -> ProfileFacts:
        return ProfileFacts(
            PlatformId("7"), self.username, followers=len(self.followers), following=len(self.following)
        )

    def client_of(self, browser: BrowserPool, settings: Settings) -> PlatformClient:
        """The worker's half."""

        @asynccontextmanager
        async def open_source(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
            yield Live(self, BrowserSession.from_secret(secret), limiter)

        return PlatformClient(FAKEGRAM.name, {WayIn.BROWSER: open_source}, Login(self))


class Source:
    """Reads profile and lists, and nothing else."""

    def __init__(self, world: World, limiter: RateLimiter) -> None:
        self._world, self._limiter = world, limiter

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        await self._ask("profile")
        return Observation(self._world.facts(), datetime.now(UTC))

    async def people(
        self, direction: Direction, owner: PlatformId, username: str, cursor: str | None, endpoint: EndpointId
    ) -> Observation[PeoplePage]:
        await self._ask(f"{direction} by {endpoint}")
        every = self._world.followers if direction is Direction.FOLLOWER else self._world.following
        start = int(cursor or 0)
        end = start + _PAGE
        page = tuple(Person(PlatformId(f"p-{name}"), name) for name in every[start:end])
        return Observation(PeoplePage(page, str(end) if end < len(every) else None), datetime.now(UTC))

    async def _ask(self, what: str) -> None:
        await self._limiter.acquire()
        self._world.requests.append(what)


class Live:
    """An open session of the account."""

    def __init__(self, world: World, session: BrowserSession, limiter: RateLimiter) -> None:
        self._session = session
        self.source = Source(world, limiter)

    async def session(self) -> SessionSecret:
        return self._session.to_secret()

    async def check(self, username: str) -> Observation[ProfileFacts]:
        if self._session.cookie(_COOKIE) is None:
            raise SessionDead
        return await self.source.profile(username)


@dataclass
class Login:
    """Signs in with a password, which leaves a cookie."""

    world: World
    device_cookies: frozenset[str] = frozenset()

    async def sign_in(self, context: BrowserContext, details: LoginDetails, ask: Ask) -> None:
        if details.password != self.world.password:
            raise WrongPassword
        await context.add_cookies([{"name": _COOKIE, "value": "yes", "url": "https://fakegram.example/"}])

    async def open_login_page(self, context: BrowserContext) -> None:
        await context.new_page()

    def open_view(self, context: BrowserContext, session: BrowserSession, limiter: RateLimiter) -> LiveSource:
        return Live(self.world, session, limiter)

    async def take_screenshot(self, context: BrowserContext, secrets: Sequence[str]) -> bytes | None:
        return None
