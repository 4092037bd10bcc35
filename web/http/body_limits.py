"""Limits the size of requests: one path takes an upload of gigabytes, every other one a form."""

from __future__ import annotations

from copy import copy
from typing import Any, Protocol

from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

from web.http.channel import Channel


class Doorman(Protocol):
    """Decides on uploads by their header alone."""

    def ask(self, channel: Channel, request: Parser) -> None:
        """Decides later, on another thread, and calls `channel.decide(request, error)`; an error refuses the body."""
        ...

    def release(self, request: Parser) -> None:
        """The request has ended, whether admitted or not; called any number of times."""
        ...


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Waitress' parser, with a limit for each path, and a check before a large body is accepted."""

    adj: Any
    path: str
    command: str
    headers: dict[str, str]
    expect_continue: bool

    def __init__(self, adj: Any, large_path: str, largest_body: int, doorman: Doorman | None) -> None:
        super().__init__(adj)
        self._large_path, self._largest_body, self.doorman = large_path, largest_body, doorman
        self.asks = self.wants_continue = False
        self.error: Error | None = None

    def parse_header(self, header: bytes) -> None:
        super().parse_header(header)
        if self.path != self._large_path or self.command != "POST":
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = self._largest_body
        elif self.doorman is not None:
            # The sender must be known before it is told to send the body.
            self.asks, self.wants_continue, self.expect_continue = True, self.expect_continue, False

    def close(self) -> None:
        """Removes the received data, a temporary file included, and frees its room."""
        super().close()
        if self.doorman is not None:
            self.doorman.release(self)


def limit_bodies(server: Any, large_path: str, largest_body: int, doorman: Doorman | None = None) -> None:
    """Applies the server's own limit to POSTs to `large_path` alone; other requests end at `largest_body` bytes.

    Waitress writes received data to a temporary file before any view runs, so other requests have to be refused by
    their header. `doorman` decides about each upload by its header; without one all are admitted.
    """

    def parser(adj: Any) -> Parser:
        return Parser(adj, large_path, largest_body, doorman)

    def channel(*given: Any, **named: Any) -> Channel:
        made = Channel(*given, **named)
        made.parser_class = parser
        return made

    # A server on several addresses has one of its own for each.
    for one in (server, *getattr(server, "map", {}).values()):
        if hasattr(one, "channel_class"):
            one.channel_class = channel
