"""Encrypts tokens for `web_sessions`: AES-256-GCM, with a key of the web's own secret, bound to their row."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import SessionOver
from web.auth.identity import Tokens

_NONCE = 12
_PURPOSE = b"rollcall web_sessions.tokens 1"


class TokenSeal:
    """Seals and opens with a key derived from SECRET_KEY; another SECRET_KEY opens nothing."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret_key.encode()))

    def seal(self, tokens: Tokens, user_id: UUID, session_id: UUID) -> bytes:
        """The tokens for this person's session."""
        text = json.dumps([tokens.access, tokens.refresh, tokens.lifetime.total_seconds()])
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), _place(user_id, session_id))

    def open(self, sealed: bytes, user_id: UUID, session_id: UUID) -> Tokens:
        """The tokens again; SessionOver if they were changed, moved to another row, or sealed with another secret."""
        try:
            text = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(user_id, session_id))
        except (InvalidTag, ValueError):
            raise SessionOver("Your sign-in can no longer be read here.") from None
        access, refresh, seconds = json.loads(text)
        return Tokens(access, refresh, timedelta(seconds=seconds))


def _place(user_id: UUID, session_id: UUID) -> bytes:
    return b"web_sessions.tokens" + user_id.bytes + session_id.bytes
