"""Auth's records: accounts, sessions with their chains of refresh tokens, links in mails, half-made sign-ins."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4


@dataclass(slots=True)
class Factor:
    """A second factor of an account; good for nothing before it is verified."""

    name: str
    created_at: datetime
    kind: str = "totp"
    secret: str = field(default="", repr=False)
    verified: bool = False
    updated_at: datetime | None = None
    challenged_at: datetime | None = None
    id: UUID = field(default_factory=uuid4)
    challenges: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def challenge(self, now: datetime, address: str) -> UUID:
        """A new challenge, which only the same network address can meet; returns its id."""
        made, self.challenged_at = uuid4(), now
        self.challenges[str(made)] = (now, address)
        return made

    def as_json(self) -> dict[str, Any]:
        """The factor as the account shows it."""
        return {
            "id": str(self.id),
            "created_at": self.created_at.isoformat(),
            "updated_at": (self.updated_at or self.created_at).isoformat(),
            "status": "verified" if self.verified else "unverified",
            "friendly_name": self.name,
            "factor_type": self.kind,
            "phone": "",
            "last_challenged_at": self.challenged_at.isoformat() if self.challenged_at else None,
        }


@dataclass(slots=True)
class Account:
    """A row of auth.users."""

    email: str
    created_at: datetime
    id: UUID = field(default_factory=uuid4)
    confirmed_at: datetime | None = None
    last_sign_in_at: datetime | None = None
    updated_at: datetime | None = None
    banned_until: datetime | None = None
    email_change: str = ""
    email_change_halves: int = 0
    factors: list[Factor] = field(default_factory=list)
    user_metadata: dict[str, Any] = field(default_factory=dict)
    app_metadata: dict[str, Any] = field(default_factory=lambda: {"provider": "email", "providers": ["email"]})
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(8), repr=False)
    _password: bytes = field(default=b"", repr=False)

    def set_password(self, password: str) -> None:
        """Keeps only what is needed to compare."""
        self._password = self._mixed(password)

    def has_password(self, password: str) -> bool:
        """Whether it is this one."""
        return self.has_any_password and secrets.compare_digest(self._password, self._mixed(password))

    @property
    def has_any_password(self) -> bool:
        """Whether one was ever set."""
        return bool(self._password)

    def banned(self, now: datetime) -> bool:
        """Whether this account may not sign in now."""
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
    aal: str = "aal1"
    factor_id: UUID | None = None
    methods: list[tuple[str, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.methods.insert(0, (self.method, self.created_at))

    @property
    def recovers(self) -> bool:
        """Whether it began by a link or a code that stands for a forgotten password."""
        return any(method in ("otp", "magiclink", "recovery") for method, _ in self.methods)


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
        """The answer of `GET /_sandbox/mail/<email>`."""
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
