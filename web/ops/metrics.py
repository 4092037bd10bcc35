"""`GET /metrics`, where METRICS_TOKEN or METRICS_PORT is set; nothing is measured without either."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, current_app, request

from web.services import services

_KEY = "rollcall_metrics"


def add_to(app: Flask) -> None:
    """Measures each request; with a token the pages' own port answers `/metrics` too."""
    settings = app.extensions["rollcall"].settings
    if settings.metrics_token is None and settings.metrics_port is None:
        return
    from web.ops.collectors import registry_of

    app.extensions[_KEY] = registry_of(app)
    if settings.metrics_token is not None:
        app.add_url_rule("/metrics", "metrics", _answer, methods=["GET"])


@contextmanager
def private_port(app: Flask) -> Iterator[None]:
    """Serves the same on METRICS_PORT during the block, if there is one."""
    if _KEY not in app.extensions:
        yield
        return
    from shared.telemetry.metrics import serving

    with serving(app.extensions[_KEY], app.extensions["rollcall"].settings):
        yield


def _answer() -> Response:
    from shared.telemetry.metrics import show

    given, accept = request.headers.get("Authorization", ""), request.headers.get("Accept", "")
    shown = show(current_app.extensions[_KEY], services().settings.metrics_token, given, accept)
    return Response(shown.body, shown.status, shown.headers)
