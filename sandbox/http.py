"""An HTTP server in a thread: waitress, which leaves an answer's own Date alone, and which can be stopped."""

import socket
import threading
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_THREADS = 16
_Channels = dict[int, object]


class _Trigger(Protocol):
    def pull_trigger(self) -> None: ...


class _Dispatcher(Protocol):
    def shutdown(self) -> bool: ...


class _Waitress(Protocol):
    """The part of waitress's server that is used here; waitress brings no types."""

    trigger: _Trigger
    task_dispatcher: _Dispatcher


_create_server: Callable[..., _Waitress] = import_module("waitress.server").create_server
_poll: Callable[[float, _Channels], None] = import_module("waitress.wasyncore").poll2
_close_all: Callable[[_Channels], None] = import_module("waitress.wasyncore").close_all


class HttpServer:
    """Serves ``app`` until it is stopped; OSError if the port is taken."""

    def __init__(self, app: "WSGIApplication", host: str, port: int) -> None:
        self._channels: _Channels = {}
        listener = socket.create_server((host, port))
        self.port: int = listener.getsockname()[1]
        self._server = _create_server(app, map=self._channels, sockets=[listener], threads=_THREADS, ident="")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and free the port; a second call does nothing."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._server.trigger.pull_trigger()
        self._thread.join()
        self._server.task_dispatcher.shutdown()
        _close_all(self._channels)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            _poll(30.0, self._channels)
