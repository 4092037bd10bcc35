"""Codes of an authenticator and recovery codes, for locally stored accounts (RFC 6238, SHA-1, six digits, 30 s)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import time
from uuid import UUID

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg_pool import ConnectionPool

from shared import logs
from shared.db.pools import WebConnection
from shared.domain.input.codes import plain_code
from shared.store.users import second_factors
from shared.store.users.second_factors import SecondFactor

_log = logs.get("web.auth.second_factor")
_PURPOSE = b"rollcall second_factors.secret 1"
_NONCE = 12
_SPAN = 30
_DIGITS = 6
_RECOVERY_BYTES = 10
RECOVERY_CODES = 10


@dataclass(slots=True)
class SecondStep:
    """The web's side of second factors. `now` gives seconds since 1970."""

    pool: ConnectionPool[WebConnection]
    secret_key: str = field(repr=False)
    now: Callable[[], float] = time

    def state(self, user_id: UUID) -> SecondFactor | None:
        """The account's second factor, in force or still to be confirmed; None without one."""
        with self.pool.connection() as conn:
            return second_factors.find(conn, user_id)

    def asked(self, user_id: UUID) -> bool:
        """Whether signing in to this account takes a second step."""
        found = self.state(user_id)
        return found is not None and found.confirmed

    def begin(self, user_id: UUID) -> bool:
        """Makes a secret that its owner has to confirm; False where one is in force."""
        sealed = self._seal(pyotp.random_base32(), user_id)
        with self.pool.connection() as conn:
            return second_factors.begin(conn, user_id, sealed)

    def secret_to_show(self, user_id: UUID) -> str | None:
        """The secret as base32 until it is confirmed, else None."""
        found = self.state(user_id)
        return None if found is None or found.confirmed else self._open(found.secret, user_id)

    def confirm(self, user_id: UUID, typed: str) -> list[str] | None:
        """Puts the waiting secret in force and returns the recovery codes, once; None for a wrong code."""
        found = self.state(user_id)
        step = None if found is None or found.confirmed else self._step_of(found, user_id, typed)
        if found is None or step is None:
            return None
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = [_hash(code, user_id) for code in codes]
        with self.pool.connection() as conn:
            confirmed = second_factors.confirm(conn, user_id, found.secret, step, hashes)
        return [_shown(code) for code in codes] if confirmed else None

    def passes(self, user_id: UUID, typed: str) -> bool:
        """Whether this is the authenticator's present code, or a recovery code; either is used up by it."""
        found = self.state(user_id)
        if found is None or not found.confirmed:
            return False
        plain = plain_code(typed)
        with self.pool.connection() as conn:
            if len(plain) != _DIGITS:
                return second_factors.recover(conn, user_id, _hash(plain, user_id))
            step = self._step_of(found, user_id, plain)
            return step is not None and second_factors.use(conn, user_id, step)

    def end(self, user_id: UUID) -> None:
        """Switches the second step off."""
        with self.pool.connection() as conn:
            second_factors.end(conn, user_id)

    def _step_of(self, found: SecondFactor, user_id: UUID, typed: str) -> int | None:
        """The half minute of this code: the present one, or one before or after, because clocks differ."""
        secret, plain = self._open(found.secret, user_id), plain_code(typed)
        if secret is None:
            return None
        here = int(self.now() // _SPAN)
        totp = pyotp.TOTP(secret, digits=_DIGITS, interval=_SPAN)
        fits = [
            step for step in (here - 1, here, here + 1) if hmac.compare_digest(totp.generate_otp(step), _ascii(plain))
        ]
        return max(fits, default=None)

    def _cipher(self) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(self.secret_key.encode()))

    def _seal(self, secret: str, user_id: UUID) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher().encrypt(nonce, secret.encode(), _place(user_id))

    def _open(self, sealed: bytes, user_id: UUID) -> str | None:
        """None for a secret of another account or of another SECRET_KEY; recovery codes still work then."""
        try:
            return self._cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(user_id)).decode()
        except (InvalidTag, ValueError):
            _log.error("second_factor_unreadable", user_id=str(user_id))
            return None


def group_letters(secret: str) -> str:
    """The secret in groups of four letters, as people type it."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def setup_address(secret: str, email: str) -> str:
    """The address in an authenticator's QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Rollcall")


def _recovery_code() -> str:
    return base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()


def _shown(code: str) -> str:
    return group_letters(code).replace(" ", "-").lower()


def _hash(code: str, user_id: UUID) -> bytes:
    # With 80 random bits no slow hash is needed.
    return hashlib.sha256(user_id.bytes + code.encode("utf-8", "surrogatepass")).digest()


def _ascii(plain: str) -> str:
    return plain if plain.isascii() else ""


def _place(user_id: UUID) -> bytes:
    return b"second_factors.secret" + user_id.bytes
