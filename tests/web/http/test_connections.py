"""No one holds a connection for nothing, and no one fills the disk: deadlines, and uploads decided at their header."""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest

from cli.ops.launcher import free_port
from shared.settings import load
from tests.conftest import Database, Personas
from tests.rig.doors import gate
from tests.web.conftest import SignedInAs
from tests.web.listener import Listener, listening
from tests.web.ops.test_health import asked
from tests.web.served import served
from web.auth.session import cookie_name
from web.http.channel import Patience
from web.http.upload_limits import Uploads

pytestmark = pytest.mark.slow
HALF = b"POST /login HTTP/1.1\r\nHost: a\r\nX-Half: "
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def count(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answers with how many bytes came."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(len(environ["wsgi.input"].read())).encode()]


def door(port: int, sent: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=60)
    if sent:
        made.sendall(sent)
    return made


def told(one: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    heard = b""
    try:
        while more := one.recv(65536):
            heard += more
    except ConnectionError:
        pass
    return heard


def upload(cookie: str = "", size: int = 50_000_000, more: str = "") -> bytes:
    named = f"Cookie: session={cookie}\r\n" if cookie else ""
    return f"POST /large HTTP/1.1\r\nHost: a\r\n{named}Content-Length: {size}\r\n{more}\r\n".encode()


def until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        Event().wait(0.02)
    pytest.fail("it never came to be")


def test_three_hundred_held_connections_leave_pages_and_health_answering(database: Database, tmp_path: Path) -> None:
    own = free_port(0)
    with gate(database.web) as way, served(way.url, tmp_path, HEALTH_PORT=str(own)) as web, ExitStack() as held:
        for number in range(300):
            held.enter_context(door(web.port, HALF if number % 2 else b""))
        assert asked(web.address) == (200, "ok")
        assert asked(f"http://127.0.0.1:{own}") == (200, "ok")
        page = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
        page.request("GET", "/login")
        assert page.getresponse().status == 200
        page.close()


def test_the_socket_for_health_shows_nothing_else(database: Database, tmp_path: Path) -> None:
    own = free_port(0)
    with gate(database.web) as way, served(way.url, tmp_path, HEALTH_PORT=str(own)):
        other = http.client.HTTPConnection("127.0.0.1", own, timeout=30)
        other.request("GET", "/login")
        assert other.getresponse().status == 404
        other.close()


@pytest.mark.parametrize("sent", [b"", HALF, b"\r\n", b"G"])
def test_a_header_that_does_not_come_closes_the_connection(sent: bytes) -> None:
    with listening(count, patience=Patience(header=0.2)) as web, door(web.port, sent) as one:
        assert told(one) == b""
        until(lambda: not web.channels)


def test_a_header_that_comes_a_byte_at_a_time_is_not_waited_for_longer() -> None:
    with listening(count, patience=Patience(header=0.3)) as web, door(web.port, HALF) as one:

        def refused() -> bool:
            try:
                one.sendall(b"x")
            except ConnectionError:
                return True
            return False

        until(refused)


def test_a_body_that_stalls_closes_the_connection() -> None:
    sent = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc"
    with listening(count, patience=Patience(body=0.2)) as web, door(web.port, sent) as one:
        assert told(one) == b""


def test_a_slow_body_is_waited_for_while_enough_of_it_comes() -> None:
    patience = Patience()
    sent = b"POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"
    with listening(count) as web, door(web.port, sent) as one:
        until(lambda: bool(web.channels) and web.channels[0].request is not None)
        (channel,) = web.channels
        until(lambda: bool(channel.request.headers_finished))
        now, came = 1000.0, 0
        assert not channel.late(now, patience)
        for _ in range(5):
            now, came = now + patience.body, came + patience.least
            one.sendall(b"x" * patience.least)
            until(partial(_has_taken, web, came))
            assert not channel.late(now, patience)
        one.sendall(b"x" * (patience.least - 1))
        until(lambda: channel.request.body_bytes_received == came + patience.least - 1)
        assert not channel.late(now + patience.body - 1, patience)
        assert channel.late(now + patience.body, patience)


def test_an_answered_connection_may_rest_longer_than_a_header_may_take() -> None:
    asking = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
    with listening(count, patience=Patience(header=0.2, idle=3600)) as web, door(web.port, asking) as one:
        assert _answered(one)
        # Another one that is closed for its header shows that more than that time has passed.
        with door(web.port, HALF) as other:
            assert told(other) == b""
        one.sendall(asking)
        assert _answered(one)


def test_whoever_takes_nothing_of_an_answer_does_not_keep_a_thread() -> None:
    def endless(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        piece = b"x" * 1_000_000
        return (piece for _ in range(200))

    with listening(endless, patience=Patience(answer=0.2)) as web, door(web.port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"):
        until(lambda: bool(web.channels))
        until(lambda: not web.channels)


def test_an_upload_of_nobody_is_turned_away_before_its_body() -> None:
    doorman = Uploads(lambda _: None, 200_000_000, 200_000_000)
    with listening(count, doorman=doorman) as web, door(web.port, upload() + b"x" * 100) as one:
        answer = told(one)
        assert answer.startswith(b"HTTP/1.1 303 See Other")
        assert b"Location: /login?next=/large" in answer


@pytest.mark.parametrize(("path", "status"), [("/large", 303), ("/login", 413)])
def test_whoever_is_turned_away_reads_why_although_they_still_send(path: str, status: int) -> None:
    doorman = Uploads(lambda _: None, 200_000_000, 200_000_000)
    with listening(count, doorman=doorman, patience=Patience(linger=3600)) as web:
        sender = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
        sender.request("POST", path, body=b"x" * 8_000_000)
        assert sender.getresponse().status == status
        sender.close()
        until(lambda: not web.channels)


def test_whoever_goes_on_sending_after_that_is_not_listened_to_for_long() -> None:
    doorman = Uploads(lambda _: None, 200_000_000, 200_000_000)
    with listening(count, doorman=doorman, patience=Patience(linger=0.2)) as web, door(web.port, upload()):
        until(lambda: bool(web.channels))
        until(lambda: not web.channels)


def test_nobody_is_told_to_send_a_body_that_is_not_wanted() -> None:
    doorman = Uploads(lambda _: None, 200_000_000, 200_000_000)
    sent = upload(more="Expect: 100-continue\r\n")
    with listening(count, doorman=doorman) as web, door(web.port, sent) as one:
        assert b"100 Continue" not in told(one)


def people(*known: UUID) -> Callable[[str], UUID | None]:
    return lambda cookies: next((one for one in known if str(one) in cookies), None)


def let_in(one: socket.socket) -> bytes:
    """What comes first: the go-ahead for someone who is let in, else the answer."""
    return one.recv(65536).splitlines()[0]


def test_a_signed_in_person_is_told_to_go_on_and_the_body_arrives() -> None:
    alice = uuid4()
    doorman = Uploads(people(alice), 200_000_000, 200_000_000)
    sent = upload(str(alice), 3_000_000, "Expect: 100-continue\r\nConnection: close\r\n")
    with listening(count, doorman=doorman) as web, door(web.port, sent) as one:
        assert let_in(one) == b"HTTP/1.1 100 Continue"
        one.sendall(b"x" * 3_000_000)
        assert told(one).endswith(b"3000000")


def test_all_uploads_together_have_a_cap_and_their_room_comes_back() -> None:
    alice, bob, expects = uuid4(), uuid4(), "Expect: 100-continue\r\n"
    doorman = Uploads(people(alice, bob), 60_000_000, 100_000_000)
    with listening(count, doorman=doorman) as web:
        first = door(web.port, upload(str(alice), 60_000_000, expects))
        assert let_in(first) == b"HTTP/1.1 100 Continue"
        with door(web.port, upload(str(bob), 60_000_000, expects)) as second:
            assert let_in(second) == b"HTTP/1.1 503 Service Unavailable"
        with door(web.port, upload(str(alice), 1_000, expects)) as again:
            assert let_in(again) == b"HTTP/1.1 503 Service Unavailable"
        first.close()
        until(lambda: not web.channels)
        with door(web.port, upload(str(bob), 60_000_000, expects)) as third:
            assert let_in(third) == b"HTTP/1.1 100 Continue"


def test_what_was_taken_in_is_gone_when_the_sender_is() -> None:
    alice = uuid4()
    doorman = Uploads(people(alice), 200_000_000, 200_000_000)
    with listening(count, doorman=doorman) as web:
        one = door(web.port, upload(str(alice)))
        one.sendall(b"x" * 5_000_000)
        until(lambda: _taken(web) >= 5_000_000)
        (channel,) = web.channels
        files = _temporary_files()
        assert files >= 1
        # Kept alive on purpose: the file has to go without the collector.
        held = channel.request
        one.close()
        until(lambda: _temporary_files() == files - 1)
        assert held.body_bytes_received >= 5_000_000


def _answered(one: socket.socket) -> bool:
    """Whether a whole answer came, whose body is the one letter that `count` says of an empty request."""
    heard = b""
    while not heard.endswith(b"\r\n\r\n0"):
        more = one.recv(65536)
        if not more:
            return False
        heard += more
    return heard.startswith(b"HTTP/1.1 200")


def _has_taken(web: Listener, size: int) -> bool:
    return _taken(web) == size


def _taken(web: Listener) -> int:
    return sum(getattr(one.request, "body_bytes_received", 0) for one in web.channels)


def _temporary_files() -> int:
    def target(name: str) -> str:
        try:
            return os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            return ""

    return sum("(deleted)" in target(name) for name in os.listdir("/proc/self/fd"))


def test_only_a_post_to_the_uploads_path_may_be_large() -> None:
    with listening(count) as web:
        for method, path in [("PUT", "/large"), ("POST", "/large/"), ("POST", "/login"), ("GET", "/large")]:
            asking = f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n".encode()
            with door(web.port, asking) as one:
                assert told(one).startswith(b"HTTP/1.1 413"), (method, path)


def test_a_session_of_the_database_opens_the_door(
    database: Database, tmp_path: Path, signed_in_as: SignedInAs, people: Personas
) -> None:
    cookie = signed_in_as(people.alice).get_cookie(cookie_name(load({})))
    assert cookie is not None
    head = "POST /connect/data-download HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\nExpect: 100-continue\r\n"
    with gate(database.web) as way, served(way.url, tmp_path, WEB_THREADS="1") as web:
        for name, first in (("t" * 43, b"HTTP/1.1 303 See Other"), (cookie.value, b"HTTP/1.1 100 Continue")):
            asking = f"{head}Cookie: {cookie_name(load({}))}={name}\r\n\r\n".encode()
            with door(web.port, asking) as one:
                assert let_in(one) == first
