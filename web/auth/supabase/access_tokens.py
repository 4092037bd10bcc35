"""Verifies access tokens of Supabase: signature, algorithm, issuer, audience and time."""

from __future__ import annotations

from uuid import UUID

import jwt
from jwt.types import Options

from shared import logs
from shared.errors import AccountRefused, AccountsAway
from web.auth.supabase.error_messages import refusal

_log = logs.get("web.auth.supabase.access_tokens")
_AUDIENCE = "authenticated"
_PUBLIC = ["ES256", "RS256"]
_SECRET = ["HS256"]
_CLOCKS_APART = 30
_OPTIONS: Options = {"require": ["exp", "iat", "sub", "aud", "iss"]}


class TokenCheck:
    """Accepts tokens of the project's public keys, and with `secret` also tokens signed with this secret.

    Both are valid at once, so that a project may move from one to the other. The token's algorithm decides which of
    them must fit, and neither is ever used for the other's. Keys are kept for ten minutes; a token with an unknown key
    fetches them again, at most twice a minute.
    """

    def __init__(self, url: str, key: str, secret: str | None, timeout: float, cooldown: float = 30) -> None:
        self._issuer = f"{url}/auth/v1"
        self._secret = secret
        self._keys = jwt.PyJWKClient(
            f"{self._issuer}/.well-known/jwks.json",
            lifespan=600,
            headers={"apikey": key},
            timeout=timeout,
            cooldown_duration=cooldown,
        )

    def fresh(self, token: str) -> UUID:
        """The user of a token that Supabase has just returned: if it is bad, the person is not at fault."""
        try:
            return self.user_id(token)
        except AccountRefused:
            if self._secret is None and _algorithm(token) in _SECRET:
                raise _secret_missing() from None
            raise AccountsAway(
                "The answer of the sign-in service did not pass the check.",
                next_step="Whoever runs this installation: compare its clock, SUPABASE_URL and SUPABASE_JWT_SECRET.",
            ) from None

    def user_id(self, token: str) -> UUID:
        """The user of a token. AccountRefused for a bad one, AccountsAway when the keys cannot be fetched."""
        try:
            key, algorithms = self._key_for(token)
            claims = jwt.decode(
                token, key, algorithms, _OPTIONS, audience=_AUDIENCE, issuer=self._issuer, leeway=_CLOCKS_APART
            )
            return UUID(claims["sub"])
        except jwt.PyJWKClientConnectionError:
            raise AccountsAway from None
        except jwt.PyJWKSetError:
            if self._secret is not None:
                _log.warning("token_refused", error="no public keys")
                raise refusal("bad_jwt") from None
            raise _secret_missing() from None
        except jwt.PyJWKClientError:
            # The key may be brand new; the session must not end for it.
            _log.warning("signing_key_unknown")
            raise AccountsAway from None
        except (jwt.PyJWTError, ValueError) as error:
            _log.warning("token_refused", error=type(error).__name__)
            raise refusal("bad_jwt") from None

    def _key_for(self, token: str) -> tuple[jwt.PyJWK | str, list[str]]:
        if _algorithm(token) not in _SECRET:
            return self._keys.get_signing_key_from_jwt(token), _PUBLIC
        if self._secret is not None:
            return self._secret, _SECRET
        # With public keys, a token signed by the secret may be forged; without any, the secret is the project's way.
        self._keys.get_jwk_set()
        raise jwt.InvalidAlgorithmError("signed by a secret that is not set")


def _algorithm(token: str) -> str:
    try:
        return str(jwt.get_unverified_header(token).get("alg"))
    except jwt.PyJWTError:
        return ""


def _secret_missing() -> AccountsAway:
    _log.error("secret_missing", hint="a project that signs with its secret needs SUPABASE_JWT_SECRET")
    return AccountsAway(
        "The project signs with its JWT secret (HS256), which this installation was not given.",
        next_step="Whoever runs this installation has to set SUPABASE_JWT_SECRET. Nothing is lost: sign in afterwards.",
    )
