"""The vault: seal for the worker (HPKE), and encrypt at rest (AES-256-GCM, bound to its row)."""

from shared.vault.envelope import DataKey, Place, WrappedKey
from shared.vault.keyring import KeyRing
from shared.vault.sealing import NO_ONE, Purpose, SealingKey

__all__ = ["NO_ONE", "DataKey", "KeyRing", "Place", "Purpose", "SealingKey", "WrappedKey"]
