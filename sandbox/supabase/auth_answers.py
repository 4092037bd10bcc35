"""Auth's refusals: its error codes, in the two shapes that depend on the caller's API version (facts, F2)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

VERSION_HEADER = "X-Supabase-Api-Version"
VERSION = "2024-01-01"


class Refusal(Exception):
    """An answer with an error code; `reasons` are why a password is weak."""

    def __init__(self, status: int, code: str, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.reasons = status, code, message, reasons


class OAuthRefusal(Exception):
    """The answer to a request that names no grant, or lacks a part that its grant needs."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


def body() -> dict[str, Any]:
    """The request's JSON object; refused when it is anything else."""
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise Refusal(400, "bad_json", "Could not parse request body as JSON: unexpected end of JSON input")
    return given


def add_refusals(blueprint: Blueprint) -> None:
    """Lets the blueprint's views raise Refusal and OAuthRefusal."""
    blueprint.register_error_handler(Refusal, _refuse)
    blueprint.register_error_handler(OAuthRefusal, _refuse_oauth)
    blueprint.register_error_handler(HTTPException, _refuse_http)


def _refuse(refusal: Refusal) -> Response:
    known = request.headers.get(VERSION_HEADER, "") >= VERSION
    body: dict[str, Any] = (
        {"code": refusal.code, "message": refusal.message}
        if known
        else {"code": refusal.status, "error_code": refusal.code, "msg": refusal.message}
    )
    if refusal.reasons:
        body["weak_password"] = {"reasons": list(refusal.reasons)}
    answer = jsonify(body)
    answer.status_code = refusal.status
    answer.headers["x-sb-error-code"] = refusal.code
    if known:
        answer.headers[VERSION_HEADER] = VERSION
    return answer


def _refuse_oauth(refusal: OAuthRefusal) -> Response:
    answer = jsonify(error=refusal.error, error_description=refusal.description)
    answer.status_code = 400
    return answer


def _refuse_http(error: HTTPException) -> Response:
    if isinstance(error, NotFound | MethodNotAllowed):
        return Response("404 page not found", 404, content_type="text/plain")
    return _refuse(Refusal(error.code or 500, "unexpected_failure", error.name))
