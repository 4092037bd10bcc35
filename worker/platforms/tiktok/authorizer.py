"""TikTok's consent: a code becomes tokens, the tokens show their account, are exchanged in time, and are ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.social import PlatformId
from shared.errors import AccessRevoked, UnexpectedAnswer
from worker.platforms.authorization import Grant, OfferedAccount
from worker.platforms.base import NoLimit, SessionSecret
from worker.platforms.http_api import open_api
from worker.platforms.tiktok import parsing
from worker.platforms.tiktok.app import TikTokApp
from worker.platforms.tiktok.refusals import data_or_raise
from worker.platforms.tiktok.token import TikTokToken
from worker.platforms.tiktok.token_endpoint import TokenEndpoint


@dataclass(frozen=True, slots=True)
class TikTokAuthorizer:
    """Works for the installation's app; what its calls cost is counted before it is asked (`connect_costs`)."""

    app: TikTokApp

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        """The grant of a code. Raises CodeUsed, AppRefused, or what the way to TikTok brings."""
        async with open_api(NoLimit()) as api:
            return _grant(await TokenEndpoint(api, self.app).exchange(code, redirect_uri, verifier))

    async def accounts(self, grant: Grant) -> list[OfferedAccount]:
        """The account that gave its consent, by the fresh access token: nothing is exchanged before it is stored."""
        token = TikTokToken.from_secret(grant.secret)
        fields = ",".join(parsing.user_fields(token.scopes))
        async with open_api(NoLimit()) as api:
            url = f"{self.app.api_url}/v2/user/info/"
            facts = parsing.account(data_or_raise(await api.get(url, {"fields": fields}, token=token.access_token)), "")
        if not facts.username:
            raise UnexpectedAnswer("TikTok's answer lacks `username`.")
        return [OfferedAccount(PlatformId(facts.platform_id), facts.username, facts.display_name)]

    async def refresh(self, secret: SessionSecret) -> Grant | None:
        """The grant with the next refresh token, once the present one was not used for 30 days; else None.

        Raises AccessRevoked for one that has ended, or that TikTok takes no longer.
        """
        token, now = TikTokToken.from_secret(secret), datetime.now(UTC)
        if token.is_over(now):
            raise AccessRevoked().as_variant("expired")
        if not token.is_unused(now):
            return None
        async with open_api(NoLimit()) as api:
            return _grant(await TokenEndpoint(api, self.app).refresh(token))

    async def revoke(self, secret: SessionSecret) -> None:
        """Ends the access by a token that still works; an access that has ended already is no error."""
        token, now = TikTokToken.from_secret(secret), datetime.now(UTC)
        async with open_api(NoLimit()) as api:
            endpoint = TokenEndpoint(api, self.app)
            try:
                live = await endpoint.refresh(token) if token.ends_soon(now) else token
            except AccessRevoked:
                return
            await endpoint.revoke(live.access_token)


def _grant(token: TikTokToken) -> Grant:
    return Grant(token.to_secret(), token.scopes, token.ends_at)
