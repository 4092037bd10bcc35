"""The state of a consent and the proof that belongs to it (PKCE); only the state's hash is stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from flask import current_app

_PURPOSE = b"rollcall consent verifier 1"


def new_state() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def hash_of(state: str) -> bytes:
    """The stored hash of a state."""
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).digest()


def verifier_of(state: str) -> str:
    """The verifier of a state, 43 signs; nothing but SECRET_KEY and the state makes it again."""
    key = hmac.digest(str(current_app.secret_key).encode(), _PURPOSE, "sha256")
    made = hmac.digest(key, state.encode("utf-8", "surrogatepass"), "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode()
