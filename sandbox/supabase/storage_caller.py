"""The caller of Storage: a key's role, or the person of an access token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from werkzeug.datastructures import Headers

from sandbox.supabase.project import BadToken, KeyKind, Project
from sandbox.supabase.storage_errors import Refused, denied, invalid


class Role(StrEnum):
    ANON = "anon"
    PERSON = "authenticated"
    SERVICE = "service_role"


@dataclass(frozen=True, slots=True)
class Caller:
    """`user_id` is the person's, None for a key alone."""

    role: Role
    user_id: str | None = None


class WrongKey(Exception):
    """The gateway's refusal, HTTP 401: Storage never sees the request."""

    def __init__(self, message: str, hint: str) -> None:
        self.message, self.hint = message, hint
        super().__init__(message)


def caller(project: Project, headers: Headers) -> Caller:
    """Raises WrongKey for a key that is not the project's, Refused for an Authorization that Storage does not take."""
    key, authorization = headers.get("apikey"), headers.get("Authorization")
    roles = {project.publishable_key: Role.ANON, project.secret_key: Role.SERVICE}
    _admit(project, key, roles, headers.get("User-Agent", ""))
    if authorization is None:
        raise invalid("headers must have required property 'authorization'")
    bearer = authorization.removeprefix("Bearer ")
    # A new key is no token: it stands for its role only where the gateway finds it under both names.
    if bearer in roles and (project.kind is KeyKind.LEGACY or bearer == key):
        return Caller(roles[bearer])
    return _person(project, bearer)


def _admit(project: Project, key: str | None, roles: dict[str, Role], agent: str) -> None:
    if key is not None and key not in roles:
        raise WrongKey("Invalid API key", "Double check your Supabase `anon` or `service_role` API key.")
    if key == project.secret_key and project.kind is KeyKind.NEW and agent.startswith("Mozilla/"):
        raise WrongKey("Forbidden use of secret API key in browser", "Secret API keys can only be used on a server.")


def _person(project: Project, token: str) -> Caller:
    if token.count(".") != 2:
        raise denied("Invalid Compact JWS")
    try:
        return Caller(Role.PERSON, str(project.claims(token)["sub"]))
    except BadToken as error:
        raise _refusal(error) from None


def _refusal(error: BadToken) -> Refused:
    expired = str(error) == "token is expired"
    return denied('"exp" claim timestamp check failed' if expired else "signature verification failed")
