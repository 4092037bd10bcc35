"""Fakegram with a second way in: by the consent page of Fakeid, beside the browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared.domain.jobs import JobKind
from shared.domain.social import (
    Media,
    MediaKind,
    MediaPage,
    Observation,
    Person,
    PlatformId,
    ProfileFacts,
    Viewer,
    ViewersPage,
)
from shared.errors import AccessRevoked, JobError
from shared.platforms import WayIn
from shared.settings import Settings
from tests.rig import fakegram
from tests.rig.fakegram import FAKEGRAM
from tests.rig.fakehub import FAKEID, FIGURES, READ
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.authorization import Grant, OfferedAccount
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret
from worker.platforms.client import PlatformClient

OFFICIAL = WayIn.GOOGLE
LIFE = timedelta(days=60)
TWO_WAYS = replace(
    FAKEGRAM,
    ways_in=(WayIn.BROWSER, OFFICIAL),
    kinds=FAKEGRAM.kinds | {JobKind.SYNC_STORIES, JobKind.SYNC_VIEWERS},
    providers={OFFICIAL: FAKEID},
    reads={
        WayIn.BROWSER: frozenset({JobKind.SYNC_PROFILE, JobKind.SYNC_FOLLOWERS, JobKind.SYNC_VIEWERS}),
        OFFICIAL: frozenset({JobKind.SYNC_PROFILE, JobKind.SYNC_STORIES}),
    },
)
OTHER_IDS = replace(TWO_WAYS, other_ids=frozenset({OFFICIAL}))
"""The same platform, whose official way in names the account by an id of its own."""


@dataclass
class World(fakegram.World):
    """Fakegram's account behind both ways in. Each official token is good until the next one is given."""

    official_id: PlatformId = PlatformId("7")
    live: list[PlatformId] = field(default_factory=list)
    given: int = 0
    dead: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    faults: list[JobError] = field(default_factory=list)

    def grant(self) -> Grant:
        """A new token."""
        self.given += 1
        secret = json.dumps({"access_token": f"token-{self.given}"})
        return Grant(SessionSecret(secret), frozenset({READ, FIGURES}), datetime.now(UTC) + LIFE)

    def client_of(self, browser: BrowserPool, settings: Settings) -> PlatformClient:
        """The worker's half."""

        @asynccontextmanager
        async def open_official(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
            yield LiveOfficial(self, secret)

        @asynccontextmanager
        async def open_browser(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
            live = fakegram.Live(self, BrowserSession.from_secret(secret), limiter)
            live.source = WithViewers(self, limiter)
            yield live

        by_browser = super().client_of(browser, settings)
        return replace(
            by_browser,
            openers={WayIn.BROWSER: open_browser, OFFICIAL: open_official},
            authorizers={OFFICIAL: Official(self)},
        )


class WithViewers(fakegram.Source):
    """The account as its browser sees it, which shows who viewed a story."""

    async def story_viewers(self, media_id: PlatformId, username: str, cursor: str | None) -> Observation[ViewersPage]:
        await self._ask(f"viewers of {media_id}")
        viewer = Viewer(Person(PlatformId("p-bob"), "bob"))
        return Observation(ViewersPage((viewer,), None, 1), datetime.now(UTC))


@dataclass
class Official:
    """Gives tokens, and takes each only until it gave the next one."""

    world: World

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        self._call("exchange")
        return self.world.grant()

    async def accounts(self, grant: Grant) -> list[OfferedAccount]:
        self._call("accounts")
        return [OfferedAccount(self.world.official_id, self.world.username)]

    async def refresh(self, secret: SessionSecret) -> Grant | None:
        self._call("refresh")
        if token_of(secret) in self.world.dead:
            raise AccessRevoked
        self.world.dead.add(token_of(secret))
        return self.world.grant()

    async def revoke(self, secret: SessionSecret) -> None:
        self._call("revoke")
        self.world.dead.add(token_of(secret))

    def _call(self, name: str) -> None:
        self.world.calls.append(name)
        if self.world.faults:
            raise self.world.faults.pop(0)


@dataclass
class LiveOfficial:
    """The account as a token reads it: its profile and its stories."""

    world: World
    secret: SessionSecret

    @property
    def source(self) -> LiveOfficial:
        return self

    async def session(self) -> SessionSecret:
        return self.secret

    async def check(self, username: str) -> Observation[ProfileFacts]:
        return await self.profile(username)

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        self._ask("official profile")
        return Observation(replace(self.world.facts(), platform_id=self.world.official_id), datetime.now(UTC))

    async def stories(self, owner: PlatformId, username: str) -> Observation[MediaPage]:
        self._ask(f"official stories of {owner}")
        live = [Media(one, MediaKind.STORY, posted_at=datetime.now(UTC)) for one in self.world.live]
        return Observation(MediaPage(tuple(live), None), datetime.now(UTC))

    def _ask(self, what: str) -> None:
        if token_of(self.secret) in self.world.dead:
            raise AccessRevoked
        self.world.requests.append(what)


def token_of(secret: SessionSecret) -> str:
    """The access token of a stored secret."""
    token: str = json.loads(secret.text)["access_token"]
    return token
