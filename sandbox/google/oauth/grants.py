"""Grants: what a person allowed a client, with its codes, access tokens and refresh tokens, and their ends."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.google.people import Account
from sandbox.world.channel.channel import Channel

from .clients import Client

EXPIRES_IN = 3599
_CODE, _ACCESS = timedelta(minutes=10), timedelta(hours=1)
_TESTING, _UNUSED = timedelta(days=7), timedelta(days=183)
_MOST_REFRESH_TOKENS = 100


class OAuthRefusal(Exception):
    """An error answer of the token endpoint."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


class Dead(OAuthRefusal):
    """The grant or the token is no more; the person must connect again."""

    def __init__(self, description: str = "Token has been expired or revoked.") -> None:
        super().__init__("invalid_grant", description)


@dataclass(slots=True, eq=False)
class Grant:
    """One client's access to one channel of one person; None is an account without a channel."""

    client: Client
    account: Account
    channel: Channel | None
    scopes: frozenset[str] = frozenset()
    offline: bool = False
    """Whether a refresh token was given before."""
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The part of an authorization request that its code must match."""

    redirect_uri: str
    offline: bool = False
    challenge: str | None = None
    method: str = "plain"


@dataclass(slots=True, eq=False)
class Code:
    """An authorization code; it works once."""

    grant: Grant
    scopes: frozenset[str]
    asked: Asked
    refreshes: bool
    at: datetime
    used: bool = False


@dataclass(slots=True, eq=False)
class Token:
    """An access token or a refresh token."""

    grant: Grant
    scopes: frozenset[str]
    at: datetime
    used_at: datetime
    over: bool = False

    def allowed(self) -> frozenset[str]:
        """Return the scopes that still hold."""
        return self.scopes & self.grant.scopes


@dataclass(slots=True)
class Grants:
    """Everything that was granted, by the strings that prove it."""

    clock: Callable[[], datetime]
    every: list[Grant] = field(default_factory=list)
    _codes: dict[str, Code] = field(default_factory=dict)
    _access: dict[str, Token] = field(default_factory=dict)
    _refresh: dict[str, Token] = field(default_factory=dict)

    def of(self, client: Client, account: Account, channel: Channel | None) -> Grant:
        """Return the grant of these three, a new and empty one at first."""
        for grant in self.every:
            if (grant.client, grant.account, grant.channel) == (client, account, channel) and not grant.revoked:
                return grant
        self.every.append(Grant(client, account, channel))
        return self.every[-1]

    def code(self, grant: Grant, scopes: frozenset[str], asked: Asked, *, fresh: bool) -> str:
        """Return a code; its refresh token is left out unless the consent is ``fresh`` or the first one offline."""
        grant.scopes |= scopes
        refreshes = asked.offline and (fresh or not grant.offline)
        grant.offline = grant.offline or refreshes
        text = f"4/0A{secrets.token_urlsafe(48)}"
        self._codes[text] = Code(grant, scopes, asked, refreshes, self.clock())
        return text

    def redeem(self, client: Client, text: str, redirect_uri: str, verifier: str | None) -> dict[str, object]:
        """Return the token answer for a code; raises OAuthRefusal."""
        code = self._codes.get(text)
        if code is None:
            raise Dead("Malformed auth code.")
        if code.grant.client is not client or code.used or code.grant.revoked or self.clock() > code.at + _CODE:
            raise Dead("Bad Request")
        if code.asked.redirect_uri != redirect_uri:
            raise OAuthRefusal("redirect_uri_mismatch", "Bad Request")
        _check_verifier(code.asked, verifier)
        code.used = True
        answer = self._answer(code.grant, code.scopes)
        if code.refreshes:
            answer["refresh_token"] = self._new_refresh_token(code.grant, code.scopes)
            answer |= self._time_limit(client, self.clock())
        return answer

    def refresh(self, client: Client, text: str, *, rotates: bool = False) -> dict[str, object]:
        """Return a new access token; the refresh token stays, unless it ``rotates``. Raises OAuthRefusal."""
        token = self._refresh.get(text)
        if token is None or self._is_over(token):
            raise Dead
        if token.grant.client is not client:
            raise OAuthRefusal("unauthorized_client", "Unauthorized", 401)
        token.used_at = self.clock()
        answer = self._answer(token.grant, token.allowed()) | self._time_limit(client, token.at)
        if rotates:
            token.over = True
            answer["refresh_token"] = self._new_refresh_token(token.grant, token.scopes)
        return answer

    def revoke(self, text: str) -> None:
        """End the grant of a token with all its tokens; raises OAuthRefusal."""
        token = self._access.get(text) or self._refresh.get(text)
        if token is None or token.grant.revoked:
            raise OAuthRefusal("invalid_token", "Token expired or revoked")
        token.grant.revoked = True

    def find(self, text: str) -> Token | None:
        """Return a live access token."""
        token = self._access.get(text)
        alive = token and not (token.over or token.grant.revoked) and self.clock() < token.at + _ACCESS
        return token if alive else None

    def expire(self) -> None:
        """End every access token now; refresh tokens stay."""
        for token in self._access.values():
            token.over = True

    def live_refresh_tokens(self) -> int:
        """Return how many refresh tokens still work."""
        return sum(not self._is_over(token) for token in self._refresh.values())

    def given(self) -> list[str]:
        """Return every token that was ever given, for a test that looks for leaks."""
        return [*self._access, *self._refresh]

    def _answer(self, grant: Grant, scopes: frozenset[str]) -> dict[str, object]:
        text = f"ya29.a0{secrets.token_urlsafe(64)}"
        self._access[text] = Token(grant, scopes, self.clock(), self.clock())
        allowed = " ".join(sorted(scopes & grant.scopes))
        return {"access_token": text, "expires_in": EXPIRES_IN, "scope": allowed, "token_type": "Bearer"}

    def _new_refresh_token(self, grant: Grant, scopes: frozenset[str]) -> str:
        alive = [token for token in self._refresh.values() if token.grant is grant and not self._is_over(token)]
        for oldest in alive[: max(len(alive) - _MOST_REFRESH_TOKENS + 1, 0)]:
            oldest.over = True
        text = f"1//0{secrets.token_urlsafe(48)}"
        self._refresh[text] = Token(grant, scopes, self.clock(), self.clock())
        return text

    def _is_over(self, token: Token) -> bool:
        now, testing = self.clock(), token.grant.client.testing
        late = now >= token.used_at + _UNUSED or (testing and now >= token.at + _TESTING)
        return token.over or token.grant.revoked or late

    def _time_limit(self, client: Client, since: datetime) -> dict[str, object]:
        left = int((since + _TESTING - self.clock()).total_seconds()) - 1
        return {"refresh_token_expires_in": left} if client.testing else {}


def _check_verifier(asked: Asked, verifier: str | None) -> None:
    if asked.challenge is None:
        return
    if not verifier:
        raise Dead("Missing code verifier.")
    made = verifier
    if asked.method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(made.encode(), asked.challenge.encode()):
        raise Dead("Invalid code verifier.")
