"""The caller: a token of the host that is called, and a way of asking that a new app may still use."""

import hashlib
import hmac
import re

from flask import request

from sandbox.meta.hosts import Host
from sandbox.meta.oauth.grants import Token
from sandbox.meta.site import host, site

from .answers import OAUTH, GraphError, bad
from .refusals import dead

_OLDER_WAYS = ("ids", "date_format", "method", "callback", "batch")
"""Parameters that an app made since 2026-11-04 may not use."""
_ALIAS = re.compile(r"\.as\(")
_OLDEST, _NEWEST = 21, 27
_VERSION = re.compile(r"v(\d+)\.0")


def check_version(version: str) -> None:
    """Refuse a version that is over or not there; without one the newest answers."""
    found = _VERSION.fullmatch(version)
    if version and (found is None or not _OLDEST <= int(found[1]) <= _NEWEST):
        raise GraphError(2500, f"Unknown path components: /{version}")


def check_ways() -> None:
    """Refuse older ways of asking to a new app."""
    if not site().app.new:
        return
    for name in _OLDER_WAYS:
        if name in request.args:
            raise bad(f"The parameter {name} is not available to this app.")
    if _ALIAS.search(request.args.get("fields", "")):
        raise bad("Field aliases are not available to this app.")


def caller() -> Token:
    """Return the live token of the present request; raises GraphError."""
    text = token_text()
    if not text:
        message = "An active access token must be used to query information about the current user."
        raise GraphError(2500, message, type=OAUTH)
    token = known(text)
    _check_proof(text)
    return token


def known(text: str) -> Token:
    """Return a live token of this host; raises GraphError."""
    token = site().grants.tokens.get(text)
    if token is None or token.grant.host is not host():
        raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
    end = token.ended(site().now)
    if end is not None:
        raise dead(end)
    return token


def token_text() -> str:
    """Return the token as it was sent: as a parameter or as a header."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return request.args.get("access_token") or (text.strip() if scheme.lower() == "bearer" else "")


def proof_of(text: str, secret: str) -> str:
    """Return the proof that the caller knows the app's secret."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _check_proof(text: str) -> None:
    proof = request.args.get("appsecret_proof")
    if proof is None and not (site().app.needs_proof and host() is Host.FACEBOOK):
        return
    if proof is None:
        raise GraphError(100, "API calls from the server require an appsecret_proof argument")
    secret = site().app.instagram_secret if host() is Host.INSTAGRAM else site().app.secret
    if not hmac.compare_digest(proof.encode(), proof_of(text, secret).encode()):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument")
