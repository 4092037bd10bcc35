"""A tiny server on loopback for platforms that tests play: replies, requests, and a clock of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; a text as its body is sent as it is."""

    status: int = 200
    body: dict[str, Any] | str = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: the path, the query or the form, the access token, and the JSON object of the body."""

    path: str
    given: dict[str, str]
    token: str | None
    method: str = "GET"
    json: dict[str, Any] = field(default_factory=dict)


class World(Protocol):
    """What answers; `now` is the time in its answers."""

    address: str
    now: datetime

    def reply(self, request: Request) -> Reply: ...


W = TypeVar("W", bound=World)


def _fields(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


@contextmanager
def serving(world: W) -> Iterator[W]:
    """The world with its address; it answers until the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(_fields(urlsplit(self.path).query))

        def do_DELETE(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.headers["Content-Type"] == "application/json":
                self._answer(_fields(urlsplit(self.path).query), json.loads(body))
            else:
                self._answer(_fields(body))

        def _answer(self, given: dict[str, str], sent: dict[str, Any] | None = None) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ") or None
            reply = world.reply(Request(urlsplit(self.path).path, given, token, self.command, sent or {}))
            body = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(world.now, usegmt=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        world.address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield world
        server.shutdown()
