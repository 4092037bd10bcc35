"""The tokens of one Google connection, as they are stored, and the call that renews them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared.errors import VaultError
from shared.platforms.youtube import SCOPES
from worker.platforms.base import SessionSecret
from worker.platforms.youtube.token_endpoint import TokenAnswer, TokenEndpoint

# An access token with less time than this is renewed before a call.
RENEW_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class GoogleToken:
    """`expires_at` is the end of the access token, None where Google named none; `scopes` are the granted ones."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime | None
    scopes: frozenset[str]

    @classmethod
    def from_secret(cls, secret: SessionSecret) -> GoogleToken:
        """The token that `to_secret` wrote; raises VaultError for anything else."""
        try:
            data = json.loads(secret.text)
            ends = data["expires_at"]
            return cls(
                data["access_token"],
                data["refresh_token"],
                None if ends is None else datetime.fromisoformat(ends).astimezone(UTC),
                frozenset(data["scopes"]),
            )
        except (ValueError, TypeError, KeyError):
            raise VaultError().as_variant("session") from None

    @classmethod
    def from_answer(cls, answer: TokenAnswer) -> GoogleToken:
        """The token of a first exchange; an answer that names no scopes grants those that were asked for."""
        scopes = frozenset(SCOPES) if answer.scopes is None else answer.scopes
        return cls(answer.access_token, answer.refresh_token, answer.expires_at, scopes)

    def to_secret(self) -> SessionSecret:
        ends = None if self.expires_at is None else self.expires_at.isoformat()
        text = {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_at": ends,
            "scopes": sorted(self.scopes),
        }
        return SessionSecret(json.dumps(text, separators=(",", ":")), self.scopes)

    def renewed_by(self, answer: TokenAnswer) -> GoogleToken:
        """The token after a renewal: Google mostly keeps the refresh token, and may leave out the scopes."""
        return replace(
            self,
            access_token=answer.access_token,
            refresh_token=answer.refresh_token or self.refresh_token,
            expires_at=answer.expires_at,
            scopes=self.scopes if answer.scopes is None else answer.scopes,
        )


class TokenHolder:
    """The present token of an open source; it is renewed when little time is left, once for all who wait."""

    def __init__(self, token: GoogleToken, endpoint: TokenEndpoint) -> None:
        self.token = token
        self._endpoint = endpoint
        self._renewing = asyncio.Lock()

    async def access(self) -> str:
        """An access token that is good for a call; raises AccessRevoked where Google renews it no longer."""
        ends = self.token.expires_at
        if ends is not None and ends - datetime.now(UTC) < RENEW_BEFORE:
            await self.renew(self.token.access_token)
        return self.token.access_token

    async def renew(self, refused: str) -> None:
        """Renews the token, unless it was renewed since `refused` was used."""
        async with self._renewing:
            if self.token.access_token == refused:
                self.token = self.token.renewed_by(await self._endpoint.refresh(self.token.refresh_token))
