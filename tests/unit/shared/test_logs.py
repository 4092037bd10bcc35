"""Secrets never reach a log line."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import logs

SECRET_NAMES = [
    "password", "new_password", "totp_secret", "secret", "token", "csrf_token", "cookie", "cookies", "sessionid",
    "session_id", "code", "security_code", "authorization", "sealed", "sealed_input", "storage_state", "api_key",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_field_with_a_secret_name_is_redacted(name: str) -> None:
    assert logs.redact("canary", name) == "[redacted]"
    assert "canary" not in json.dumps(logs.redact({"outer": [{name: "canary"}]}))


@pytest.mark.parametrize("name", ["error_code", "exit_code", "status_code", "username", "job_id", "barcode_count"])
def test_a_harmless_field_is_kept(name: str) -> None:
    assert logs.redact("kept", name) == "kept"


@given(st.text(alphabet="abcdefghij0123456789", min_size=8, max_size=20))
def test_a_url_loses_its_query_and_its_login(canary: str) -> None:
    line = (
        f"went to https://www.example.org/auth_platform/?apc={canary} and postgresql://me:{canary}@db:5432/x?p={canary}"
    )
    shown = str(logs.redact(line))
    assert canary not in shown
    assert "https://www.example.org/auth_platform/" in shown


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_line_carries_its_event_and_no_secret(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.configure("INFO", style, process="test")
        logs.get("tests").info("job_claimed", job_id="42", password="canary", body=b"canary")
        logging.getLogger("library").warning("GET http://127.0.0.1/x?token=canary")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    written = capsys.readouterr().err
    assert "job_claimed" in written
    assert "42" in written
    assert "http://127.0.0.1/x" in written
    assert "canary" not in written
    if style == "json":
        assert json.loads(written.splitlines()[0])["event"] == "job_claimed"
