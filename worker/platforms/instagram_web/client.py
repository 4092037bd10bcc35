"""Instagram's web as a `ProfileSource`: one signed-in view, read through a page of the site at a human pace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar
from urllib.parse import urlencode

from playwright.async_api import BrowserContext

from shared.domain.social import Direction, LookedUp, MediaPage, PeoplePage, PlatformId, ProfileFacts, Reading
from shared.errors import NeedsLogin, SessionDead, UnexpectedAnswer
from shared.settings import Settings
from worker.browser.failures import typed
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.base import Gate, LiveSource, ProfileSource, SessionSecret, SourceOpener
from worker.platforms.instagram_web import look_up, parse, parse_media
from worker.platforms.instagram_web.answers import Answer, Json, SessionDoubtful, accepted, elsewhere
from worker.platforms.instagram_web.site_page import SitePage

T = TypeVar("T")
# Asked for; about 25 followers come whatever is asked (facts, 2.2).
_PEOPLE, _POSTS, _REELS = 50, 33, 50
_WHOSE = {Direction.FOLLOWER: "followers", Direction.FOLLOWING: "following"}
_ALIVE = "/accounts/edit/"


class InstagramWeb:
    """One person's view of their own account. Errors as `ProfileSource` says."""

    def __init__(self, site: SitePage, own_id: PlatformId | None) -> None:
        self._site, self._own_id = site, own_id

    async def profile(self, username: str) -> Reading[ProfileFacts]:
        """The account that is logged in, by its id, so that a new username is seen; by name where that is refused."""
        page = f"/{username}/"
        by_name = f"/api/v1/users/web_profile_info/?{urlencode({'username': username})}"
        if self._own_id is None:
            return await self._read(by_name, page, parse.profile)
        try:
            return await self._read(f"/api/v1/users/{self._own_id}/info/", page, parse.profile)
        except UnexpectedAnswer:
            return await self._read(by_name, page, parse.profile)

    async def people(
        self, direction: Direction, owner: PlatformId, username: str, cursor: str | None
    ) -> Reading[PeoplePage]:
        """One page of a list; both lists are walked, for neither tells who follows back (facts, 0)."""
        whose = _WHOSE[direction]
        path = f"/api/v1/friendships/{owner}/{whose}/?count={_PEOPLE}&search_surface=follow_list_page"
        referrer = f"/{username}/{whose}/"
        return await self._judged(await self._site.ask_list(path, referrer, cursor), referrer, parse.people_page)

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Reading[MediaPage]:
        query = {"count": str(_POSTS)} | ({"max_id": cursor} if cursor else {})
        path = f"/api/v1/feed/user/{owner}/?{urlencode(query)}"
        return await self._read(path, f"/{username}/", lambda body: parse_media.media_page(body, owner))

    async def reels(self, owner: PlatformId, username: str, cursor: str | None) -> Reading[MediaPage]:
        form = {"target_user_id": str(owner), "page_size": str(_REELS), "include_feed_video": "true"}
        form |= {"max_id": cursor} if cursor else {}
        return await self._read(
            "/api/v1/clips/user/", f"/{username}/reels/", lambda body: parse_media.clips_page(body, owner), form
        )

    async def look_up(self, person: PlatformId, username: str) -> Reading[LookedUp]:
        """How one person stands to the profile, asked by id."""
        return await look_up.look_up(self._site.ask, self._judged, person, username)

    async def _read(
        self, path: str, referrer: str, parse_body: Callable[[Json], T], form: dict[str, str] | None = None
    ) -> Reading[T]:
        return await self._judged(await self._site.ask(path, referrer, form), referrer, parse_body)

    async def _judged(self, answer: Answer, referrer: str, parse_body: Callable[[Json], T]) -> Reading[T]:
        try:
            body = accepted(answer)
        except SessionDoubtful as doubt:
            await self._check_session(referrer)
            raise doubt.otherwise from None
        return Reading(parse_body(body), answer.time())

    async def _check_session(self, referrer: str) -> None:
        """One request that tells a dead session from a throttled one (facts, 1.7); raises SessionDead."""
        answer = await self._site.ask(_ALIVE, referrer)
        if answer.landed is not None and isinstance(ended := elsewhere(answer.landed), NeedsLogin):
            raise ended
        if answer.status in (401, 403):
            raise SessionDead


class LiveInstagram:
    """An open view and the session behind it."""

    def __init__(self, context: BrowserContext, session: BrowserSession, settings: Settings, gate: Gate) -> None:
        self._context, self._session = context, session
        own_id = session.account_id()
        self._site = SitePage(context, settings.instagram_base_url, gate)
        self.source: ProfileSource = InstagramWeb(self._site, PlatformId(own_id) if own_id else None)

    async def close(self) -> None:
        """Ends what is still being read; the context is its opener's to close."""
        await self._site.close()

    async def session(self) -> SessionSecret:
        """The session as it is now; its cookies rotate with use."""
        with typed():
            return (await self._session.stored(self._context)).to_secret()


def opener(pool: BrowserPool, settings: Settings) -> SourceOpener:
    """Opens stored sessions in the pool's browser; the page itself opens with the first question."""

    @asynccontextmanager
    async def opened(secret: SessionSecret, gate: Gate) -> AsyncIterator[LiveSource]:
        session = BrowserSession.from_secret(secret)
        async with pool.context(session) as context:
            live = LiveInstagram(context, session, settings, gate)
            try:
                yield live
            finally:
                await live.close()

    def open_source(secret: SessionSecret, gate: Gate) -> AbstractAsyncContextManager[LiveSource]:
        return opened(secret, gate)

    return open_source
