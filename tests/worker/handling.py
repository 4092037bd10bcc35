"""Handlers with the real queue, context and vault; only the platform's side is a script."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool

from shared import logs
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.domain.social import (
    Direction,
    EndpointId,
    Likers,
    LookedUp,
    Media,
    MediaPage,
    Observation,
    PeoplePage,
    Person,
    PlatformId,
    ProfileFacts,
    Standing,
    Viewer,
    ViewersPage,
)
from shared.files.folder import FolderFiles
from shared.platforms.instagram import REST
from shared.settings import Settings
from shared.store.queue import claims
from shared.store.users import data_keys
from shared.vault import KeyRing, Place
from worker.browser.pool import BrowserPool
from worker.platforms.base import LiveSource, RateLimiter, ReadsProfile, SessionSecret
from worker.platforms.client import PlatformClient
from worker.platforms.instagram_web.login.browser_login import InstagramLogin
from worker.runner.context import Context
from worker.services import Services

Pool = AsyncConnectionPool[WorkerConnection]
LEASE = timedelta(seconds=30)
SECRET = SessionSecret('{"storage_state": {}}')


@dataclass
class Script:
    """A platform that answers from lists: what its tabs show, a page at a time, and what its profile counts."""

    now: datetime
    facts: ProfileFacts
    shown_posts: list[Media] = field(default_factory=list)
    shown_reels: list[Media] = field(default_factory=list)
    followers: list[Person] = field(default_factory=list)
    following: list[Person] = field(default_factory=list)
    standings: dict[str, LookedUp] = field(default_factory=dict)
    live: list[Media] = field(default_factory=list)
    viewers: dict[str, list[Viewer]] = field(default_factory=dict)
    liked_by: dict[str, Likers] = field(default_factory=dict)
    archive: list[Media] = field(default_factory=list)
    by_id: dict[str, Media] = field(default_factory=dict)
    page_size: int = 2
    opened: int = 0
    asked: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        self._ask(f"profile {username}")
        return Observation(self.facts, self.now)

    async def people(
        self,
        direction: Direction,
        owner: PlatformId,
        username: str,
        cursor: str | None,
        endpoint: EndpointId,
    ) -> Observation[PeoplePage]:
        self._ask(f"{direction} {cursor or 0}" + ("" if endpoint == REST else f" {endpoint}"))
        people = self.followers if direction is Direction.FOLLOWER else self.following
        page, further = self._page(people, cursor)
        return Observation(PeoplePage(tuple(page), further), self.now)

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        self._ask(f"posts {cursor or 0}")
        page, further = self._page(self.shown_posts, cursor)
        return Observation(MediaPage(tuple(page), further), self.now)

    async def reels(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        self._ask(f"reels {cursor or 0}")
        page, further = self._page(self.shown_reels, cursor)
        return Observation(MediaPage(tuple(page), further), self.now)

    async def look_up(self, person: PlatformId, username: str) -> Observation[LookedUp]:
        self._ask(f"look up {person}")
        return Observation(self.standings.get(person, LookedUp(Standing.UNKNOWN)), self.now)

    async def stories(self, owner: PlatformId, username: str) -> Observation[MediaPage]:
        self._ask("stories")
        return Observation(MediaPage(tuple(self.live), None), self.now)

    async def story_viewers(self, media_id: PlatformId, username: str, cursor: str | None) -> Observation[ViewersPage]:
        self._ask(f"viewers {media_id} {cursor or 0}")
        every = self.viewers.get(media_id, [])
        page, further = self._page(every, cursor)
        return Observation(ViewersPage(tuple(page), further, len(every)), self.now)

    async def likers(self, media_id: PlatformId, username: str) -> Observation[Likers]:
        self._ask(f"likers {media_id}")
        return Observation(self.liked_by.get(media_id, Likers(())), self.now)

    async def media(self, media_id: PlatformId, owner: PlatformId, username: str) -> Observation[Media | None]:
        self._ask(f"media {media_id}")
        return Observation(self.by_id.get(media_id), self.now)

    async def archive_page(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        self._ask(f"archived {cursor or 0}")
        page, further = self._page(self.archive, cursor)
        return Observation(MediaPage(tuple(page), further), self.now)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        self.before(what)

    def _page(self, every: list[Any], cursor: str | None) -> tuple[list[Any], str | None]:
        start = int(cursor or 0)
        end = start + self.page_size
        return every[start:end], str(end) if end < len(every) else None


@dataclass
class Live:
    """An open script; the session that it leaves behind is the one it was opened with."""

    source: ReadsProfile
    secret: SessionSecret
    checked: list[str] = field(default_factory=list)

    async def check(self, username: str) -> Observation[ProfileFacts]:
        self.checked.append(username)
        return Observation(ProfileFacts(PlatformId("1"), username), datetime(2026, 3, 1, tzinfo=UTC))

    async def session(self) -> SessionSecret:
        return self.secret


@dataclass
class ScriptedProfile:
    """A connected profile, the script that its sources are opened from, and what makes its jobs."""

    owner: psycopg.Connection[dict[str, Any]]
    pool: Pool
    script: Script
    services: Services
    user_id: UUID
    profile_id: UUID
    make_job: Callable[..., UUID]


def services_for(pool: Pool, script: Script | None = None) -> Services:
    """The parts of a worker whose sources are opened from the script."""
    settings = Settings()

    @asynccontextmanager
    async def open_source(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
        assert script is not None
        script.opened += 1
        yield Live(script, secret)

    return Services(
        settings=settings,
        pool=pool,
        keyring=KeyRing.generate(datetime(2026, 1, 1, tzinfo=UTC)),
        browser=BrowserPool(settings),
        platforms={"instagram": PlatformClient("instagram", {"browser": open_source}, InstagramLogin(settings))},
        files=FolderFiles(settings.data_dir / "exports"),
        log=logs.get("test"),
    )


async def connect(
    pool: Pool, services: Services, user_id: UUID, profile_id: UUID, secret: SessionSecret = SECRET
) -> None:
    """Gives a profile an ACTIVE connection with a session encrypted as the login leaves it."""
    async with pool.connection() as conn:
        key = await data_keys.data_key(conn, services.keyring, user_id)
        row = await (
            await conn.execute(
                "insert into public.connections (user_id, profile_id, method, state)"
                " values (%s, %s, 'browser', 'ACTIVE') returning id",
                (user_id, profile_id),
            )
        ).fetchone()
        assert row is not None
        place = Place("connections", "secret", user_id, row["id"])
        encrypted = key.encrypt(secret.text.encode(), place)
        await conn.execute("update public.connections set secret = %s where id = %s", (encrypted, row["id"]))


async def claim(pool: Pool, kinds: Iterable[JobKind] = tuple(JobKind)) -> Context:
    """The real context of the next job, claimed as a worker claims it."""
    async with pool.connection() as conn:
        claimed = await claims.claim(conn, "tests", LEASE, list(kinds), 1)
    assert len(claimed) == 1
    return Context(claimed[0], pool, lease=LEASE, poll=timedelta(seconds=1))


async def taken_over(pool: Pool, ctx: Context) -> Context:
    """The context of another worker, after the lease of the first ran out."""
    async with pool.connection() as conn:
        await conn.execute(
            "update public.sync_jobs set lease_until = now() - interval '1 second' where id = %s", (ctx.job.id,)
        )
    return await claim(pool)
