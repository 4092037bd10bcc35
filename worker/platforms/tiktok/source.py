"""A TikTok account as a source: its profile and its public videos."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.social import Media, MediaPage, Observation, PlatformId, ProfileFacts
from shared.errors import AccessRevoked, PermissionMissing, StaleCursor
from shared.platforms.tiktok import VIDEOS
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret, SourceOpener, StoreSecret
from worker.platforms.http_api import Json, open_api
from worker.platforms.tiktok import parsing
from worker.platforms.tiktok.app import TikTokApp
from worker.platforms.tiktok.client import TikTokApi
from worker.platforms.tiktok.token import TikTokToken
from worker.platforms.tiktok.token_endpoint import TokenEndpoint
from worker.platforms.tiktok.token_holder import TokenHolder

_PAGE = 20


class TikTokAccount:
    """The account of one token. Errors as in `worker.platforms.tiktok.refusals`."""

    def __init__(self, api: TikTokApi) -> None:
        self._api = api
        self._fresh: Observation[ProfileFacts] | None = None

    async def check(self, username: str) -> Observation[ProfileFacts]:
        """The token's account; the next `profile` returns this reading without asking again."""
        self._fresh = await self._read_profile(username)
        return self._fresh

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        """The token's own account, whatever its name is now; `username` is kept where its scope is missing."""
        found, self._fresh = self._fresh or await self._read_profile(username), None
        return found

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        """One page of the public videos, the newest first. Raises StaleCursor for a mark that TikTok never gave."""
        if cursor is not None and not cursor.isdecimal():
            raise StaleCursor
        answer = await self._videos("list", {"max_count": _PAGE} | ({"cursor": int(cursor)} if cursor else {}))
        shown = tuple(parsing.videos(answer.value, owner, username))
        return Observation(MediaPage(shown, parsing.next_cursor(answer.value, cursor)), answer.observed_at)

    async def media(self, media_id: PlatformId, owner: PlatformId, username: str) -> Observation[Media | None]:
        """One video; None where it is deleted or private, since TikTok then answers without it."""
        answer = await self._videos("query", {"filters": {"video_ids": [media_id]}})
        found = (one for one in parsing.videos(answer.value, owner, username) if one.platform_id == media_id)
        return Observation(next(found, None), answer.observed_at)

    async def _videos(self, route: str, body: Json) -> Observation[Json]:
        if VIDEOS not in self._api.scopes:
            raise PermissionMissing
        return await self._api.videos(route, parsing.VIDEO_FIELDS, body)

    async def _read_profile(self, username: str) -> Observation[ProfileFacts]:
        """Asks for what the scopes allow, and once more where one of them was withdrawn."""
        asked = parsing.user_fields(self._api.scopes)
        try:
            answer = await self._api.user(asked)
        except PermissionMissing:
            left = parsing.user_fields(self._api.scopes)
            if left == asked or not left:
                raise
            answer = await self._api.user(left)
        return Observation(parsing.account(answer.value, username), answer.observed_at)


@dataclass(frozen=True, slots=True)
class LiveTikTok:
    """An open account and its tokens as they are after use."""

    source: TikTokAccount
    tokens: TokenHolder

    async def session(self) -> SessionSecret:
        """The tokens, exchanged or not."""
        return self.tokens.token.to_secret()

    async def check(self, username: str) -> Observation[ProfileFacts]:
        """The account that the token opens, in one call."""
        return await self.source.check(username)

    def store_by(self, store: StoreSecret) -> None:
        """Takes what stores each new refresh token before it is used."""
        self.tokens.store_by(store)


def opener(app: TikTokApp) -> SourceOpener:
    """Returns a function that opens accounts from stored tokens."""

    @asynccontextmanager
    async def opened(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
        token = TikTokToken.from_secret(secret)
        if token.is_over(datetime.now(UTC)):
            raise AccessRevoked().as_variant("expired")
        async with open_api(limiter) as api:
            tokens = TokenHolder(token, TokenEndpoint(api, app))
            yield LiveTikTok(TikTokAccount(TikTokApi(api, app, tokens)), tokens)

    def open_source(secret: SessionSecret, limiter: RateLimiter) -> AbstractAsyncContextManager[LiveSource]:
        return opened(secret, limiter)

    return open_source
