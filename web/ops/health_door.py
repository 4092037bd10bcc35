"""`/healthz` on a socket of its own, which answers even when the pages' port is full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared import logs, side_port
from shared.settings import Settings
from shared.side_port import SidePort
from web.ops.health import PATH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logs.get("web.ops.health")


@contextmanager
def health_door(application: WSGIApplication, settings: Settings) -> Iterator[None]:
    """Answers at HOST and HEALTH_PORT during the block; does nothing without a port, or where it is the pages' own.

    Raises ConfigError where that address cannot be listened on.
    """
    if settings.health_port is None or settings.health_port == settings.port:
        yield
        return
    at = SidePort(settings.host, settings.health_port, "HEALTH_PORT", 8652)
    with side_port.serving(_only_health(application), at):
        _log.info("health_listening", host=settings.host, port=settings.health_port)
        yield


def _only_health(application: WSGIApplication) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [f"Only {PATH} is here.\n".encode()]
        return application(environ, start)

    return answer
