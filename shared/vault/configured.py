"""Loads the keys that the settings name: from the environment where hosted, else from the data directory."""

from __future__ import annotations

from datetime import datetime

from shared.errors import KeyFileError
from shared.settings import Settings
from shared.vault import keyfiles
from shared.vault.keyring import KeyRing
from shared.vault.sealing import SealingKey

_COPY_AGAIN = "Copy the whole line of `rollcall keys generate --print` again, or restore it from your backup."


def parse_ring(text: str) -> KeyRing:
    """Return the ring in WORKER_KEYS; raise KeyFileError, which names the setting and the fault."""
    try:
        return KeyRing.from_json(text)
    except KeyFileError as error:
        raise KeyFileError(f"WORKER_KEYS cannot be used: {error.sentence}", next_step=_COPY_AGAIN) from None


def load_ring(settings: Settings) -> KeyRing:
    """Return the worker's ring: WORKER_KEYS, else the file; raise KeyFileError when there is neither."""
    if settings.worker_keys is not None:
        return parse_ring(settings.worker_keys)
    return keyfiles.load(settings.data_dir)


def worker_ring(settings: Settings, now: datetime) -> KeyRing:
    """Return the worker's ring: WORKER_KEYS, else the file, which is made at the first call; may raise KeyFileError."""
    if settings.worker_keys is not None:
        return parse_ring(settings.worker_keys)
    return keyfiles.load_or_create(settings.data_dir, now)


def sealing_key(settings: Settings) -> SealingKey:
    """Return the web's public key: SEALING_KEY, else the file; raise KeyFileError when it is missing or broken."""
    if settings.sealing_key is None:
        return keyfiles.load_sealing_key(settings.data_dir)
    try:
        return SealingKey.from_text(settings.sealing_key)
    except KeyFileError as error:
        raise KeyFileError(f"SEALING_KEY cannot be used: {error.sentence}", next_step=error.next_step) from None
