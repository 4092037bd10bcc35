"""Hundreds of connections to the web on which nothing is ever asked."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from uuid import UUID

from cli.ops.local_http import fetch
from shared.db import roles
from tests.reliability.machine import SIGNS_SECONDS
from tests.reliability.rows import Row
from tests.reliability.stage import House, begin
from tests.web.served import served

_IDLE = 300
_PATIENCE = 120.0


def idle_connections(there: House, row: Row) -> UUID:
    """The web answers a page and its health while they are open; AssertionError or OSError where it does not."""
    with ExitStack() as stack:
        web = stack.enter_context(served(roles.allow_login(there.database.url, roles.WEB), there.folder))
        for _ in range(_IDLE):
            stack.enter_context(socket.create_connection(("127.0.0.1", web.port), _PATIENCE))
        for path in ("/login", "/healthz"):
            status, _ = fetch(f"{web.address}{path}", _PATIENCE)
            assert status == 200, f"{path} answers {status}"
        job = begin(there, row)
        there.desk.ended([job], SIGNS_SECONDS)
        assert fetch(f"{web.address}/healthz", _PATIENCE)[0] == 200
    return job
