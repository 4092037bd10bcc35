"""The tokens of one TikTok connection, as they are stored."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.errors import VaultError
from worker.platforms.base import SessionSecret

# An access token with less time than this is exchanged before a call.
RENEW_BEFORE = timedelta(minutes=5)
# A refresh token that was not used for so long is exchanged, so that it never comes near its end.
UNUSED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class TikTokToken:
    """`expires_at` is the end of the access token, `ends_at` that of the refresh token; None where none was named."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime | None
    ends_at: datetime | None
    scopes: frozenset[str]
    obtained_at: datetime

    @classmethod
    def from_secret(cls, secret: SessionSecret) -> TikTokToken:
        """The token that `to_secret` wrote; raises VaultError for anything else."""
        try:
            data = json.loads(secret.text)
            return cls(
                data["access_token"],
                data["refresh_token"],
                _moment(data["expires_at"]),
                _moment(data["ends_at"]),
                frozenset(data["scopes"]),
                datetime.fromisoformat(data["obtained_at"]).astimezone(UTC),
            )
        except (ValueError, TypeError, KeyError):
            raise VaultError().as_variant("session") from None

    def to_secret(self) -> SessionSecret:
        text = {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_at": _text(self.expires_at),
            "ends_at": _text(self.ends_at),
            "scopes": sorted(self.scopes),
            "obtained_at": self.obtained_at.isoformat(),
        }
        return SessionSecret(json.dumps(text, separators=(",", ":")), self.scopes, self.ends_at)

    def ends_soon(self, now: datetime) -> bool:
        """Whether too little of the access token is left for a call."""
        return self.expires_at is not None and self.expires_at - now < RENEW_BEFORE

    def is_over(self, now: datetime) -> bool:
        """Whether the refresh token has ended, so that nothing renews it."""
        return self.ends_at is not None and self.ends_at <= now

    def is_unused(self, now: datetime) -> bool:
        """Whether the refresh token was not used for so long that it is time to exchange it."""
        return now - self.obtained_at >= UNUSED_FOR


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
