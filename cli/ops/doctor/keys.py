"""Checks that the keys for stored secrets work."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cli.ops.doctor.check import Check, leave_out, wrong
from shared.errors import SealedWrong
from shared.settings import Settings
from shared.vault import keyfiles
from shared.vault.configured import parse_ring, sealing_key
from shared.vault.keyring import KeyRing
from shared.vault.sealing import Purpose, SealingKey

_TRIED = b"tried"


def keys(settings: Settings) -> Check:
    """Whether a payload sealed for the worker opens again, and a data key with it; raises KeyFileError."""
    path = keyfiles.ring_path(settings.data_dir)
    if settings.worker_keys is not None:
        ring, where, advice = (
            parse_ring(settings.worker_keys),
            "WORKER_KEYS",
            "Keep a copy of it somewhere safe.",
        )
    elif path.exists():
        ring = keyfiles.load(settings.data_dir)
        where = f"{path} (mode {stat.S_IMODE(path.stat().st_mode):o})"
        advice = "Back this file up: without it no stored session opens again."
    elif settings.sealing_key is not None:
        sealing_key(settings)
        return leave_out("keys", "SEALING_KEY can be read; whether it opens is seen only with the worker's keys")
    else:
        return leave_out("keys", "none yet (made at the first start)")
    if not _opens(ring, _sealing_key(settings, ring)):
        says = f"what the web seals is not opened by the worker's keys in {where}"
        return wrong("keys", says, "Give the web the SEALING_KEY, and the worker the WORKER_KEYS, of one ring.")
    return Check("keys", True, f"{where}: sealed and opened again", advice)


def _sealing_key(settings: Settings, ring: KeyRing) -> SealingKey:
    """The web's sealing key: its setting, else its file, else the ring's own half."""
    if settings.sealing_key is not None:
        return sealing_key(settings)
    if settings.worker_keys is None and keyfiles.sealing_path(settings.data_dir).exists():
        return keyfiles.load_sealing_key(settings.data_dir)
    return ring.sealing_key


def _opens(ring: KeyRing, key: SealingKey) -> bool:
    user, subject, now = uuid4(), uuid4(), datetime.now(UTC)
    until = now + timedelta(minutes=5)
    sealed = key.seal(_TRIED, purpose=Purpose.CODE, user_id=user, subject_id=subject, expires_at=until)
    try:
        opened = ring.open(sealed, purpose=Purpose.CODE, user_id=user, subject_id=subject, now=now)
    except SealedWrong:
        return False
    ring.unwrap(ring.new_data_key(user), user)
    return opened == _TRIED
