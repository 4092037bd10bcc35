"""Meta's signed requests: what the app's secret signed names its login, and nothing else does."""

import base64
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.meta.apps import MetaApp
from sandbox.meta.callbacks import signed_request
from sandbox.meta.hosts import Host
from worker.platforms.instagram_graph.signed_request import login_named_in

APP = MetaApp()
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(("host", "secret"), [(Host.FACEBOOK, APP.secret), (Host.INSTAGRAM, APP.instagram_secret)])
def test_what_the_login_of_a_secret_signed_names_its_id(host: Host, secret: str) -> None:
    signed = signed_request(APP, host, "1234004217", NOW)
    assert login_named_in(signed, secret) == "1234004217"
    assert login_named_in(signed, "another") is None


def test_neither_signature_nor_payload_may_be_another() -> None:
    mine, other = (signed_request(APP, Host.FACEBOOK, number, NOW) for number in ("1", "2"))
    mixed = f"{mine.partition('.')[0]}.{other.partition('.')[2]}"
    assert login_named_in(mixed, APP.secret) is None


@given(st.text())
def test_any_other_text_names_no_login(text: str) -> None:
    assert login_named_in(text, APP.secret) is None


@pytest.mark.parametrize("payload", ["[]", "{}", '{"algorithm": "HMAC-SHA256"}', '{"user_id": "1"}', "\\xff", "no"])
def test_a_signed_payload_of_another_form_names_no_login(payload: str) -> None:
    text = base64.urlsafe_b64encode(payload.encode()).rstrip(b"=").decode()
    signature = hmac.digest(APP.secret.encode(), text.encode(), "sha256")
    signed = f"{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}.{text}"
    assert login_named_in(signed, APP.secret) is None
