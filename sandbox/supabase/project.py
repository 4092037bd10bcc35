"""The part that Auth and Storage of one project share: keys, clock, and the tokens of signed-in people."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from jwt.algorithms import ECAlgorithm

AUDIENCE = "authenticated"
_CURVE = ec.SECP256R1()


class KeyKind(StrEnum):
    """The form of the project's keys: `sb_…` strings, or the older JWTs that are signed with the JWT secret."""

    NEW = "new"
    LEGACY = "legacy"


class BadToken(Exception):
    """A token that this project did not make, or that is over; its text says why."""


@dataclass
class Project:
    """One project. Its server sets `url`. Legacy keys begin with HS256, as on old projects."""

    kind: KeyKind = KeyKind.NEW
    url: str = ""
    jwt_seconds: int = 3600
    jwt_secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    publishes_keys: bool = field(init=False)
    signs_by_secret: bool = field(init=False)
    secret_is_valid: bool = field(init=False)
    _ahead: timedelta = timedelta(0)
    _signing: list[tuple[str, EllipticCurvePrivateKey]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.rotate()
        new = self.kind is KeyKind.NEW
        self.publishes_keys, self.signs_by_secret, self.secret_is_valid = new, not new, not new
        self.publishable_key = f"sb_publishable_{secrets.token_urlsafe(24)}" if new else self._legacy_key("anon")
        self.secret_key = f"sb_secret_{secrets.token_urlsafe(24)}" if new else self._legacy_key("service_role")

    @property
    def now(self) -> datetime:
        """The project's time: the machine's and what was added by `advance`."""
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Lets time pass for this project."""
        self._ahead += by

    def rotate(self) -> None:
        """A new signing key in front; tokens of the earlier ones stay good."""
        with self.lock:
            self._signing.insert(0, (str(uuid4()), ec.generate_private_key(_CURVE)))

    def stand_by(self) -> None:
        """A legacy project publishes a signing key that it does not sign with yet."""
        self.publishes_keys = True

    def move_to_keys(self) -> None:
        """Signs with the key from now on; what the secret signed stays good until `revoke_secret`."""
        self.publishes_keys, self.signs_by_secret = True, False

    def revoke_secret(self) -> None:
        """Nothing that the secret signed is good any more."""
        self.secret_is_valid = False

    def revoke_earlier_keys(self) -> None:
        """Only the newest signing key is known from now on."""
        with self.lock:
            del self._signing[1:]

    def jwks(self) -> dict[str, Any]:
        """The public signing keys; none on a project that has only its secret."""
        if not self.publishes_keys:
            return {"keys": []}
        more = {"alg": "ES256", "use": "sig", "key_ops": ["verify"], "ext": True}
        keys = [ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid} | more for kid, key in self._signing]
        return {"keys": keys}

    def token(self, user_id: UUID, session_id: UUID, claims: Mapping[str, Any]) -> str:
        """An access token of a person's session; `claims` are what it says besides (email, app_metadata, …)."""
        now = self.now
        payload = dict(claims) | {
            "iss": f"{self.url}/auth/v1",
            "sub": str(user_id),
            "aud": AUDIENCE,
            "role": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=self.jwt_seconds)).timestamp()),
            "session_id": str(session_id),
        }
        if self.signs_by_secret:
            return jwt.encode(payload, self.jwt_secret, "HS256")
        kid, key = self._signing[0]
        return jwt.encode(payload, key, "ES256", {"kid": kid})

    def claims(self, token: str) -> dict[str, Any]:
        """The contents of a person's access token; raises BadToken for any other string, and for an expired one."""
        try:
            key = self._key_for(token)
            algorithm = "HS256" if isinstance(key, str) else "ES256"
            payload: dict[str, Any] = jwt.decode(
                token, key, [algorithm], {"verify_exp": False, "verify_iat": False}, audience=AUDIENCE
            )
        except jwt.PyJWTError as error:
            raise BadToken(str(error)) from None
        if int(payload["exp"]) <= self.now.timestamp():
            raise BadToken("token is expired")
        return payload

    def _key_for(self, token: str) -> EllipticCurvePublicKey | str:
        header = jwt.get_unverified_header(token)
        if self.secret_is_valid and header.get("alg") == "HS256":
            return self.jwt_secret
        for kid, key in self._signing:
            if self.publishes_keys and kid == header.get("kid"):
                return key.public_key()
        raise BadToken("unrecognized JWT kid")

    def _legacy_key(self, role: str) -> str:
        return jwt.encode({"iss": "supabase", "ref": "sandbox", "role": role, "exp": 2**31}, self.jwt_secret, "HS256")
