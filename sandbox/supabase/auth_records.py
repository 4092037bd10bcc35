"""What Auth keeps: accounts, sessions with their chains of refresh tokens, links in mails, half-made sign-ins."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4


@dataclass(slots=True)
class Account:
    """Somebody's row of auth.users."""

    email: str
    created_at: datetime
    id: UUID = field(default_factory=uuid4)
    confirmed_at: datetime | None = None
    last_sign_in_at: datetime | None = None
    updated_at: datetime | None = None
    banned_until: datetime | None = None
    email_change: str = ""
    email_change_halves: int = 0
    user_metadata: dict[str, Any] = field(default_factory=dict)
    app_metadata: dict[str, Any] = field(default_factory=lambda: {"provider": "email", "providers": ["email"]})
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(8), repr=False)
    _password: bytes = field(default=b"", repr=False)

    def set_password(self, password: str) -> None:
        """Keeps only what is needed to compare."""
        self._password = self._mixed(password)

    def has_password(self, password: str) -> bool:
        """Whether it is this one."""
        return secrets.compare_digest(self._password, self._mixed(password))

    def banned(self, now: datetime) -> bool:
        """Whether nobody may come in as this account now."""
        return self.banned_until is not None and now < self.banned_until

    def _mixed(self, password: str) -> bytes:
        return hashlib.sha256(self._salt + password.encode("utf-8", "surrogatepass")).digest()


@dataclass(slots=True)
class RefreshToken:
    """One link of a session's chain; single use."""

    session_id: UUID
    updated_at: datetime
    parent: str | None
    text: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    revoked: bool = False


@dataclass(slots=True)
class Session:
    """One sign-in of an account."""

    user_id: UUID
    created_at: datetime
    method: str
    id: UUID = field(default_factory=uuid4)
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Challenge:
    """PKCE: what a caller will prove to know, and how it is compared."""

    text: str
    method: str

    def fits(self, verifier: str) -> bool:
        """Whether `verifier` is what the challenge was made of."""
        if self.method == "plain":
            return secrets.compare_digest(self.text.encode(), verifier.encode())
        made = hashlib.sha256(verifier.encode()).digest()
        return secrets.compare_digest(self.text.encode(), _base64url(made).encode())


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was "sent", with what a template may show of it."""

    to: str
    kind: str
    otp: str
    token_hash: str
    link: str
    redirect_to: str
    sent_at: datetime
    user_id: UUID
    challenge: Challenge | None

    def as_json(self) -> dict[str, str]:
        """What `GET /_sandbox/mail/<email>` shows."""
        shown = ("to", "kind", "otp", "token_hash", "link", "redirect_to")
        return {name: getattr(self, name) for name in shown} | {"sent_at": self.sent_at.isoformat()}


@dataclass(frozen=True, slots=True)
class HalfSignIn:
    """An auth code that waits for its verifier."""

    user_id: UUID
    challenge: Challenge
    method: str
    made_at: datetime


def _base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
