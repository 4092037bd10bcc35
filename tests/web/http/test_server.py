"""A web that is told to stop answers what was asked before, and keeps no one waiting longer than its grace."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from shared.settings import load
from tests.conftest import Database
from tests.rig.doors import gate
from tests.web.served import served
from web.auth.session import cookie_name

pytestmark = pytest.mark.slow


def ask(port: int) -> socket.socket:
    """A request for a page that has to look into the database, sent and not yet answered."""
    made = socket.create_connection(("127.0.0.1", port), timeout=240)
    cookie = f"{cookie_name(load({}))}={'t' * 43}"
    made.sendall(f"GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode())
    return made


def heard(one: socket.socket) -> bytes:
    with one:
        told = b""
        while more := one.recv(65536):
            told += more
    return told


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_at_the_signal_is_answered_whole(
    database: Database, tmp_path: Path, number: signal.Signals
) -> None:
    with gate(database.web) as way, served(way.url, tmp_path, WEB_THREADS="1") as web:
        way.freeze()
        # The first has the only thread, the second waits for it.
        first, second = ask(web.port), ask(web.port)
        web.stop(number)
        while not refuses(web.port):
            pass
        way.thaw()
        for answer in (heard(first), heard(second)):
            assert answer.startswith(b"HTTP/1.1 200")
            assert answer.rstrip().endswith(b"</html>")
        assert web.process.wait(30) == 0


def test_an_idle_connection_does_not_keep_a_stopping_web(database: Database, tmp_path: Path) -> None:
    with (
        gate(database.web) as way,
        served(way.url, tmp_path) as web,
        socket.create_connection(("127.0.0.1", web.port)),
    ):
        web.stop()
        assert web.process.wait(30) == 0


def test_a_second_signal_ends_the_web_at_once(database: Database, tmp_path: Path) -> None:
    with gate(database.web) as way, served(way.url, tmp_path, WEB_THREADS="1") as web:
        way.freeze()
        with ask(web.port):
            web.stop()
            while not refuses(web.port):
                pass
            web.stop()
            assert web.process.wait(30) == 128 + signal.SIGTERM
