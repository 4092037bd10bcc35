"""Shows a refusal of Supabase in a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil

from flask import Response, make_response
from flask.typing import ResponseReturnValue

from shared.errors import AccountRefused
from web.translation import translate


def faults(refused: AccountRefused, fields: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """The message at its field, or at `form`; `fields` maps Auth's names to this form's."""
    return {(fields or {}).get(refused.place, refused.place): translate(refused.message)}


def retry_after(wait: timedelta) -> str:
    """The wait in whole seconds for a header, at least 1."""
    return str(max(ceil(wait.total_seconds()), 1))


def with_wait(page: ResponseReturnValue, refused: AccountRefused) -> Response:
    """The page; with 429 and the wait where that is the reason."""
    return with_retry_after(page, refused.wait)


def with_retry_after(page: ResponseReturnValue, wait: timedelta | None) -> Response:
    """The page; with 429 and the wait where there is one."""
    response = make_response(page)
    if wait is not None:
        response.status_code = 429
        response.headers["Retry-After"] = retry_after(wait)
    return response
