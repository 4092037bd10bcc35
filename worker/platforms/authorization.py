"""The worker's half of a provider: exchanges a consent for tokens, finds their accounts, renews and revokes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from shared.domain.social import PlatformId
from worker.platforms.base import SessionSecret


@dataclass(frozen=True, slots=True)
class Grant:
    """What the provider gave for a consent.

    `secret` is the JSON of `{"access_token", "refresh_token", "expires_at" (ISO, UTC), "scopes"}`. `expires_at` (aware)
    is when the person has to connect again, as far as that is known; it is not the end of the access token.
    """

    secret: SessionSecret = field(repr=False)
    scopes: frozenset[str]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfferedAccount:
    """An account that a grant can read.

    `grant` is what is stored for it, where that is more than the consent gave for all of them, such as a page's token.
    `login_id` is the id by which the provider names the login to this app, where it posts by itself.
    """

    platform_id: PlatformId
    username: str
    display_name: str | None = None
    grant: Grant | None = None
    login_id: str | None = None


class Authorizer(Protocol):
    """A provider's OAuth. Every method raises the typed errors of `shared.errors`."""

    async def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Grant:
        """The grant of a consent's code, which is good once.

        Raises CodeUsed for a code that was used or is too old, AppRefused where the provider does not take the app.
        """
        ...

    async def accounts(self, grant: Grant) -> list[OfferedAccount]:
        """The accounts that the grant can read; empty, or NoAccountOffered with its reason, where there is none."""
        ...

    async def refresh(self, secret: SessionSecret) -> Grant | None:
        """The grant that takes the place of this one; None where there is nothing to refresh yet, or ever.

        Raises AccessRevoked where the provider takes the tokens no longer.
        """
        ...

    async def revoke(self, secret: SessionSecret) -> None:
        """Ends the access at the provider; a token that has ended already is no error."""
        ...


@runtime_checkable
class TakesCallbacks(Authorizer, Protocol):
    """An authorizer whose provider posts by itself."""

    def login_named_in(self, signed: str) -> str | None:
        """The login's id in a signed request; None for one that the provider did not sign."""
        ...


@runtime_checkable
class SharesLogins(Authorizer, Protocol):
    """An authorizer whose provider knows one consent for each login, whatever the accounts that it opens."""

    def login_of(self, secret: SessionSecret) -> str | None:
        """The login's id for this app; None where it is not known."""
        ...


@runtime_checkable
class TakesTokens(Protocol):
    """An authorizer that takes over a token which another program of the same app got."""

    async def take_over(self, token: str) -> Grant:
        """The grant of a long-lived token; raises AccessRevoked where the provider takes the token no longer."""
        ...
