"""An Instagram account by the token of the page that it is linked to; what it reads is as by Instagram's login."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.social import Observation, ProfileFacts
from shared.errors import AccessRevoked, MediaGone, PageAccessLost, VaultError
from shared.platforms.meta import PAGE_INSIGHTS
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret, SourceOpener
from worker.platforms.http_api import open_api
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.instagram_graph.facebook.app import FacebookApp
from worker.platforms.instagram_graph.facebook.token import FacebookToken
from worker.platforms.instagram_graph.profile import Account, linked_profile
from worker.platforms.instagram_graph.source import InstagramAccount


@dataclass(frozen=True, slots=True)
class LivePageAccount:
    """An open account; its tokens are renewed by a job of their own."""

    source: InstagramAccount
    token: FacebookToken

    @property
    def login_id(self) -> str | None:
        """The person's id for this app."""
        return self.token.login_id

    async def session(self) -> SessionSecret:
        """The tokens as they were opened."""
        return self.token.to_secret()

    async def check(self, username: str) -> Observation[ProfileFacts]:
        """The account that the page shows, in one call."""
        return await self.source.check()


def opener(app: FacebookApp) -> SourceOpener:
    """Returns a function that opens accounts from stored tokens."""

    @asynccontextmanager
    async def opened(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
        token = FacebookToken.from_secret(secret)
        page = token.page
        if page is None:
            raise VaultError().as_variant("session")
        if token.is_over(datetime.now(UTC)):
            raise AccessRevoked().as_variant("expired")

        async def read(api: GraphApi) -> Observation[Account]:
            try:
                return await linked_profile(api, page.account_id)
            except MediaGone:
                raise PageAccessLost().as_variant("unlinked") from None

        async with open_api(limiter) as api:
            graph = GraphApi(api, app.base, page.token, limiter, app.proof(page.token))
            may_read = PAGE_INSIGHTS in token.scopes
            yield LivePageAccount(InstagramAccount(graph, may_read_insights=may_read, read=read), token)

    def open_source(secret: SessionSecret, limiter: RateLimiter) -> AbstractAsyncContextManager[LiveSource]:
        return opened(secret, limiter)

    return open_source
