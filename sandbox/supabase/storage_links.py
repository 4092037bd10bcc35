"""Signed addresses of Storage: who may fetch one object, or put one there, until when."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import jwt

from sandbox.supabase.project import Project
from sandbox.supabase.storage_errors import invalid, invalid_signature, invalid_token

_UPLOAD_SECONDS = 7200


def seconds(asked: object) -> int:
    """`expiresIn`: an integer of one or more; a string of digits is taken as one, as Storage's own check does."""
    if isinstance(asked, str) and asked.lstrip("-").isdigit():
        asked = int(asked)
    if not isinstance(asked, int) or isinstance(asked, bool):
        raise invalid("body/expiresIn must be integer")
    if asked < 1:
        raise invalid("body/expiresIn must be >= 1")
    return asked


def download(project: Project, path: str, lifetime: int) -> str:
    """An address below /storage/v1 for `bucket/name`."""
    return f"/object/sign/{quote(path)}?token={_signed(project, path, 'download', lifetime, {})}"


def upload(project: Project, path: str, owner: str | None, *, upsert: bool) -> tuple[str, str]:
    """An address below /storage/v1 to put `bucket/name` at, and its token."""
    token = _signed(project, path, "upload", _UPLOAD_SECONDS, {"owner": owner, "upsert": upsert})
    return f"/object/upload/sign/{quote(path)}?token={token}", token


def read(project: Project, token: str | None, path: str, scope: str) -> dict[str, Any]:
    """The contents of a token; raises the refusal of one that is expired, broken, or for another purpose."""
    if token is None:
        raise invalid("querystring must have required property 'token'")
    try:
        claims: dict[str, Any] = jwt.decode(
            token, project.jwt_secret, ["HS256"], {"verify_exp": False, "verify_iat": False}
        )
    except jwt.InvalidSignatureError:
        raise invalid_token("signature verification failed") from None
    except jwt.PyJWTError:
        raise invalid_token("Invalid Compact JWS") from None
    if claims["exp"] <= project.now.timestamp():
        raise invalid_token('"exp" claim timestamp check failed')
    if claims["url"] != path:
        raise invalid_signature()
    if claims["scope"] != scope:
        raise invalid_signature(f"Token is not scoped for {scope}")
    return claims


def _signed(project: Project, path: str, scope: str, lifetime: int, more: dict[str, Any]) -> str:
    now = int(project.now.timestamp())
    claims = {"url": path, "scope": scope, "iat": now, "exp": now + lifetime} | more
    return jwt.encode(claims, project.jwt_secret, "HS256")
