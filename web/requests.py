"""One log line for each request: method, path without its query, status and time."""

from time import perf_counter

from flask import Flask, Response, g, request

from shared import logs

_log = logs.get("web.requests")


def log_each(app: Flask) -> None:
    """Writes `request_answered` after each request: reads that went well at DEBUG, everything else at INFO."""

    @app.before_request
    def start() -> None:
        g.started = perf_counter()

    @app.after_request
    def answered(response: Response) -> Response:
        started = g.get("started")
        write = _log.debug if request.method == "GET" and response.status_code < 400 else _log.info
        write(
            "request_answered",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=None if started is None else round((perf_counter() - started) * 1000, 1),
        )
        return response
