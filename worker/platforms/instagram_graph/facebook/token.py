"""The tokens of one connection by Facebook's login, as they are stored: the person's, and that of a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import VaultError
from worker.platforms.base import SessionSecret

# The person's token is renewed within its last 30 days, and at most once a day.
RENEW_BEFORE = timedelta(days=30)
YOUNGEST = timedelta(hours=24)
_USUAL_LIFE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class PageAccess:
    """A page, its token, and the Instagram account that is linked to it; the token has no end of its own."""

    page_id: str
    account_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FacebookToken:
    """`expires_at` is the end of the person's token, None where Meta names none; there is no refresh token.

    `data_until` is the end of what the consent lets an app read, which no renewal moves. `login_id` is the person's id
    for this app alone. `page` is None until the account is chosen.
    """

    user_token: str = field(repr=False)
    expires_at: datetime | None
    data_until: datetime | None
    scopes: frozenset[str]
    obtained_at: datetime
    login_id: str | None = None
    page: PageAccess | None = None

    @classmethod
    def from_secret(cls, secret: SessionSecret) -> FacebookToken:
        """The token that `to_secret` wrote; raises VaultError for anything else."""
        try:
            data = json.loads(secret.text)
            return cls(
                data["access_token"],
                _moment(data["expires_at"]),
                _moment(data["data_until"]),
                frozenset(data["scopes"]),
                datetime.fromisoformat(data["obtained_at"]).astimezone(UTC),
                data["login_id"],
                _page(data["page"]),
            )
        except (ValueError, TypeError, KeyError):
            raise VaultError().as_variant("session") from None

    def to_secret(self) -> SessionSecret:
        page = self.page
        text = {
            "access_token": self.user_token,
            "refresh_token": None,
            "expires_at": _written(self.expires_at),
            "data_until": _written(self.data_until),
            "scopes": sorted(self.scopes),
            "obtained_at": self.obtained_at.isoformat(),
            "login_id": self.login_id,
            "page": page and {"id": page.page_id, "account_id": page.account_id, "token": page.token},
        }
        return SessionSecret(json.dumps(text, separators=(",", ":")), self.scopes)

    @property
    def ends_at(self) -> datetime | None:
        """The time at which the person has to connect again, as far as that is known."""
        known = [one for one in (self.expires_at, self.data_until) if one is not None]
        return min(known, default=None)

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended, so that nothing renews it."""
        return self.ends_at is not None and self.ends_at <= now

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to renew it; a token of unknown end is taken to live 60 days."""
        ends = self.expires_at or self.obtained_at + _USUAL_LIFE
        return now >= ends - RENEW_BEFORE and now - self.obtained_at >= YOUNGEST


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _page(stored: Mapping[str, Any] | None) -> PageAccess | None:
    return None if stored is None else PageAccess(stored["id"], stored["account_id"], stored["token"])
