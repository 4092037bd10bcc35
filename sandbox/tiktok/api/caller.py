"""The caller: a token that works, with the scopes that the fields need, within the limit of a minute."""

from collections.abc import Mapping
from datetime import timedelta

from flask import request

from sandbox.tiktok.oauth.grants import Grant
from sandbox.tiktok.site import site

from .answers import error

_MINUTE = timedelta(minutes=1)


def caller() -> Grant:
    """Return the grant of the present request, which is counted; raises ApiError."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    token = site().grants.find(text.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise error("access_token_invalid")
    _spend(request.path)
    return token.grant


def asked_fields(grant: Grant, scopes: Mapping[str, str]) -> list[str]:
    """Return the fields that are asked for; ``scopes`` has the scope that each field needs."""
    names = [name.strip() for name in request.args.get("fields", "").split(",") if name.strip()]
    if not names:
        raise error("invalid_params", "The fields are missing.")
    unknown = [name for name in names if name not in scopes]
    if unknown:
        raise error("invalid_params", f"Fields {', '.join(unknown)} are invalid.")
    missing = {scopes[name] for name in names} - grant.scopes
    if missing == {scopes[name] for name in names}:
        raise error("scope_not_authorized")
    if missing:
        raise error("scope_permission_missed")
    return names


def spend_all() -> None:
    """Use up the limit of every route."""
    for path in ("/v2/user/info/", "/v2/video/list/", "/v2/video/query/"):
        site().calls[path] = [site().now] * site().app.calls_a_minute


def _spend(path: str) -> None:
    calls = site().calls.setdefault(path, [])
    calls[:] = [at for at in calls if at > site().now - _MINUTE]
    if len(calls) >= site().app.calls_a_minute:
        raise error("rate_limit_exceeded")
    calls.append(site().now)
