"""Every error code has its sentence, and a limit says how long."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from supabase_auth.errors import ErrorCode

from web.auth.rate_limits import too_many
from web.auth.supabase.error_messages import ENDING, SAYINGS, refusal
from web.auth.supabase.form_errors import retry_after

FACTS = (
    "invalid_credentials",
    "email_not_confirmed",
    "refresh_token_not_found",
    "refresh_token_already_used",
    "session_expired",
    "session_not_found",
    "user_banned",
    "no_authorization",
    "bad_jwt",
    "user_already_exists",
    "weak_password",
    "over_request_rate_limit",
    "over_email_send_rate_limit",
)
# The codes of GoTrue 2.196, as its list of them has them.
CODES = Path(__file__).with_name("auth_codes.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("code", sorted({*FACTS, *get_args(ErrorCode)}))
def test_every_code_of_the_facts_and_of_the_client_has_its_sentence(code: str) -> None:
    said = refusal(code)
    assert said.reason == code
    assert re.fullmatch(r"[A-Z].*\.", said.sentence)
    assert code not in said.message


def test_what_ends_a_session_has_a_sentence() -> None:
    assert set(SAYINGS) >= ENDING


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_real_auth_is_known(code: str) -> None:
    assert code in SAYINGS
    assert code not in refusal(code).message


def test_a_code_that_nobody_knows_is_named_and_nothing_is_promised() -> None:
    said = refusal("brand_new_code").message
    assert "The sign-in service refused this (code brand_new_code)." in said
    assert "ry again" not in said
    assert "<" not in refusal("<script>").message
    assert "gave no readable reason" in refusal("").message


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("Unable to validate email address: invalid format", "email"),
        ("An email address is too long", "email"),
        ("Password cannot be longer than 72 characters", "new_password"),
        ("Code needs to be non-empty", "code"),
        ("something else", "form"),
    ],
)
def test_a_general_refusal_is_told_at_the_field_that_it_is_about(message: str, place: str) -> None:
    assert refusal("validation_failed", message).place == place


def test_nobody_is_told_to_wait_0_seconds() -> None:
    said = refusal("over_email_send_rate_limit", "For security purposes, you can only request this after 0 seconds.")
    assert (said.wait, "Wait 1 second," in said.message) == (timedelta(seconds=1), True)
    assert retry_after(timedelta(0)) == retry_after(timedelta(milliseconds=300)) == "1"
    assert "Wait 1 second," in too_many(timedelta(milliseconds=20))


@pytest.mark.parametrize(
    ("code", "message", "wait", "words"),
    [
        (
            "over_email_send_rate_limit",
            "For security purposes, you can only request this after 43 seconds.",
            43,
            "43 seconds",
        ),
        ("over_email_send_rate_limit", "email rate limit exceeded", 3600, "60 minutes"),
        ("over_request_rate_limit", "Request rate limit reached", 300, "5 minutes"),
    ],
)
def test_a_limit_says_how_long(code: str, message: str, wait: int, words: str) -> None:
    said = refusal(code, message)
    assert said.wait == timedelta(seconds=wait)
    assert f"Wait {words}" in said.message


def test_a_weak_password_says_why() -> None:
    told = refusal("weak_password", "", ("length", "pwned")).message
    assert "too short" in told
    assert "leaked" in told
