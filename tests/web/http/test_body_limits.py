"""The server turns away what is too large at its header, everywhere but at the one form for exports."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from waitress.server import create_server

from web.http.body_limits import limit_bodies

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def _count(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answers with how many bytes came."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(len(environ["wsgi.input"].read())).encode()]


@pytest.fixture
def port() -> Iterator[int]:
    server = create_server(_count, host="127.0.0.1", port=0, max_request_body_size=200_000, threads=2)
    limit_bodies(server, "/large", 1_000)

    def serve() -> None:
        # Its sockets are closed under it at the end, which it may meet in the middle of a look.
        with suppress(OSError, ValueError):
            server.run()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(timeout=240)


def _status(port: int, path: str, size: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=240)
    try:
        connection.request("POST", path, body=b"x" * size)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.slow
def test_one_path_takes_what_the_others_refuse(port: int) -> None:
    assert _status(port, "/large", 100_000) == (200, b"100000")
    assert _status(port, "/login", 500) == (200, b"500")
    assert _status(port, "/login", 5_000)[0] == 413
    assert _status(port, "/large/", 5_000)[0] == 413
    assert _status(port, "/large", 300_000)[0] == 413
