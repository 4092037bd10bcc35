"""An Instagram account as a source, by its official API: profile, media, stories, figures and audience."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.insights import Audience, Days, MediaFigures, Series, Totals
from shared.domain.social import Media, MediaPage, Observation, OfficialMedium, PlatformId, ProfileFacts
from shared.errors import AccessRevoked, ReportRefused, StaleCursor, UnexpectedAnswer
from shared.platforms.meta import INSIGHTS
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret, SourceOpener
from worker.platforms.http_api import Json, open_api
from worker.platforms.instagram_graph import media, windows
from worker.platforms.instagram_graph.account_insights import AccountInsights
from worker.platforms.instagram_graph.app import InstagramApp
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.instagram_graph.demographics import Demographics
from worker.platforms.instagram_graph.media_insights import MediaInsights
from worker.platforms.instagram_graph.profile import Account, own_profile
from worker.platforms.instagram_graph.questions import Groups
from worker.platforms.instagram_graph.refusals import TooMuchAsked
from worker.platforms.instagram_graph.token import GraphToken

_LEAST = "id,media_type,media_product_type,permalink,timestamp,like_count,comments_count"
_ALL = f"{_LEAST},caption,shortcode"
_PAGE, _SMALLEST_PAGE = 50, 5


ReadAccount = Callable[[GraphApi], Awaitable[Observation[Account]]]


class InstagramAccount:
    """The account of one token, which `read` shows. Errors as in `worker.platforms.instagram_graph.refusals`."""

    days_at_once = windows.LONGEST

    def __init__(self, api: GraphApi, *, may_read_insights: bool, read: ReadAccount = own_profile) -> None:
        self._api, self._fields, self._read = api, _ALL, read
        self._may_read = may_read_insights
        self._media, self._groups = MediaInsights(api, may_read_insights), Groups()
        self._known: Observation[ProfileFacts] | None = None
        self._is_fresh = False
        self.login_id: str | None = None

    async def check(self) -> Observation[ProfileFacts]:
        """The token's account; the next `profile` returns this reading without asking again."""
        found = await self._read_profile()
        self._is_fresh = True
        return found

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        """The token's own account, whatever its name is now."""
        found = self._known if self._is_fresh and self._known else await self._read_profile()
        self._is_fresh = False
        return found

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        """One page of posts and reels, the newest first."""
        return await self._page("media", cursor)

    async def stories(self, owner: PlatformId, username: str) -> Observation[MediaPage]:
        """The live stories, all pages of them."""
        found, cursor = list[Media](), None
        while True:
            page = await self._page("stories", cursor)
            found += page.value.media
            cursor = page.value.next_cursor
            if cursor is None:
                return Observation(MediaPage(tuple(found), None), page.observed_at)

    async def media_figures(self, medium: OfficialMedium) -> Observation[MediaFigures]:
        """The figures of one medium."""
        return await self._media.of(medium)

    async def days_there(self) -> Observation[Days]:
        """The last two years up to yesterday, in Pacific time."""
        known = self._known or await self._read_profile()
        return Observation(windows.days_until(known.observed_at), known.observed_at)

    async def daily(self, days: Days) -> Observation[Series]:
        """The daily figures of a range."""
        return await (await self._insights()).daily(days)

    async def totals(self, days: Days) -> Observation[Totals]:
        """Instagram's own totals of a range."""
        return await (await self._insights()).totals(days)

    async def audience(self, days: Days) -> Observation[Audience]:
        """The audience of the 30 days up to the end of a range."""
        return await Demographics(self._api, await self._path("insights"), self._may_read).audience(days)

    async def _read_profile(self) -> Observation[ProfileFacts]:
        found = await self._read(self._api)
        self.login_id = found.value.scoped_id
        self._known = Observation(found.value.facts, found.observed_at)
        return self._known

    async def _insights(self) -> AccountInsights:
        return AccountInsights(self._api, await self._path("insights"), self._may_read, self._groups)

    async def _path(self, edge: str) -> str:
        """The path of an edge of the token's own account."""
        known = self._known or await self._read_profile()
        return f"{known.value.platform_id}/{edge}"

    async def _page(self, edge: str, cursor: str | None) -> Observation[MediaPage]:
        try:
            answer = await self._list(await self._path(edge), {"after": cursor} if cursor else {})
        except ReportRefused:
            raise (StaleCursor if cursor else UnexpectedAnswer)() from None
        shown = tuple(media.media(answer.value))
        return Observation(MediaPage(shown, media.next_cursor(answer.value, cursor)), answer.observed_at)

    async def _list(self, path: str, query: Mapping[str, str]) -> Observation[Json]:
        """A page of a list; smaller where it is too large, and with fewer fields where one is not known."""
        size = _PAGE
        while True:
            try:
                return await self._api.get(path, {"fields": self._fields, "limit": str(size), **query})
            except TooMuchAsked:
                if size <= _SMALLEST_PAGE:
                    raise
                size = max(size // 3, _SMALLEST_PAGE)
            except ReportRefused:
                if self._fields == _LEAST:
                    # Then it was not for a field.
                    self._fields = _ALL
                    raise
                self._fields = _LEAST


@dataclass(frozen=True, slots=True)
class LiveAccount:
    """An open account; its token is renewed by a job of its own."""

    source: InstagramAccount
    token: GraphToken

    @property
    def login_id(self) -> str | None:
        """The account's id for this app, once it was read."""
        return self.source.login_id

    async def session(self) -> SessionSecret:
        """The token as it was opened."""
        return self.token.to_secret()

    async def check(self, username: str) -> Observation[ProfileFacts]:
        """The account that the token opens, in one call."""
        return await self.source.check()


def opener(app: InstagramApp) -> SourceOpener:
    """Returns a function that opens accounts from stored tokens."""

    @asynccontextmanager
    async def opened(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
        token = GraphToken.from_secret(secret)
        if token.is_over(datetime.now(UTC)):
            raise AccessRevoked().as_variant("expired")
        async with open_api(limiter) as api:
            graph = GraphApi(api, app.base, token.access_token, limiter)
            yield LiveAccount(InstagramAccount(graph, may_read_insights=INSIGHTS in token.scopes), token)

    def open_source(secret: SessionSecret, limiter: RateLimiter) -> AbstractAsyncContextManager[LiveSource]:
        return opened(secret, limiter)

    return open_source
