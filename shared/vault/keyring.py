"""The key ring, held by the worker alone: every key ever used here, the current ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared.errors import SealedWrong, VaultError
from shared.vault import ringtext
from shared.vault.envelope import DataKey, WrappedKey, WrappingKey, new_secret_key
from shared.vault.sealing import OpeningKey, Purpose, SealedFor, SealingKey, sealed_key_id

_RESTORE = "Put the worker's keys back from the backup; a ring that is older or from elsewhere does not open this."


@dataclass(frozen=True, slots=True)
class KeyRing:
    """X25519 keys that open what the web sealed and AES-256 keys that wrap data keys; the first of each is current.

    `reread`, where the ring came from a file, loads that file again: it is called for a key that this ring lacks, so a
    running worker survives a rotation of the keys.
    """

    opening: tuple[OpeningKey, ...]
    wrapping: tuple[WrappingKey, ...]
    reread: Callable[[], KeyRing] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def generate(cls, now: datetime) -> KeyRing:
        """Return a ring with one fresh key of each kind."""
        return cls((OpeningKey(X25519PrivateKey.generate(), now),), (WrappingKey(new_secret_key(), now),))

    def with_new_keys(self, now: datetime) -> KeyRing:
        """Return a ring with fresh current keys of both kinds in front of all that it had."""
        fresh = KeyRing.generate(now)
        return KeyRing(fresh.opening + self.opening, fresh.wrapping + self.wrapping, self.reread)

    def to_json(self) -> str:
        """Return the whole ring, secrets included, as one line of JSON."""
        return ringtext.write([key.to_entry() for key in self.opening], [key.to_entry() for key in self.wrapping])

    @classmethod
    def from_json(cls, text: str) -> KeyRing:
        """Return the ring written by `to_json`; raise KeyFileError, naming the fault and no secret."""
        opening, wrapping = ringtext.read(text)
        return cls(
            tuple(OpeningKey.from_entry(entry) for entry in opening),
            tuple(WrappingKey.from_entry(entry) for entry in wrapping),
        )

    @property
    def sealing_key(self) -> SealingKey:
        """The public half of the current opening key, for the web process."""
        return self.opening[0].sealing_key

    @property
    def kek_id(self) -> str:
        """The id of the current key-encryption key; data keys under another one wait to be re-wrapped."""
        return self.wrapping[0].kek_id

    def open(self, sealed: bytes, *, purpose: Purpose, user_id: UUID, subject_id: UUID, now: datetime) -> bytes:
        """Return the plaintext of a payload; raise SealedWrong (also when the ring lacks its key) or SealedExpired."""
        return self._opening_key(sealed_key_id(sealed)).open(sealed, SealedFor(purpose, user_id, subject_id), now)

    def new_data_key(self, user_id: UUID) -> WrappedKey:
        """Return a fresh data key for a user, wrapped by the current key."""
        return self.wrapping[0].wrap(DataKey(user_id, new_secret_key()))

    def unwrap(self, wrapped: WrappedKey, user_id: UUID) -> DataKey:
        """Return the user's data key; raise VaultError when it was changed or its wrapping key is missing."""
        return self._wrapping_key(wrapped.kek_id).unwrap(wrapped, user_id)

    def rewrap(self, wrapped: WrappedKey, user_id: UUID) -> WrappedKey:
        """Return the same data key under the current key; the data encrypted with it stays as it is."""
        return self.wrapping[0].wrap(self.unwrap(wrapped, user_id))

    def _opening_key(self, key_id: str) -> OpeningKey:
        for ring in self._rings():
            for key in ring.opening:
                if key.sealing_key.key_id == key_id:
                    return key
        raise SealedWrong

    def _wrapping_key(self, kek_id: str) -> WrappingKey:
        for ring in self._rings():
            for key in ring.wrapping:
                if key.kek_id == kek_id:
                    return key
        raise VaultError(f"A stored secret needs the key {kek_id}, which the worker's keys lack.", next_step=_RESTORE)

    def _rings(self) -> Iterator[KeyRing]:
        yield self
        if self.reread is not None:
            yield self.reread()
