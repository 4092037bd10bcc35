"""`/healthz` on a socket of its own, which answers even when the pages' port is full."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from shared import logs
from shared.errors import ConfigError
from shared.settings import Settings
from web.ops.health import PATH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logs.get("web.ops.health")
_LOOK_SECONDS = 0.2


@contextmanager
def health_door(application: WSGIApplication, settings: Settings) -> Iterator[None]:
    """Answers at HOST and HEALTH_PORT during the block; does nothing without a port, or where it is the pages' own.

    Raises ConfigError where that address cannot be listened on.
    """
    if settings.health_port is None or settings.health_port == settings.port:
        yield
        return
    with _listening(_only_health(application), settings) as server:
        thread = Thread(target=server.serve_forever, args=(_LOOK_SECONDS,), name="health", daemon=True)
        thread.start()
        _log.info("health_listening", host=settings.host, port=settings.health_port)
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _only_health(application: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [f"Only {PATH} is here.\n".encode()]
        return application(environ, start)

    return answer


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

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
        """Logs nothing: health checks come every few seconds."""


def _listening(application: WSGIApplication, settings: Settings) -> WSGIServer:
    kind = _SixServer if ":" in settings.host else _Server
    try:
        return make_server(settings.host, settings.health_port or 0, application, kind, _Quiet)
    except OSError as error:
        raise ConfigError(
            f"HOST={settings.host} HEALTH_PORT={settings.health_port} cannot be listened on ({error.strerror}); "
            "for example HEALTH_PORT=8652"
        ) from None
