"""Tells one installation from another: only a process with its SECRET_KEY can give the right answer."""

from __future__ import annotations

import hmac
from pathlib import Path

_PURPOSE = b"rollcall installation 1 "
LONGEST_NONCE = 64


def proof(secret_key: str, nonce: str) -> str:
    """The answer of every process with this SECRET_KEY to `nonce`; it reveals nothing of the key."""
    return hmac.new(secret_key.encode(), _PURPOSE + nonce.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def is_proof(given: object, secret_key: str | None, nonce: str) -> bool:
    """Whether `given` is the answer of a process with this key; False without a key."""
    if secret_key is None or not isinstance(given, str) or not given.isascii():
        return False
    return hmac.compare_digest(given, proof(secret_key, nonce))


def secret_path(data_dir: Path) -> Path:
    """The path of the SECRET_KEY that the first start made."""
    return data_dir / "keys" / "web-secret.txt"


def own_secret(secret_key: str | None, data_dir: Path) -> str | None:
    """The SECRET_KEY of this installation; None where there is none yet, or where it may not be read."""
    if secret_key is not None:
        return secret_key
    try:
        return secret_path(data_dir).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
