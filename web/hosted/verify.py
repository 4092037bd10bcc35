"""Whether a token is what Supabase made for one of its people: signature, algorithm, issuer, audience and time."""

from __future__ import annotations

from uuid import UUID

import jwt
from jwt.types import Options

from shared import logs
from shared.errors import AccountRefused, AccountsAway
from web.hosted.sentences import refusal

_log = logs.get("web.hosted.verify")
_AUDIENCE = "authenticated"
_PUBLIC = ["ES256", "RS256"]
_SECRET = ["HS256"]
_CLOCKS_APART = 30
_OPTIONS: Options = {"require": ["exp", "iat", "sub", "aud", "iss"]}


class TokenCheck:
    """With `secret` the tokens of a legacy project, else those that the project's public keys fit.

    Keys are kept for ten minutes; a token with an unknown key fetches them anew, at most twice a minute.
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
        """Whose token it is that Supabase answered a moment ago: if it is bad, the fault is not the person's."""
        try:
            return self.user_id(token)
        except AccountRefused:
            raise AccountsAway(
                "What came back from where accounts are kept did not stand the check.",
                next_step="Whoever runs this installation: compare its clock, SUPABASE_URL and SUPABASE_JWT_SECRET.",
            ) from None

    def user_id(self, token: str) -> UUID:
        """Whose token it is. AccountRefused for a bad one, AccountsAway when the keys cannot be fetched."""
        try:
            key, algorithms = self._key_for(token)
            told = jwt.decode(
                token, key, algorithms, _OPTIONS, audience=_AUDIENCE, issuer=self._issuer, leeway=_CLOCKS_APART
            )
            return UUID(told["sub"])
        except jwt.PyJWKClientConnectionError:
            raise AccountsAway from None
        except jwt.PyJWKSetError:
            _log.error("no_public_keys", hint="a project that signs with its secret needs SUPABASE_JWT_SECRET")
            raise AccountsAway(
                "The project's public signing keys are empty: it signs with its JWT secret.",
                next_step="Whoever runs this installation has to set SUPABASE_JWT_SECRET.",
            ) from None
        except jwt.PyJWKClientError:
            # A key that came into use this moment; the session must not end for it.
            _log.warning("signing_key_unknown")
            raise AccountsAway from None
        except (jwt.PyJWTError, ValueError) as error:
            _log.warning("token_refused", error=type(error).__name__)
            raise refusal("bad_jwt") from None

    def _key_for(self, token: str) -> tuple[jwt.PyJWK | str, list[str]]:
        if self._secret is not None:
            return self._secret, _SECRET
        return self._keys.get_signing_key_from_jwt(token), _PUBLIC
