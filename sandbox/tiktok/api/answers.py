"""The shapes of answers: data beside an error object, which says ``ok`` where nothing is wrong."""

import json
import secrets
from dataclasses import dataclass

from flask import Response

from sandbox.tiktok.faults import FaultKind, Where
from sandbox.tiktok.site import site

Json = dict[str, object]


@dataclass
class ApiError(Exception):
    """A refusal."""

    code: str
    message: str
    status: int = 400


ERRORS: dict[str, ApiError] = {
    error.code: error
    for error in (
        ApiError("access_token_invalid", "The access token is invalid or not found in the request.", 401),
        ApiError("scope_not_authorized", "The user did not authorize the scope required for this request.", 401),
        ApiError("scope_permission_missed", "The app lacks a scope for one of the fields that are asked for.", 400),
        ApiError("invalid_params", "One or more fields in the request are invalid.", 400),
        ApiError("rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.", 429),
        ApiError("internal_error", "Something is wrong. Please try again later.", 500),
    )
}
"""Every error of the table, by its code."""


def error(code: str, message: str | None = None) -> ApiError:
    """Return a refusal by its code."""
    known = ERRORS[code]
    return ApiError(code, message or known.message, known.status)


def reply(body: Json, status: int = 200) -> Response:
    """Return ``body`` as JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=utf-8")


def found(data: Json, where: Where) -> Response:
    """Return data with the error object of success, which is left out now and then."""
    if site().faults.take(FaultKind.NO_ENVELOPE, where):
        return reply({"data": data})
    return reply({"data": data, "error": {"code": "ok", "message": "", "log_id": log_id()}})


def refuse(refusal: ApiError) -> Response:
    """Return an error; there is an empty data object beside it."""
    body = {"code": refusal.code, "message": refusal.message, "log_id": log_id()}
    return reply({"data": {}, "error": body}, refusal.status)


def log_id() -> str:
    """Return the id under which TikTok finds a request again."""
    return f"{site().now:%Y%m%d%H%M%S}{secrets.token_hex(9).upper()}"
