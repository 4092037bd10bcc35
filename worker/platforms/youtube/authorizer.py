"""Google's consent for YouTube: a code becomes tokens, the tokens show their channel, and a consent is withdrawn."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.social import PlatformId
from worker.platforms.authorization import Grant, OfferedAccount
from worker.platforms.base import NoLimit, SessionSecret
from worker.platforms.http_api import open_api
from worker.platforms.youtube.app import GoogleApp
from worker.platforms.youtube.client import YouTubeApi
from worker.platforms.youtube.source import YouTubeChannel
from worker.platforms.youtube.token import GoogleToken, TokenHolder
from worker.platforms.youtube.token_endpoint import TokenEndpoint


@dataclass(frozen=True, slots=True)
class GoogleAuthorizer:
    """Works for the installation's app; what its calls cost is counted before it is asked (`connect_costs`)."""

    app: GoogleApp

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        """The grant of a code. Raises CodeUsed, AppRefused, or what the way to Google brings."""
        async with open_api(NoLimit()) as api:
            answer = await TokenEndpoint(api, self.app).exchange(code, redirect_uri, verifier)
        token = GoogleToken.from_answer(answer)
        return Grant(token.to_secret(), token.scopes)

    async def accounts(self, grant: Grant) -> list[OfferedAccount]:
        """The channel that was picked on the consent page. Raises NoAccountOffered where the login has none."""
        async with open_api(NoLimit()) as api:
            tokens = TokenHolder(GoogleToken.from_secret(grant.secret), TokenEndpoint(api, self.app))
            facts = (await YouTubeChannel(YouTubeApi(api, self.app, tokens, NoLimit())).check()).value
        return [OfferedAccount(PlatformId(facts.platform_id), facts.username, facts.display_name)]

    async def refresh(self, secret: SessionSecret) -> None:
        """Nothing: Google's refresh token has no end, and an access token is renewed at a call."""

    async def revoke(self, secret: SessionSecret) -> None:
        """Withdraws the consent with all its tokens; one that has ended already is no error."""
        token = GoogleToken.from_secret(secret)
        async with open_api(NoLimit()) as api:
            await TokenEndpoint(api, self.app).revoke(token.refresh_token or token.access_token)
