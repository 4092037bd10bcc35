"""Builds the hosted identity from the settings; only this module loads Supabase's libraries."""

from __future__ import annotations

import jwt
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.errors import ConfigError
from shared.settings import Settings
from web.auth.supabase.access_tokens import TokenCheck
from web.auth.supabase.client import GoTrue
from web.auth.supabase.identity import HostedIdentity
from web.auth.supabase.token_cipher import TokenSeal
from web.auth.supabase.token_refresh import HostedSessions

_TIMEOUT = 10.0


def hosted_identity(settings: Settings, pool: ConnectionPool[WebConnection], secret_key: str) -> HostedIdentity:
    """The identity of the project at SUPABASE_URL; raises ConfigError with the missing or wrong setting."""
    url, key, back = settings.supabase_url, settings.supabase_publishable_key, settings.public_url
    if url is None or key is None:
        missing = "SUPABASE_URL" if url is None else "SUPABASE_PUBLISHABLE_KEY"
        raise ConfigError(f"{missing} is not set, and people cannot sign in at Supabase without it.")
    if back is None:
        raise ConfigError(
            "PUBLIC_URL is not set; the links in Supabase's mails lead there, such as https://example.org"
        )
    if _is_secret(key):
        raise ConfigError("SUPABASE_PUBLISHABLE_KEY holds a secret key; the web takes the publishable (or `anon`) key.")
    auth = GoTrue(url, key, _TIMEOUT)
    check = TokenCheck(url, key, settings.supabase_jwt_secret, _TIMEOUT)
    sessions = HostedSessions(pool, auth, check, TokenSeal(secret_key))
    return HostedIdentity(auth, check, sessions, back)


def _is_secret(key: str) -> bool:
    if key.startswith("sb_"):
        return key.startswith("sb_secret_")
    try:
        # Only the key's kind is read; Supabase verifies the key itself.
        claims = jwt.decode(key, options={"verify_signature": False})
    except jwt.PyJWTError:
        return False
    return bool(claims.get("role") == "service_role")
