"""Serves a process's metrics: one registry of its own, behind a token, on a port of its own, or both.

Imported only where METRICS_TOKEN or METRICS_PORT is set.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from shared import logs
from shared.errors import ConfigError
from shared.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/metrics"
# Buckets from a page of a few milliseconds to a walk of days.
SHORT_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LONG_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400)
_LOOK_SECONDS = 0.1
_log = logs.get("metrics")
_REASONS = {200: "200 OK", 401: "401 Unauthorized", 404: "404 Not Found"}


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer to a request for metrics."""

    status: int
    headers: dict[str, str]
    body: bytes


def show(registry: CollectorRegistry, token: str | None, authorization: str, accept: str) -> Shown:
    """The metrics in the form that `accept` names; 401 where a token is set and `authorization` does not carry it."""
    if token is not None and not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return Shown(401, {"Content-Type": "text/plain", "WWW-Authenticate": "Bearer"}, b"The token is wrong.\n")
    encode, kind = choose_encoder(accept)
    return Shown(200, {"Content-Type": kind, "Cache-Control": "no-store"}, encode(registry))


@contextmanager
def serving(registry: CollectorRegistry, settings: Settings) -> Iterator[None]:
    """Serves the metrics at HOST and METRICS_PORT during the block; does nothing where no port is set.

    Raises ConfigError where that address cannot be listened on.
    """
    if settings.metrics_port is None:
        yield
        return
    with _listening(_application(registry, settings.metrics_token), settings) as server:
        thread = Thread(target=server.serve_forever, args=(_LOOK_SECONDS,), name="metrics", daemon=True)
        thread.start()
        _log.info("metrics_listening", host=settings.host, port=settings.metrics_port)
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _application(registry: CollectorRegistry, token: str | None) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            shown = Shown(404, {"Content-Type": "text/plain"}, b"Only /metrics is here.\n")
        else:
            accept = environ.get("HTTP_ACCEPT", "")
            shown = show(registry, token, environ.get("HTTP_AUTHORIZATION", ""), accept)
        start(_REASONS[shown.status], list(shown.headers.items()))
        return [shown.body]

    return answer


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Binds without asking a name server for this machine's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _SixServer(_Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    # A client that sends nothing is dropped.
    timeout = 5

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Logs nothing: metrics are requested every few seconds."""


def _listening(application: WSGIApplication, settings: Settings) -> WSGIServer:
    kind = _SixServer if ":" in settings.host else _Server
    try:
        return make_server(settings.host, settings.metrics_port or 0, application, kind, _Quiet)
    except OSError as error:
        raise ConfigError(
            f"HOST={settings.host} METRICS_PORT={settings.metrics_port} cannot be listened on ({error.strerror}); "
            "for example METRICS_PORT=9464"
        ) from None
