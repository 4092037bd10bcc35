"""Encrypts and signs the form cookie (AES, HMAC-SHA256) under keys made from SECRET_KEY, and signs links."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeSerializer

_PURPOSE = b"rollcall form cookie"


class SealedCookie:
    """Turns a session into text and back, as Flask expects of its serializer."""

    def __init__(self, secret_key: str) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret_key.encode())
        self._cipher, self._json = Fernet(urlsafe_b64encode(key)), TaggedJSONSerializer()

    def dumps(self, value: Any) -> str:
        """The session, encrypted."""
        return self._cipher.encrypt(self._json.dumps(value).encode()).decode("ascii")

    def loads(self, text: str, max_age: int | None = None) -> Any:
        """The session; raises BadSignature for foreign text, or text older than `max_age` seconds."""
        try:
            return self._json.loads(self._cipher.decrypt(text, ttl=max_age).decode())
        except InvalidToken:
            raise BadSignature("no cookie of this installation") from None


class SealedSessions(SecureCookieSessionInterface):
    """Flask's own sessions in a cookie that only the web can read."""

    def get_signing_serializer(self, app: Flask) -> Any:
        """The serializer for this app's key; None without one."""
        key = app.secret_key
        return None if not key else SealedCookie(key if isinstance(key, str) else key.decode())


def links(secret_key: str, purpose: str) -> URLSafeSerializer:
    """Signs the contents of a link, with HMAC-SHA256."""
    return URLSafeSerializer(secret_key, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})
