"""A provider: whoever shows the consent page of an official API, as the web needs to know it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit


class Authorize(Protocol):
    """Builds the address of a consent page."""

    def __call__(self, base: str, client_id: str, redirect_uri: str, state: str, challenge: str) -> str: ...


def s256(verifier: str) -> str:
    """The challenge of RFC 7636: the verifier's SHA-256 as base64url without padding."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`name` stands in addresses, `label` is what people read; `scopes` are asked for.

    Without the scopes in `required` nothing can be read; `scope_words` says what each scope shows. `challenge` makes
    the challenge of a verifier (PKCE). `permissions_url` is the page where a person ends the access at the provider;
    `app_url` where an operator makes the app, and `app_settings` are the settings that hold it. `takes_http_at` are the
    hosts for which the provider takes a redirect address without TLS. From `refresh_before` the end of a grant on it is
    renewed, where the provider lets it end at all. `needs` says what an account has to have beside the login, where a
    provider of the same platform does without it. `calls_back` says whether the provider posts by itself that a person
    removed the app, or wants their data deleted.
    """

    name: str
    label: str
    scopes: tuple[str, ...]
    authorize: Authorize
    permissions_url: str
    app_url: str
    app_settings: tuple[str, ...]
    required: frozenset[str] = frozenset()
    scope_words: Mapping[str, str] = field(default_factory=dict)
    challenge: Callable[[str], str] = s256
    refresh_before: timedelta = timedelta(days=20)
    takes_http_at: frozenset[str] = frozenset({"localhost", "127.0.0.1"})
    needs: str = ""
    calls_back: bool = False

    def redirect_uri(self, base: str) -> str:
        """The address that the consent page leads back to, below the installation's own one."""
        return f"{base}/api/auth/{self.name}/callback"

    def takes(self, redirect_uri: str) -> bool:
        """Whether a redirect address of this kind may be entered at the provider."""
        target = urlsplit(redirect_uri)
        return target.scheme == "https" or target.hostname in self.takes_http_at

    def missing(self, granted: Collection[str]) -> tuple[str, ...]:
        """The scopes that were asked for and not given, in the order of asking."""
        return tuple(scope for scope in self.scopes if scope not in granted)
