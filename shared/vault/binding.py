"""One encoding for everything that binds a ciphertext, and one form for keys written as text."""

from __future__ import annotations

import base64
import binascii
import hashlib

KEY_BYTES = 32
KEY_ID_BYTES = 8


def bind(label: str, *parts: str | bytes) -> bytes:
    """Return label and parts as bytes, each after its length, so that two different lists never give the same bytes."""
    fields = [part.encode() if isinstance(part, str) else part for part in (label, *parts)]
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def fingerprint(label: str, key: bytes) -> str:
    """Return the short name of a key: the first 8 bytes of SHA-256 over its kind and its bytes, as 16 hex digits."""
    return hashlib.sha256(bind(label, key)).digest()[:KEY_ID_BYTES].hex()


def key_to_text(key: bytes) -> str:
    """Return a key as base64url without padding: 43 characters for 32 bytes."""
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()


def key_from_text(text: str) -> bytes | None:
    """Return the 32 bytes behind `key_to_text`, or None when the text is anything else."""
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None
