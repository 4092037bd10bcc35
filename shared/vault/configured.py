"""The keys that the settings name: from the environment where they are hosted, else from the data directory."""

from __future__ import annotations

from datetime import datetime

from shared.settings import Settings
from shared.vault import keyfiles
from shared.vault.keyring import KeyRing
from shared.vault.sealing import SealingKey


def worker_ring(settings: Settings, now: datetime) -> KeyRing:
    """Return the worker's ring: WORKER_KEYS, else the file, which is made at the first call; may raise KeyFileError."""
    if settings.worker_keys is not None:
        return KeyRing.from_json(settings.worker_keys)
    return keyfiles.load_or_create(settings.data_dir, now)


def sealing_key(settings: Settings) -> SealingKey:
    """Return the web's public key: SEALING_KEY, else the file; raise KeyFileError when it is missing or broken."""
    if settings.sealing_key is not None:
        return SealingKey.from_text(settings.sealing_key)
    return keyfiles.load_sealing_key(settings.data_dir)
