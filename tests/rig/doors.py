"""Ways to a database for tests: one that can be frozen, and addresses that never answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from urllib.parse import urlencode

from psycopg.conninfo import conninfo_to_dict


class Gate:
    """A TCP port that leads to a PostgreSQL on a socket; while it is frozen nothing passes and nothing ends."""

    def __init__(self, conninfo: str) -> None:
        self._given = conninfo_to_dict(conninfo)
        self._open = Event()
        self._open.set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        Thread(target=self._let_in, daemon=True).start()

    @property
    def port(self) -> int:
        number: int = self._door.getsockname()[1]
        return number

    @property
    def url(self) -> str:
        """The database behind the gate, as a setting wants it."""
        parts = self._given | {"host": "127.0.0.1", "port": str(self.port), "sslmode": "disable"}
        return "postgresql:///?" + urlencode(parts)

    def freeze(self) -> None:
        self._open.clear()

    def thaw(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.set()
        for one in (self._door, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _let_in(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{self._given['host']}/.s.PGSQL.{self._given.get('port') or 5432}")
            self._sockets += [near, far]
            for one, other in ((near, far), (far, near)):
                Thread(target=self._pass_on, args=[one, other], daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                self._open.wait()
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@contextmanager
def gate(conninfo: str) -> Iterator[Gate]:
    """A gate to this database, closed at the end."""
    made = Gate(conninfo)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def silence() -> Iterator[int]:
    """A port of 127.0.0.1 that neither takes nor refuses a connection, like an address that no route leads to."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        address = door.getsockname()
        waiting = []
        try:
            # Linux takes one more than it was told to; who comes after that hears nothing.
            for _ in range(8):
                one = socket.socket()
                one.setblocking(False)
                with suppress(BlockingIOError):
                    one.connect(address)
                waiting.append(one)
            yield address[1]
        finally:
            for one in waiting:
                one.close()
