"""Signs people in. Embedded: `auth.users` in our own database, Argon2id; a hosted identity is another class."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import LiteralString, Protocol
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection


@dataclass(frozen=True, slots=True)
class Tokens:
    """A hosted sign-in's tokens: a short-lived access token, and a refresh token for the next one.

    `factor_due`: the account has a second factor that this sign-in did not show yet.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    lifetime: timedelta
    factor_due: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A person who may come in; with the tokens of their sign-in where the identity is hosted."""

    user_id: UUID
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class MailSent:
    """The sign-in waits until a link in a mail is opened. `verifier` proves later who asked for the link."""

    verifier: str = field(default="", repr=False)


class Identity(Protocol):
    """Creates accounts and checks passwords. E-mail addresses arrive cleaned (`web.auth.credentials`)."""

    def sign_up(self, email: str, password: str) -> Entry | MailSent | None:
        """Creates an account and returns it; None when the address already has one."""
        ...

    def check(self, email: str, password: str) -> Entry | None:
        """The account when the password is right; None for a wrong one and for an unknown address alike."""
        ...

    def change_password(self, user_id: UUID, email: str, old: str, new: str) -> Entry | None:
        """Replaces the password; None when the old one is wrong."""
        ...


_CREATE: LiteralString = "select rollcall.identity_create(%s, %s) as user_id"
_FIND: LiteralString = "select user_id, password_hash from rollcall.identity_find(%s)"
_REPLACE: LiteralString = "select rollcall.identity_replace_hash(%s, %s, %s) as replaced"
_SIGNED_IN: LiteralString = "select rollcall.identity_signed_in(%s)"


@dataclass(slots=True)
class EmbeddedIdentity:
    """Argon2id over `auth.users`, through functions that only the web's role may call."""

    pool: ConnectionPool[WebConnection]
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _nobody: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # This hash stands in for a missing account, so that unknown and wrong take the same time.
        self._nobody = self.hasher.hash("nobody")

    def sign_up(self, email: str, password: str) -> Entry | None:
        hashed = self.hasher.hash(password)
        with self.pool.connection() as conn:
            row = conn.execute(_CREATE, [email, hashed]).fetchone()
        return Entry(row["user_id"]) if row and row["user_id"] else None

    def check(self, email: str, password: str) -> Entry | None:
        with self.pool.connection() as conn:
            row = conn.execute(_FIND, [email]).fetchone()
        stored = row["password_hash"] if row else self._nobody
        if not self._fits(stored, password) or row is None:
            return None
        user_id: UUID = row["user_id"]
        self._after_sign_in(user_id, stored, password)
        return Entry(user_id)

    def change_password(self, user_id: UUID, email: str, old: str, new: str) -> Entry | None:
        with self.pool.connection() as conn:
            row = conn.execute(_FIND, [email]).fetchone()
        if row is None or row["user_id"] != user_id or not self._fits(row["password_hash"], old):
            return None
        return Entry(user_id) if self._replace(user_id, row["password_hash"], new) else None

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self.hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _after_sign_in(self, user_id: UUID, stored: str, password: str) -> None:
        if self.hasher.check_needs_rehash(stored):
            self._replace(user_id, stored, password)
        with self.pool.connection() as conn:
            conn.execute(_SIGNED_IN, [user_id])

    def _replace(self, user_id: UUID, stored: str, password: str) -> bool:
        """Compare and set: of two simultaneous changes only one holds."""
        fresh = self.hasher.hash(password)
        with self.pool.connection() as conn:
            row = conn.execute(_REPLACE, [user_id, stored, fresh]).fetchone()
        return bool(row and row["replaced"])
