"""Tokens are accepted only if the project's current keys signed them, for us, in time."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.supabase.auth_state import AuthConfig
from sandbox.supabase.project import KeyKind, Project
from sandbox.supabase.server import Running, start
from shared.errors import AccountError, AccountRefused, AccountsAway
from web.auth.supabase.access_tokens import TokenCheck

DORA = uuid4()


@pytest.fixture
def running() -> Iterator[Running]:
    made = start(Project(), AuthConfig())
    yield made
    made.stop()


def _check(running: Running, cooldown: float = 30) -> TokenCheck:
    project = running.project
    secret = project.jwt_secret if project.kind is KeyKind.LEGACY else None
    return TokenCheck(running.url, project.publishable_key, secret, 5, cooldown)


def _token(running: Running) -> str:
    return running.project.token(DORA, uuid4(), {"email": "dora@example.org"})


def _claims(running: Running, **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    told = {
        "iss": f"{running.url}/auth/v1",
        "aud": "authenticated",
        "sub": str(DORA),
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def _fetches(running: Running) -> int:
    return running.auth.calls.count("GET /auth/v1/.well-known/jwks.json")


def test_a_genuine_token_says_whose_it_is_and_keys_are_fetched_once(running: Running) -> None:
    check = _check(running)
    assert [check.user_id(_token(running)) for _ in range(3)] == [DORA] * 3
    assert _fetches(running) == 1


def test_a_rotated_key_is_fetched_when_it_is_first_met(running: Running) -> None:
    check = _check(running, cooldown=0)
    before = _token(running)
    check.user_id(before)
    running.project.rotate()
    assert check.user_id(_token(running)) == DORA
    assert check.user_id(before) == DORA, "the earlier key is still published"
    assert _fetches(running) == 2
    running.project.revoke_earlier_keys()
    assert _check(running).user_id(_token(running)) == DORA
    with pytest.raises(AccountError):
        _check(running).user_id(before)


def test_made_up_keys_do_not_make_us_fetch_again_and_again(running: Running) -> None:
    check = _check(running)
    check.user_id(_token(running))
    key = ec.generate_private_key(ec.SECP256R1())
    for number in range(5):
        with pytest.raises(AccountError):
            check.user_id(jwt.encode(_claims(running), key, "ES256", {"kid": f"made-up-{number}"}))
    assert _fetches(running) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "anon"},
        {"aud": None},
        {"iss": "https://evil.example.org/auth/v1"},
        {"iss": None},
        {"exp": datetime(2026, 1, 1, tzinfo=UTC)},
        {"exp": None},
        {"sub": "nobody"},
        {"sub": None},
        {"iat": datetime(2126, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", list(KeyKind))
def test_wrong_claims_are_refused(kind: KeyKind, changes: dict[str, Any]) -> None:
    running = start(Project(kind), AuthConfig())
    try:
        assert _check(running).user_id(_signed(running, {})) == DORA
        with pytest.raises(AccountRefused):
            _check(running).user_id(_signed(running, changes))
    finally:
        running.stop()


def _signed(running: Running, changes: dict[str, Any]) -> str:
    project, told = running.project, _claims(running, **changes)
    if project.kind is KeyKind.LEGACY:
        return jwt.encode(told, project.jwt_secret, "HS256")
    kid, key = project._signing[0]
    return jwt.encode(told, key, "ES256", {"kid": kid})


def test_no_algorithm_and_the_public_key_as_a_secret_are_refused(running: Running) -> None:
    check = _check(running)
    kid, key = running.project._signing[0]
    told = _claims(running)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for token in (
        _by_hand({"alg": "none", "kid": kid}, told, b""),
        _by_hand({"alg": "HS256", "kid": kid}, told, public),
        jwt.encode(told, ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": kid}),
        _token(running)[:-2] + "xx",
        "no token",
    ):
        with pytest.raises(AccountRefused):
            check.user_id(token)


def _by_hand(header: dict[str, str], told: dict[str, Any], secret: bytes) -> str:
    """A token that PyJWT would not make."""
    claims = {name: int(value.timestamp()) if isinstance(value, datetime) else value for name, value in told.items()}
    signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims))
    mac = hmac.digest(secret, signed, "sha256") if secret else b""
    return (signed + b"." + urlsafe_b64encode(mac).rstrip(b"=")).decode()


def test_a_legacy_project_needs_its_secret_and_takes_no_other_algorithm() -> None:
    running = start(Project(KeyKind.LEGACY), AuthConfig())
    try:
        assert _check(running).user_id(_token(running)) == DORA
        without = TokenCheck(running.url, running.project.publishable_key, None, 5)
        with pytest.raises(AccountsAway, match="SUPABASE_JWT_SECRET"):
            without.user_id(_token(running))
        foreign = jwt.encode(_claims(running), ec.generate_private_key(ec.SECP256R1()), "ES256")
        with pytest.raises(AccountRefused):
            _check(running).user_id(foreign)
    finally:
        running.stop()


def test_a_project_moves_from_its_secret_to_keys_and_nobody_is_turned_away() -> None:
    running = start(Project(KeyKind.LEGACY), AuthConfig())
    project = running.project
    try:
        check = TokenCheck(running.url, project.publishable_key, project.jwt_secret, 5, cooldown=0)
        by_secret = _token(running)
        project.stand_by()
        assert check.user_id(_token(running)) == DORA, "the key stands by, the secret signs"
        project.move_to_keys()
        by_key = _token(running)
        assert jwt.get_unverified_header(by_key)["alg"] == "ES256"
        assert [check.user_id(token) for token in (by_secret, by_key)] == [DORA] * 2, "both are good for a while"
        project.rotate()
        assert check.user_id(_token(running)) == DORA
        for forged in (
            jwt.encode(_claims(running), "another secret" * 4, "HS256"),
            jwt.encode(_claims(running), ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": "made-up"}),
            _by_hand({"alg": "HS256", "kid": jwt.get_unverified_header(by_key)["kid"]}, _claims(running), b"x"),
        ):
            with pytest.raises(AccountError):
                check.user_id(forged)
    finally:
        running.stop()


def test_a_missing_secret_is_said_also_where_a_key_stands_by() -> None:
    running = start(Project(KeyKind.LEGACY), AuthConfig())
    try:
        for stands_by in (False, True):
            running.project.publishes_keys = stands_by
            without = TokenCheck(running.url, running.project.publishable_key, None, 5, cooldown=0)
            with pytest.raises(AccountsAway, match="SUPABASE_JWT_SECRET"):
                without.fresh(_token(running))
        with pytest.raises(AccountRefused):
            without.user_id(jwt.encode(_claims(running), "made up" * 8, "HS256"))
    finally:
        running.stop()


def test_keys_that_cannot_be_fetched_are_no_verdict_on_the_token(running: Running) -> None:
    token = _token(running)
    running.auth.away = True
    with pytest.raises(AccountsAway):
        _check(running).user_id(token)


def test_the_id_is_a_uuid(running: Running) -> None:
    assert isinstance(_check(running).user_id(_token(running)), UUID)
