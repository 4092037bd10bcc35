"""Serves a small WSGI application on a port of its own, beside what the process does."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from shared.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class SidePort:
    """Where to listen. `setting` names the setting of the port in an error, and `example` a port that it may have."""

    host: str
    port: int
    setting: str
    example: int


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
        """Logs nothing: metrics and health are requested every few seconds."""


@contextmanager
def serving(application: WSGIApplication, at: SidePort) -> Iterator[None]:
    """Answers at that port during the block; raises ConfigError where it cannot be listened on."""
    with _listening(application, at) as server:
        thread = Thread(target=server.serve_forever, args=(_LOOK_SECONDS,), name=at.setting, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _listening(application: WSGIApplication, at: SidePort) -> WSGIServer:
    kind = _SixServer if ":" in at.host else _Server
    try:
        return make_server(at.host, at.port, application, kind, _Quiet)
    except OSError as error:
        raise ConfigError(
            f"HOST={at.host} {at.setting}={at.port} cannot be listened on ({error.strerror}); "
            f"for example {at.setting}={at.example}"
        ) from None
