"""Sealing: the web encrypts for the worker and cannot read the result again (HPKE, RFC 9180).

A sealed payload is `version (1) | key id (8) | expiry (8) | enc (32) | ciphertext and tag`. The expiry is in
microseconds since 1970 and readable; it is part of HPKE's `info` together with the version, the key, the purpose, the
user and the job, so a payload refuses to open after any change of them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.errors import KeyFileError, SealedExpired, SealedWrong
from shared.vault.binding import KEY_ID_BYTES, bind, fingerprint, key_from_text, key_to_text
from shared.vault.ringtext import Entry

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
TEXT_PREFIX = "rollcall-seal-1"
_COPY_AGAIN = "Copy the whole line again; `rollcall keys rotate` also writes a fresh one."
_VERSION = 1
_HEADER = struct.Struct(f">B{KEY_ID_BYTES}sq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


NO_ONE = UUID(int=0)


class Purpose(StrEnum):
    """The purpose of a sealed payload; a payload sealed for one purpose opens for no other.

    LOGIN is a JSON object with the username, password and TOTP secret of one login job; the rest are single values.
    CALLBACK is what a provider posted; it is sealed for NO_ONE, because the worker alone finds out whose it is.
    """

    PASSWORD = auto()
    CODE = auto()
    TOTP_SECRET = auto()
    OAUTH_CODE = auto()
    LOGIN = auto()
    CALLBACK = auto()


@dataclass(frozen=True, slots=True)
class SealedFor:
    """The binding of a payload: its purpose, its user, and its subject (the job)."""

    purpose: Purpose
    user_id: UUID
    subject_id: UUID

    def info(self, header: bytes) -> bytes:
        return bind("rollcall sealed", header, self.purpose, self.user_id.bytes, self.subject_id.bytes)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The public half, held by the web process: it seals and cannot open."""

    public_bytes: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """The fingerprint of this key, 16 hex digits; the opening key has the same."""
        return fingerprint("rollcall sealing key", self.public_bytes)

    @classmethod
    def from_text(cls, text: str) -> SealingKey:
        """Return the key written by `to_text`; raise KeyFileError when it is not one or was copied wrongly."""
        prefix, _, rest = text.strip().partition(".")
        key_id, _, encoded = rest.partition(".")
        public = key_from_text(encoded)
        if prefix != TEXT_PREFIX or public is None:
            raise KeyFileError(f"The sealing key is not in the form {TEXT_PREFIX}.<id>.<key>.", next_step=_COPY_AGAIN)
        key = cls(public)
        if not _is_of_full_order(public):
            raise KeyFileError("The sealing key is none that anything can be sealed to.", next_step=_COPY_AGAIN)
        if key.key_id != key_id:
            raise KeyFileError("The sealing key was changed or cut: its fingerprint differs.", next_step=_COPY_AGAIN)
        return key

    def to_text(self) -> str:
        """Return one line without secrets, fit for an environment variable or a file."""
        return f"{TEXT_PREFIX}.{self.key_id}.{key_to_text(self.public_bytes)}"

    def seal(
        self, plaintext: bytes, *, purpose: Purpose, user_id: UUID, subject_id: UUID, expires_at: datetime
    ) -> bytes:
        """Return the plaintext sealed for one purpose, user and job until `expires_at` (an aware time)."""
        header = _HEADER.pack(_VERSION, bytes.fromhex(self.key_id), _microseconds(expires_at))
        info = SealedFor(purpose, user_id, subject_id).info(header)
        return header + SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(self.public_bytes), info)


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """The private half, held by the worker alone."""

    private: X25519PrivateKey = field(repr=False)
    created_at: datetime

    @classmethod
    def from_entry(cls, entry: Entry) -> OpeningKey:
        """Return the key of a ring's entry; raise KeyFileError when it does not match its id."""
        key = cls(X25519PrivateKey.from_private_bytes(entry.key), entry.created_at)
        if key.sealing_key.key_id != entry.key_id:
            raise KeyFileError("An opening key does not match its id: the worker's keys were changed.")
        return key

    def to_entry(self) -> Entry:
        """Return the key as a ring stores it."""
        return Entry(self.private.private_bytes_raw(), self.sealing_key.key_id, self.created_at)

    @property
    def sealing_key(self) -> SealingKey:
        """The public half that belongs to this key."""
        return SealingKey(self.private.public_key().public_bytes_raw())

    def open(self, sealed: bytes, sealed_for: SealedFor, now: datetime) -> bytes:
        """Return the plaintext; raise SealedWrong when anything about it differs, SealedExpired when it is too late."""
        header = sealed[: _HEADER.size]
        _, _, expires = _unpack(sealed)
        # Before any decryption. The time is readable and bound: changing it gives SealedWrong below.
        if _microseconds(now) >= expires:
            raise SealedExpired
        try:
            return SUITE.decrypt(sealed[_HEADER.size :], self.private, sealed_for.info(header))
        except InvalidTag:
            raise SealedWrong from None


def sealed_key_id(sealed: bytes) -> str:
    """Return the id of the key that a payload was sealed to; raise SealedWrong when it is no sealed payload."""
    version, key_id, _ = _unpack(sealed)
    if version != _VERSION:
        raise SealedWrong
    return key_id.hex()


def _is_of_full_order(public: bytes) -> bool:
    """Whether a shared secret with this point is more than zeros (RFC 7748, section 6.1)."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        return False
    return True


def _unpack(sealed: bytes) -> tuple[int, bytes, int]:
    if len(sealed) < _HEADER.size:
        raise SealedWrong
    version, key_id, expires = _HEADER.unpack_from(sealed)
    return version, key_id, expires


def _microseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("an aware time is needed")
    return (moment - _EPOCH) // timedelta(microseconds=1)
