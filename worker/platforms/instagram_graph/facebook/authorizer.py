"""Facebook's consent: a code becomes a long token, its pages show accounts, and it is renewed before it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared.errors import AccessRevoked
from worker.platforms.authorization import Grant, OfferedAccount
from worker.platforms.base import NoLimit, SessionSecret
from worker.platforms.http_api import open_api
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.instagram_graph.facebook.app import FacebookApp
from worker.platforms.instagram_graph.facebook.pages import linked_accounts, page_token
from worker.platforms.instagram_graph.facebook.token import FacebookToken
from worker.platforms.instagram_graph.facebook.token_endpoint import TokenEndpoint
from worker.platforms.instagram_graph.signed_request import login_named_in


@dataclass(frozen=True, slots=True)
class FacebookAuthorizer:
    """Works for the installation's app; its few calls come before there is a connection to count them for."""

    app: FacebookApp

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        """The grant of a code; Facebook takes no proof. Raises CodeUsed, AppRefused, or what the way there brings."""
        async with open_api(NoLimit()) as api:
            return _grant(await TokenEndpoint(api, self.app).exchange(code, redirect_uri))

    async def accounts(self, grant: Grant) -> list[OfferedAccount]:
        """The accounts of the person's pages, each with its page's token. Raises NoAccountOffered with its reason."""
        token = FacebookToken.from_secret(grant.secret)
        async with self._graph(token) as graph:
            found = await linked_accounts(graph)
        return [
            OfferedAccount(
                one.platform_id, one.username, one.name, _grant(replace(token, page=one.access)), token.login_id
            )
            for one in found
        ]

    async def refresh(self, secret: SessionSecret) -> Grant | None:
        """The grant with a longer life and its page's next token, from 30 days before its end on; else None.

        Raises AccessRevoked for a token that has ended, PageAccessLost where the page is gone.
        """
        token, now = FacebookToken.from_secret(secret), datetime.now(UTC)
        if token.is_over(now):
            raise AccessRevoked().as_variant("expired")
        if not token.is_due(now):
            return None
        async with open_api(NoLimit()) as api:
            renewed = await TokenEndpoint(api, self.app).refresh(token)
        return _grant(await self._with_page(renewed, token))

    async def revoke(self, secret: SessionSecret) -> None:
        """Ends the access of the person's login; one that has ended already is no error."""
        try:
            async with open_api(NoLimit()) as api:
                await TokenEndpoint(api, self.app).revoke(FacebookToken.from_secret(secret))
        except AccessRevoked:
            return

    def login_of(self, secret: SessionSecret) -> str | None:
        """The person's id for this app; Meta knows one consent for it."""
        return FacebookToken.from_secret(secret).login_id

    def login_named_in(self, signed: str) -> str | None:
        """The person's id in a signed request; None for one that the app's secret did not sign."""
        return login_named_in(signed, self.app.credentials()[1])

    async def _with_page(self, renewed: FacebookToken, before: FacebookToken) -> FacebookToken:
        if before.page is None:
            return renewed
        async with self._graph(renewed) as graph:
            token = await page_token(graph, before.page.page_id)
        return replace(renewed, page=replace(before.page, token=token))

    @asynccontextmanager
    async def _graph(self, token: FacebookToken) -> AsyncIterator[GraphApi]:
        proof = self.app.proof(token.user_token)
        async with open_api(NoLimit()) as api:
            yield GraphApi(api, self.app.base, token.user_token, NoLimit(), proof)


def _grant(token: FacebookToken) -> Grant:
    return Grant(token.to_secret(), token.scopes, token.ends_at)
