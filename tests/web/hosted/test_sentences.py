"""Every error code has its sentence, and a limit says how long."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import get_args

import pytest
from supabase_auth.errors import ErrorCode

from web.hosted.sentences import ENDING, SAYINGS, refusal

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


@pytest.mark.parametrize("code", sorted({*FACTS, *get_args(ErrorCode)}))
def test_every_code_of_the_facts_and_of_the_client_has_its_sentence(code: str) -> None:
    said = refusal(code)
    assert said.reason == code
    assert re.fullmatch(r"[A-Z].*\.", said.sentence)
    assert code not in said.message


def test_what_ends_a_session_has_a_sentence() -> None:
    assert set(SAYINGS) >= ENDING


def test_a_code_that_nobody_knows_is_a_fault_of_the_service() -> None:
    assert "fault of its own" in refusal("brand_new_code").message


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
