"""Judges an answer of the Display API: the code in its envelope makes the typed error of what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from shared.errors import (
    AccessRevoked,
    JobError,
    PermissionMissing,
    SiteFailed,
    Throttled,
    UnexpectedAnswer,
)
from worker.platforms.http_api import Answer, Json
from worker.platforms.json_fields import child

# TikTok counts the calls of one minute, and names no time in its answer.
_WINDOW = timedelta(minutes=1)


class TokenRefused(AccessRevoked):
    """The access token is not accepted; it is exchanged once, and only then is the access over."""


def _throttled(answer: Answer) -> JobError:
    return Throttled(until=answer.retry_at or datetime.now(UTC) + _WINDOW)


_ERRORS: Mapping[str, Callable[[Answer], JobError]] = {
    "access_token_invalid": lambda _: TokenRefused(),
    "scope_not_authorized": lambda _: PermissionMissing(),
    "scope_permission_missed": lambda _: PermissionMissing(),
    "invalid_params": lambda _: UnexpectedAnswer("TikTok refuses a call that Rollcall makes of every account."),
    "rate_limit_exceeded": _throttled,
    "internal_error": lambda _: SiteFailed(),
}
"""TikTok's codes; one that is not among them is judged by the status of its answer."""


def data_or_raise(answer: Answer) -> Json:
    """The `data` of an answer that is not a refusal; an answer may come without its envelope of success.

    Raises the typed error of a refusal.
    """
    if answer.status != 200 or code_of(answer) not in (None, "ok"):
        raise error_of(answer)
    if answer.body is None or not isinstance(answer.body.get("data"), dict):
        raise UnexpectedAnswer("TikTok's answer lacks `data`.")
    return child(answer.body, "data")


def error_of(answer: Answer) -> JobError:
    """The error of a refusal, by TikTok's code first and by its status where the code is not known."""
    return _ERRORS.get(code_of(answer) or "", _by_status)(answer)


def code_of(answer: Answer) -> str | None:
    """The code in the envelope, or the flat word in its place; None where the answer has neither."""
    error = None if answer.body is None else answer.body.get("error")
    code = error.get("code") if isinstance(error, dict) else error
    return code if isinstance(code, str) and code else None


def _by_status(answer: Answer) -> JobError:
    match answer.status:
        case 401:
            return TokenRefused()
        case 403:
            return PermissionMissing().as_variant("refused")
        case 429:
            return _throttled(answer)
        case status:
            return SiteFailed() if status >= 500 else UnexpectedAnswer()
