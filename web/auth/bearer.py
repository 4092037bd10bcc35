"""Checks a secret that a machine sends as a bearer token."""

from __future__ import annotations

import hmac

from flask import request


def shows(secret: str | None) -> bool:
    """Whether the request carries `secret`, in a time that says nothing about it; never where none is set."""
    sent = request.headers.get("Authorization", "")
    return secret is not None and hmac.compare_digest(sent.encode(), f"Bearer {secret}".encode())
