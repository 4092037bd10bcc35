"""How large a request may be: one path takes an export of gigabytes, every other one a form."""

from __future__ import annotations

from copy import copy
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser


def limit_bodies(server: Any, large_path: str, largest_body: int) -> None:
    """Lets the server's own limit hold for `large_path` alone; other requests end at `largest_body` bytes.

    Waitress writes what it takes in to a temporary file before anybody is asked, so the rest has to be turned away at
    its header.
    """

    def parser(adj: Any) -> HTTPRequestParser:
        made = HTTPRequestParser(adj)
        read_header = made.parse_header

        def parse_header(header: bytes) -> None:
            read_header(header)
            if made.path != large_path:
                made.adj = copy(adj)
                made.adj.max_request_body_size = largest_body

        made.parse_header = parse_header
        return made

    def channel(*given: Any, **named: Any) -> HTTPChannel:
        made = HTTPChannel(*given, **named)
        made.parser_class = parser
        return made

    # A server that listens on several addresses keeps one of its own for each.
    for one in (server, *getattr(server, "map", {}).values()):
        if hasattr(one, "channel_class"):
            one.channel_class = channel
