"""A refusal of Supabase as a form shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil

from flask import Response, make_response
from flask.typing import ResponseReturnValue

from shared.errors import AccountRefused


def faults(refused: AccountRefused, fields: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """The message at the field that it is about, or at `form`; `fields` says how this form calls them."""
    return {(fields or {}).get(refused.place, refused.place): refused.message}


def retry_after(wait: timedelta) -> str:
    """The whole seconds of the wait as a header says them, at least 1."""
    return str(max(ceil(wait.total_seconds()), 1))


def with_wait(page: ResponseReturnValue, refused: AccountRefused) -> Response:
    """The page; with 429 and the time to wait where that is why."""
    return with_retry_after(page, refused.wait)


def with_retry_after(page: ResponseReturnValue, wait: timedelta | None) -> Response:
    """The page; with 429 and the time to wait where there is one."""
    response = make_response(page)
    if wait is not None:
        response.status_code = 429
        response.headers["Retry-After"] = retry_after(wait)
    return response
