"""Instagram's web as a source: one signed-in view, read through a page of the site at a human pace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar
from urllib.parse import urlencode

from playwright.async_api import BrowserContext

from shared.domain.social import (
    Direction,
    EndpointId,
    Likers,
    LookedUp,
    Media,
    MediaPage,
    Observation,
    PeoplePage,
    PlatformId,
    ProfileFacts,
    ViewersPage,
)
from shared.errors import NeedsLogin, SessionDead, UnexpectedAnswer, UnknownUser
from shared.settings import Settings
from worker.browser.failures import typed_errors
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret, SourceOpener
from worker.platforms.instagram_web.cookies import account_id
from worker.platforms.instagram_web.parsing import media as parse_media
from worker.platforms.instagram_web.parsing import profile_and_lists
from worker.platforms.instagram_web.reading import relationship as look_up
from worker.platforms.instagram_web.reading.follow_lists import FollowLists
from worker.platforms.instagram_web.reading.graphql import List
from worker.platforms.instagram_web.reading.media import MediaReads
from worker.platforms.instagram_web.reading.whoami import who_am_i
from worker.platforms.instagram_web.site.page import ALIVE_PATH, SitePage
from worker.platforms.instagram_web.site.responses import (
    Answer,
    Json,
    SessionDoubtful,
    error_for_redirect,
    parse_or_raise,
)

T = TypeVar("T")
_POSTS, _REELS = 33, 50


class InstagramWeb:
    """A user's view of their own account. Errors as in `worker.platforms.base`."""

    def __init__(self, site: SitePage, own_id: PlatformId | None) -> None:
        self._site, self._own_id = site, own_id
        self._checked: Observation[ProfileFacts] | None = None
        self._media = MediaReads(site.ask, self._judged)
        self._lists = FollowLists(site, self._judged)

    async def check(self, username: str) -> Observation[ProfileFacts]:
        """The session's account; the next `profile` returns this reading without asking again."""
        self._checked = await who_am_i(self._read, self._check_session, self._own_id, f"/{username}/")
        return self._checked

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        """The logged-in account, by its id, so that a new username is noticed; by name where that is refused."""
        checked, self._checked = self._checked, None
        if checked is not None:
            return checked
        page = f"/{username}/"
        by_name = f"/api/v1/users/web_profile_info/?{urlencode({'username': username})}"
        if self._own_id is None:
            return await self._read(by_name, page, profile_and_lists.profile)
        try:
            return await self._read(f"/api/v1/users/{self._own_id}/info/", page, profile_and_lists.profile)
        except (UnexpectedAnswer, UnknownUser):
            return await self._read(by_name, page, profile_and_lists.profile)

    async def people(
        self,
        direction: Direction,
        owner: PlatformId,
        username: str,
        cursor: str | None,
        endpoint: EndpointId,
    ) -> Observation[PeoplePage]:
        """One page of a list; both lists are walked, because neither shows who follows back (IG-5.3)."""
        return await self._lists.page(endpoint, List(direction, owner, username), cursor)

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        query = {"count": str(_POSTS)} | ({"max_id": cursor} if cursor else {})
        path = f"/api/v1/feed/user/{owner}/?{urlencode(query)}"
        return await self._read(path, f"/{username}/", lambda body: parse_media.media_page(body, owner))

    async def reels(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        form = {"target_user_id": str(owner), "page_size": str(_REELS), "include_feed_video": "true"}
        form |= {"max_id": cursor} if cursor else {}
        return await self._read(
            "/api/v1/clips/user/", f"/{username}/reels/", lambda body: parse_media.clips_page(body, owner), form
        )

    async def look_up(self, person: PlatformId, username: str) -> Observation[LookedUp]:
        """The relation of one person to the profile, asked by id."""
        return await look_up.look_up(self._site.ask, self._judged, person, username)

    async def stories(self, owner: PlatformId, username: str) -> Observation[MediaPage]:
        return await self._media.stories(owner, username)

    async def story_viewers(self, media_id: PlatformId, username: str, cursor: str | None) -> Observation[ViewersPage]:
        return await self._media.story_viewers(media_id, username, cursor)

    async def likers(self, media_id: PlatformId, username: str) -> Observation[Likers]:
        return await self._media.likers(media_id, username)

    async def media(self, media_id: PlatformId, owner: PlatformId, username: str) -> Observation[Media | None]:
        return await self._media.media(media_id, owner, username)

    async def archive_page(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        return await self._media.archive_page(owner, username, cursor)

    async def _read(
        self, path: str, referrer: str, parse_body: Callable[[Json], T], form: dict[str, str] | None = None
    ) -> Observation[T]:
        return await self._judged(await self._site.ask(path, referrer, form), referrer, parse_body)

    async def _judged(self, answer: Answer, referrer: str, parse_body: Callable[[Json], T]) -> Observation[T]:
        try:
            body = parse_or_raise(answer)
        except SessionDoubtful as doubt:
            await self._check_session(referrer)
            raise doubt.otherwise from None
        return Observation(parse_body(body), answer.time())

    async def _check_session(self, referrer: str) -> None:
        """One request that tells a dead session from a throttled one (IG-4.3); raises SessionDead."""
        answer = await self._site.ask(ALIVE_PATH, referrer)
        if answer.landed is not None and isinstance(ended := error_for_redirect(answer.landed), NeedsLogin):
            raise ended
        if answer.status in (401, 403):
            raise SessionDead


class LiveInstagram:
    """An open view and its session."""

    def __init__(
        self, context: BrowserContext, session: BrowserSession, settings: Settings, limiter: RateLimiter
    ) -> None:
        self._context, self._session = context, session
        own_id = account_id(session)
        self._site = SitePage(context, settings.instagram_base_url, limiter)
        self._web = InstagramWeb(self._site, PlatformId(own_id) if own_id else None)
        self.source = self._web

    async def check(self, username: str) -> Observation[ProfileFacts]:
        """Asks the platform for the session's account."""
        return await self._web.check(username)

    async def close(self) -> None:
        """Ends pending reads; the opener closes the context."""
        await self._site.close()

    async def session(self) -> SessionSecret:
        """The present session; its cookies rotate with use."""
        with typed_errors():
            return (await self._session.read_from(self._context)).to_secret()


def opener(pool: BrowserPool, settings: Settings) -> SourceOpener:
    """Returns a function that opens stored sessions in the pool's browser; the page opens with the first request."""

    @asynccontextmanager
    async def opened(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
        session = BrowserSession.from_secret(secret)
        async with pool.context(session) as context:
            live = LiveInstagram(context, session, settings, limiter)
            try:
                yield live
            finally:
                await live.close()

    def open_source(secret: SessionSecret, limiter: RateLimiter) -> AbstractAsyncContextManager[LiveSource]:
        return opened(secret, limiter)

    return open_source
