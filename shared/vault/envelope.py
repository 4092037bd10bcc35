"""Encryption at rest: a data key per user, wrapped by a key-encryption key, and each ciphertext bound to its row.

A stored ciphertext is `version (1) | data key id (8) | nonce (12) | ciphertext and tag`, a wrapped data key is `version
(1) | nonce (12) | ciphertext and tag`, both AES-256-GCM with a random nonce (NIST SP 800-38D: at most 2^32 messages per
key, far above the number of one user's cookies and tokens or of all users' data keys).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import KeyFileError, VaultError
from shared.vault.binding import KEY_BYTES, bind, fingerprint
from shared.vault.ringtext import Entry

_VERSION = b"\x01"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a ciphertext. It opens in this table, column and row, for this user, and nowhere else."""

    table: str
    column: str
    user_id: UUID
    row_id: UUID

    def associated_data(self, key_id: str) -> bytes:
        return bind(
            "rollcall at rest", _VERSION, key_id, self.table, self.column, self.user_id.bytes, self.row_id.bytes
        )


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A user's data key as `user_keys` stores it: encrypted under the key-encryption key named by `kek_id`."""

    wrapped_key: bytes = field(repr=False)
    kek_id: str


@dataclass(frozen=True, slots=True)
class DataKey:
    """One user's key for everything of theirs that is encrypted at rest."""

    user_id: UUID
    key: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """The fingerprint of this key, 16 hex digits; it stands in front of every ciphertext."""
        return fingerprint("rollcall data key", self.key)

    def encrypt(self, plaintext: bytes, place: Place) -> bytes:
        """Return the plaintext encrypted for its place; raise ValueError when that place is another user's."""
        if place.user_id != self.user_id:
            raise ValueError("a data key encrypts only for its own user")
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext = AESGCM(self.key).encrypt(nonce, plaintext, place.associated_data(self.key_id))
        return _VERSION + bytes.fromhex(self.key_id) + nonce + ciphertext

    def decrypt(self, ciphertext: bytes, place: Place) -> bytes:
        """Return the plaintext; raise VaultError when the bytes, the place or the key differ from the original."""
        prefix = _VERSION + bytes.fromhex(self.key_id)
        start = len(prefix)
        if not ciphertext.startswith(prefix):
            raise VaultError
        nonce, body = ciphertext[start : start + _NONCE_BYTES], ciphertext[start + _NONCE_BYTES :]
        return _decrypt(self.key, nonce, body, place.associated_data(self.key_id))


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """A key-encryption key of the ring: it wraps data keys and nothing else."""

    key: bytes = field(repr=False)
    created_at: datetime

    @property
    def kek_id(self) -> str:
        """The fingerprint of this key, 16 hex digits."""
        return fingerprint("rollcall wrapping key", self.key)

    @classmethod
    def from_entry(cls, entry: Entry) -> WrappingKey:
        """Return the key of a ring's entry; raise KeyFileError when it does not match its id."""
        key = cls(entry.key, entry.created_at)
        if key.kek_id != entry.key_id:
            raise KeyFileError("A wrapping key does not match its id: the worker's keys were changed.")
        return key

    def to_entry(self) -> Entry:
        """Return the key as a ring stores it."""
        return Entry(self.key, self.kek_id, self.created_at)

    def wrap(self, data_key: DataKey) -> WrappedKey:
        """Return the data key encrypted under this key and bound to its user."""
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext = AESGCM(self.key).encrypt(nonce, data_key.key, self._associated_data(data_key.user_id))
        return WrappedKey(_VERSION + nonce + ciphertext, self.kek_id)

    def unwrap(self, wrapped: WrappedKey, user_id: UUID) -> DataKey:
        """Return the user's data key; raise VaultError when it was changed or belongs to another user."""
        start = len(_VERSION)
        if not wrapped.wrapped_key.startswith(_VERSION):
            raise VaultError
        nonce, body = wrapped.wrapped_key[start : start + _NONCE_BYTES], wrapped.wrapped_key[start + _NONCE_BYTES :]
        return DataKey(user_id, _decrypt(self.key, nonce, body, self._associated_data(user_id)))

    def _associated_data(self, user_id: UUID) -> bytes:
        return bind("rollcall data key", _VERSION, self.kek_id, user_id.bytes)


def new_secret_key() -> bytes:
    """Return 32 fresh random bytes, an AES-256 key."""
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def _decrypt(key: bytes, nonce: bytes, body: bytes, associated_data: bytes) -> bytes:
    if len(nonce) != _NONCE_BYTES:
        raise VaultError
    try:
        return AESGCM(key).decrypt(nonce, body, associated_data)
    except InvalidTag:
        raise VaultError from None
