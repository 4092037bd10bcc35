"""Logs one line per request: method, path without its query, status and time; and the id that leads to the rest."""

import re
from secrets import token_hex
from time import perf_counter

import structlog
from flask import Flask, Response, g, request

from shared import logs
from web.services import services

_log = logs.get("web.http.request_log")
_HEADER = "X-Request-Id"
_VALID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


def log_each(app: Flask) -> None:
    """Writes `request_answered` after each request: successful reads at DEBUG, everything else at INFO.

    Each line of the request carries its `request_id`, and so do the answer's header and the jobs that it enqueues.
    """

    @app.before_request
    def start() -> None:
        g.started = perf_counter()
        g.request_id = _id_of_proxy() or token_hex(16)
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def answered(response: Response) -> Response:
        started = g.get("started")
        if "request_id" in g:
            response.headers[_HEADER] = g.request_id
        write = _log.debug if request.method == "GET" and response.status_code < 400 else _log.info
        write(
            "request_answered",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=None if started is None else round((perf_counter() - started) * 1000, 1),
        )
        return response

    @app.teardown_request
    def done(_: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars("request_id")


def _id_of_proxy() -> str | None:
    """The id that a trusted proxy gave the request; None without a trusted proxy or in another form."""
    given = request.headers.get(_HEADER, "") if services().settings.trusted_proxies else ""
    return given if _VALID.fullmatch(given) else None
