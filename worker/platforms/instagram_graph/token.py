"""The token of one Instagram connection, as it is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.errors import VaultError
from worker.platforms.base import SessionSecret

# A long token is renewed within its last 20 days, and Instagram renews none before it is a day old.
RENEW_BEFORE = timedelta(days=20)
YOUNGEST = timedelta(hours=24)
_USUAL_LIFE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class GraphToken:
    """A long token; `expires_at` is None where Instagram named no end. There is no refresh token."""

    access_token: str = field(repr=False)
    expires_at: datetime | None
    scopes: frozenset[str]
    obtained_at: datetime

    @classmethod
    def from_secret(cls, secret: SessionSecret) -> GraphToken:
        """The token that `to_secret` wrote; raises VaultError for anything else."""
        try:
            data = json.loads(secret.text)
            ends = data["expires_at"]
            return cls(
                data["access_token"],
                None if ends is None else datetime.fromisoformat(ends).astimezone(UTC),
                frozenset(data["scopes"]),
                datetime.fromisoformat(data["obtained_at"]).astimezone(UTC),
            )
        except (ValueError, TypeError, KeyError):
            raise VaultError().as_variant("session") from None

    def to_secret(self) -> SessionSecret:
        text = {
            "access_token": self.access_token,
            "refresh_token": None,
            "expires_at": None if self.expires_at is None else self.expires_at.isoformat(),
            "scopes": sorted(self.scopes),
            "obtained_at": self.obtained_at.isoformat(),
        }
        return SessionSecret(json.dumps(text, separators=(",", ":")), self.scopes)

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended, so that nothing renews it."""
        return self.expires_at is not None and self.expires_at <= now

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to renew it; a token of unknown end is taken to live 60 days."""
        ends = self.expires_at or self.obtained_at + _USUAL_LIFE
        return now >= ends - RENEW_BEFORE and now - self.obtained_at >= YOUNGEST
