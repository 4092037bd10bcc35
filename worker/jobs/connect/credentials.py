"""Credentials: what a person entered, sealed by the web for one job and decrypted here, and the stored password."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from shared.domain.input.totp import normalise
from shared.vault import Purpose
from worker.jobs.base import JobContext
from worker.jobs.connect.sealed import unseal
from worker.platforms.login import LoginDetails
from worker.services import Services


@dataclass(frozen=True, slots=True)
class FormCredentials:
    """Username and password; `log_in_again` when they may be kept for the day the session ends."""

    details: LoginDetails
    log_in_again: bool = False


@dataclass(frozen=True, slots=True)
class CookieCredentials:
    """The cookies of the person's own browser, in the form of a storage state."""

    username: str
    cookies: list[dict[str, Any]] = field(repr=False)


def decrypt_credentials(ctx: JobContext, services: Services) -> FormCredentials | CookieCredentials:
    """What was sealed for this job; raises SecretsGone when it was erased, is too old or is not for this job."""
    return unseal(ctx, services, Purpose.LOGIN, _read)


def stored_text(details: LoginDetails) -> str:
    """Username and password as they are stored, before they are encrypted."""
    return json.dumps({"username": details.username, "password": details.password})


def stored_details(text: str, totp_secret: str | None) -> LoginDetails:
    """The details of a text that `stored_text` made."""
    known = json.loads(text)
    return LoginDetails(known["username"], known["password"], totp_secret)


def _read(entered: dict[str, Any]) -> FormCredentials | CookieCredentials:
    username = str(entered["username"])
    if "cookies" in entered:
        return CookieCredentials(username, [dict(cookie) for cookie in entered["cookies"]])
    totp_secret = normalise(entered["totp_secret"]) if entered.get("totp_secret") else None
    details = LoginDetails(username, str(entered["password"]), totp_secret)
    return FormCredentials(details, entered.get("log_in_again") is True)
