"""The web's own server in this process, with any patience and any application, on a free port."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import create_server

from web.http.body_limits import Doorman, limit_bodies
from web.http.channel import Patience
from web.http.server import Watch, doors, keep_a_thread_for

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Listener:
    """A running server: `port`, and the channels that it has."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.port: int = server.effective_port

    @property
    def channels(self) -> list[Any]:
        return [channel for door in doors(self._server) for channel in list(door.active_channels.values())]


@contextmanager
def listening(
    application: WSGIApplication,
    *,
    patience: Patience | None = None,
    doorman: Doorman | None = None,
    large: str = "/large",
    most: int = 200_000_000,
) -> Iterator[Listener]:
    """Serves meanwhile, as `web.serve` does it; without `patience` no one looks for late connections."""
    server = create_server(
        application,
        host="127.0.0.1",
        port=0,
        threads=2,
        max_request_body_size=most,
        connection_limit=2000,
        asyncore_use_poll=True,
    )
    limit_bodies(server, large, 1_000, doorman)
    keep_a_thread_for(server, "/healthz")
    watch, over = Watch(server, patience) if patience else None, threading.Event()

    def serve() -> None:
        while not over.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=server._map, count=1)
            if watch is not None:
                watch.look(time.monotonic())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Listener(server)
    finally:
        over.set()
        thread.join()
        server.task_dispatcher.shutdown()
        wasyncore.close_all(server._map)
