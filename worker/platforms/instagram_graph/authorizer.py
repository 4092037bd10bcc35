"""Instagram's consent: a code becomes a long token, the token shows its account, and is renewed before it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.social import PlatformId
from shared.errors import AccessRevoked, NoAccountOffered
from worker.platforms.authorization import Grant, OfferedAccount
from worker.platforms.base import NoLimit, SessionSecret
from worker.platforms.http_api import open_api
from worker.platforms.instagram_graph.app import InstagramApp
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.instagram_graph.profile import own_profile
from worker.platforms.instagram_graph.signed_request import login_named_in
from worker.platforms.instagram_graph.token import GraphToken
from worker.platforms.instagram_graph.token_endpoint import TokenEndpoint

# The beginning of Facebook Login's tokens, which Instagram's own endpoints do not take.
_OF_FACEBOOK_LOGIN = "EAA"


@dataclass(frozen=True, slots=True)
class InstagramAuthorizer:
    """Works for the installation's app; its few calls come before there is a connection to count them for."""

    app: InstagramApp

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        """The grant of a code; Instagram takes no proof. Raises CodeUsed, AppRefused, or what the way there brings."""
        async with open_api(NoLimit()) as api:
            return _grant(await TokenEndpoint(api, self.app).exchange(code, redirect_uri))

    async def take_over(self, token: str) -> Grant:
        """The grant of a long token, renewed where it is a day old, so that its end is known.

        Raises AccessRevoked for one that has ended, and for one of Facebook Login.
        """
        if token.startswith(_OF_FACEBOOK_LOGIN):
            raise AccessRevoked().as_variant("other_login")
        async with open_api(NoLimit()) as api:
            return _grant(await TokenEndpoint(api, self.app).take_over(token))

    async def accounts(self, grant: Grant) -> list[OfferedAccount]:
        """The account that gave its consent. Raises NoAccountOffered for a personal one."""
        token = GraphToken.from_secret(grant.secret)
        async with open_api(NoLimit()) as api:
            found = (await own_profile(GraphApi(api, self.app.base, token.access_token, NoLimit()))).value
        if found.is_personal:
            raise NoAccountOffered().as_variant("personal")
        facts = found.facts
        login_id = found.scoped_id
        return [OfferedAccount(PlatformId(facts.platform_id), facts.username, facts.display_name, login_id=login_id)]

    async def refresh(self, secret: SessionSecret) -> Grant | None:
        """The grant with a longer life, from 20 days before its end and a day after its last renewal; else None.

        Raises AccessRevoked for a token that has ended, or that Instagram renews no longer.
        """
        token, now = GraphToken.from_secret(secret), datetime.now(UTC)
        if token.is_over(now):
            raise AccessRevoked().as_variant("expired")
        if not token.is_due(now):
            return None
        async with open_api(NoLimit()) as api:
            return _grant(await TokenEndpoint(api, self.app).refresh(token))

    async def revoke(self, secret: SessionSecret) -> None:
        """Nothing to ask of Instagram: only the person can end the access there, in the settings of the account."""

    def login_named_in(self, signed: str) -> str | None:
        """The account's id for this app in a signed request; None for one that the app's secret did not sign."""
        return login_named_in(signed, self.app.credentials()[1])


def _grant(token: GraphToken) -> Grant:
    return Grant(token.to_secret(), token.scopes, token.expires_at)
