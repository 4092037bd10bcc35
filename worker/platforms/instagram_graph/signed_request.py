"""Meta's signed requests: a signature and a payload, which name the login that a post is about."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode

_ALGORITHM = "HMAC-SHA256"


def login_named_in(signed: str, secret: str) -> str | None:
    """The login's id for this app; None for what the app's secret did not sign, or that has another form."""
    signature, _, payload = signed.partition(".")
    expected = hmac.digest(secret.encode(), payload.encode("utf-8", "surrogatepass"), "sha256")
    if not hmac.compare_digest(_decoded(signature), expected):
        return None
    try:
        said = json.loads(_decoded(payload))
    except ValueError:
        return None
    if not isinstance(said, dict) or str(said.get("algorithm", "")).upper() != _ALGORITHM:
        return None
    named = said.get("user_id")
    if isinstance(named, int) and not isinstance(named, bool):
        return str(named)
    return named if isinstance(named, str) and named else None


def _decoded(text: str) -> bytes:
    """The bytes of base64url without its padding; none for what is not written so."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
