"""The gateway before a project's services: the key that every call carries, and the caller's identity."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from sandbox.supabase.project import BadToken, Project

_BROWSER = "Mozilla/"


def refused(project: Project) -> Response | None:
    """The refusal for a call without a key, with one of another project, or with one where it must not be."""
    key = request.headers.get("apikey") or request.args.get("apikey", "")
    if not key:
        return _no("No API key found in request", "No `apikey` request header or url param was found.")
    if key not in (project.publishable_key, project.secret_key):
        return _no("Invalid API key", "Double check your Supabase `anon` or `service_role` API key.")
    if key.startswith("sb_secret_") and request.headers.get("User-Agent", "").startswith(_BROWSER):
        return _no("Forbidden use of secret API key in browser", "Secret API keys belong on servers.")
    token = bearer()
    if token.startswith("sb_") and token != key:
        return _no("Invalid JWT", "An API key is no JWT: it may only stand in Authorization when it equals `apikey`.")
    return None


def bearer() -> str:
    """The text in Authorization after `Bearer `."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def is_service(project: Project) -> bool:
    """Whether the call is made with the secret key and in no person's name."""
    return bearer() == project.secret_key


def person(project: Project) -> dict[str, Any]:
    """The claims of the person who calls; BadToken when the token is no person's."""
    token = bearer()
    if token in (project.publishable_key, project.secret_key):
        raise BadToken("missing sub claim")
    return project.claims(token)


def _no(message: str, hint: str) -> Response:
    answer = jsonify(message=message, hint=hint)
    answer.status_code = 401
    return answer
