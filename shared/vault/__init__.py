"""The vault: seal for the worker (HPKE), and encrypt at rest (AES-256-GCM, bound to its row)."""

from shared.vault.envelope import DataKey, Place, WrappedKey
from shared.vault.keyring import KeyRing
from shared.vault.sealing import Purpose, SealingKey

__all__ = ["DataKey", "KeyRing", "Place", "Purpose", "SealingKey", "WrappedKey"]
