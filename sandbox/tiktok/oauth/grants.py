"""Grants: what a person allowed the app, with codes, access tokens, and refresh tokens that work once."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.tiktok.keys import TikTokApp
from sandbox.tiktok.people import Person

_CODE = timedelta(minutes=10)
_LIVES = (timedelta(hours=2), timedelta(days=180))
_OLDER_LIVES = (timedelta(days=1), timedelta(days=365))


class OAuthRefusal(Exception):
    """An error answer of the token endpoint."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


@dataclass(slots=True, eq=False)
class Grant:
    """The app's access to one person."""

    person: Person
    scopes: frozenset[str] = frozenset()
    revoked: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """An authorization code; it works once."""

    grant: Grant
    redirect_uri: str
    challenge: str | None
    at: datetime


@dataclass(slots=True, eq=False)
class Token:
    """An access token or a refresh token."""

    grant: Grant
    until: datetime
    over: bool = False

    def works(self, now: datetime) -> bool:
        """Return whether the token is still good."""
        return not (self.over or self.grant.revoked) and now < self.until


@dataclass(slots=True)
class Grants:
    """Everything that was granted, by the strings that prove it."""

    clock: Callable[[], datetime]
    app: TikTokApp
    every: list[Grant] = field(default_factory=list)
    access: dict[str, Token] = field(default_factory=dict)
    refreshing: dict[str, Token] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)

    def of(self, person: Person) -> Grant:
        """Return the grant that stands, a new and empty one at first."""
        for grant in self.every:
            if grant.person is person and not grant.revoked:
                return grant
        self.every.append(Grant(person))
        return self.every[-1]

    def code(self, grant: Grant, redirect_uri: str, challenge: str | None) -> str:
        """Return a code; it has characters that an address must escape."""
        text = f"{secrets.token_urlsafe(48)}*0!4721.va"
        self._codes[text] = Code(grant, redirect_uri, challenge, self.clock())
        return text

    def redeem(self, text: str, redirect_uri: str, verifier: str | None) -> dict[str, object]:
        """Return the token answer for a code; raises OAuthRefusal."""
        code = self._codes.pop(text, None)
        if code is None or code.grant.revoked or self.clock() > code.at + _CODE:
            raise OAuthRefusal("invalid_grant", "Authorization code is expired.")
        if code.redirect_uri != redirect_uri:
            raise OAuthRefusal("invalid_grant", "Redirect_uri is not matched with the uri when requesting code.")
        if code.challenge is not None and not _fits(code.challenge, verifier):
            raise OAuthRefusal("invalid_grant", "Code verifier or code challenge is invalid.")
        return self._answer(code.grant)

    def refresh(self, text: str) -> dict[str, object]:
        """Return new tokens; the refresh token that was used is over. Raises OAuthRefusal."""
        token = self.refreshing.get(text)
        if token is None or not token.works(self.clock()):
            raise OAuthRefusal("invalid_grant", "Refresh token is invalid or expired.")
        token.over = True
        return self._answer(token.grant)

    def revoke(self, text: str) -> None:
        """End the grant of a token with all its tokens; raises OAuthRefusal."""
        token = self.access.get(text) or self.refreshing.get(text)
        if token is None or token.grant.revoked:
            raise OAuthRefusal("invalid_request", "The token is invalid.")
        token.grant.revoked = True

    def find(self, text: str) -> Token | None:
        """Return an access token that works."""
        token = self.access.get(text)
        return token if token is not None and token.works(self.clock()) else None

    def expire(self) -> None:
        """End every access token now; refresh tokens stay."""
        for token in self.access.values():
            token.over = True

    def given(self) -> list[str]:
        """Return every token that was ever given, for a test that looks for leaks."""
        return [*self.access, *self.refreshing]

    def _answer(self, grant: Grant) -> dict[str, object]:
        short, long = _OLDER_LIVES if self.app.older_lifetimes else _LIVES
        access, refresh = f"act.{secrets.token_urlsafe(48)}!4721.va", f"rft.{secrets.token_urlsafe(48)}!4721.va"
        self.access[access] = Token(grant, self.clock() + short)
        self.refreshing[refresh] = Token(grant, self.clock() + long)
        return {
            "access_token": access,
            "expires_in": int(short.total_seconds()),
            "open_id": grant.person.open_id(self.app.key),
            "refresh_expires_in": int(long.total_seconds()),
            "refresh_token": refresh,
            "scope": ",".join(sorted(grant.scopes)),
            "token_type": "Bearer",
        }


def _fits(challenge: str, verifier: str | None) -> bool:
    """Return whether a verifier belongs to a challenge, which TikTok writes in hex."""
    made = hashlib.sha256((verifier or "").encode()).hexdigest()
    return hmac.compare_digest(made.encode(), challenge.encode())
