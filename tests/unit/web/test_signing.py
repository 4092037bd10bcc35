"""The form cookie is readable by no one but the web, and links are signed with SHA-256."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask, session
from itsdangerous import BadSignature
from itsdangerous.encoding import base64_decode

from web.auth.signing import SealedCookie, SealedSessions
from web.exports import download_links
from web.exports.download_links import Link

SECRET = "s" * 40


def app(secret: str = SECRET) -> Flask:
    made = Flask("signing")
    made.secret_key = secret
    made.session_interface = SealedSessions()

    @made.get("/put")
    def put() -> str:
        session.permanent = True
        session["mail_for"] = "canary@example.org"
        session["link_verifiers"] = {"reset": "canary-verifier"}
        return "put"

    @made.get("/get")
    def get() -> str:
        return str(session.get("mail_for"))

    return made


def test_the_cookie_holds_neither_address_nor_verifier_in_the_clear() -> None:
    client = app().test_client()
    client.get("/put")
    cookie = client.get_cookie("session")
    assert cookie is not None
    pieces = [cookie.value, *cookie.value.split(".")]
    shown = b"".join(base64_decode(piece + "=" * (-len(piece) % 4)) for piece in pieces if piece.isascii())
    assert b"canary" not in shown
    assert "canary" not in cookie.value
    assert client.get("/get").text == "canary@example.org"


@pytest.mark.parametrize("secret", ["t" * 40])
def test_another_key_or_a_changed_cookie_is_an_empty_session(secret: str) -> None:
    client = app().test_client()
    client.get("/put")
    cookie = client.get_cookie("session")
    assert cookie is not None
    other = app(secret).test_client()
    other.set_cookie("session", cookie.value)
    assert other.get("/get").text == "None"
    for at in (0, 20, len(cookie.value) // 2, len(cookie.value) - 5):
        sign = "A" if cookie.value[at] != "A" else "B"
        client.set_cookie("session", cookie.value[:at] + sign + cookie.value[at + 1 :])
        assert client.get("/get").text == "None"


def test_a_cookie_of_an_earlier_version_is_an_empty_session_and_no_error() -> None:
    old = Flask("old")
    old.secret_key = SECRET
    serializer = old.session_interface.get_signing_serializer(old)  # type: ignore[attr-defined]
    client = app().test_client()
    client.set_cookie("session", serializer.dumps({"mail_for": "x"}))
    assert client.get("/get").text == "None"


def test_a_cookie_ends_with_its_time() -> None:
    sealed = SealedCookie(SECRET)
    with pytest.raises(BadSignature):
        sealed.loads(sealed.dumps({"a": 1}), max_age=-1)


def test_a_link_is_signed_with_sha_256() -> None:
    export, user, now = uuid4(), uuid4(), datetime.now(UTC)
    token = download_links.sign(SECRET, export, user, now + timedelta(minutes=5))
    body, _, signature = token.rpartition(".")
    assert len(base64_decode(signature)) == 32
    key = hashlib.sha256(b"export downloadsigner" + SECRET.encode()).digest()
    assert hmac.new(key, body.encode(), hashlib.sha256).digest() == base64_decode(signature)
    assert download_links.read(SECRET, token, export, user, now) is Link.GOOD
