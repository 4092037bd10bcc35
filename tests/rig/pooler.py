"""A transaction pooler as Supabase's is on port 6543: each transaction may meet another process of the server."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_NO_ENCRYPTION = (80877103, 80877104)
_CANCEL = 80877102


@dataclass
class _Process:
    """One process of the server, and what it said when it was greeted."""

    line: socket.socket
    greeting: bytes


@dataclass
class Pooler:
    """Lends a process for a transaction; the one that came back last is lent first. `lent` counts."""

    server: str
    idle: dict[bytes, list[_Process]] = field(default_factory=dict)
    lent: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, startup: bytes) -> _Process:
        with self.lock:
            self.lent += 1
            if waiting := self.idle.get(startup):
                return waiting.pop()
        line = socket.socket(socket.AF_UNIX)
        line.connect(self.server)
        line.sendall(startup)
        greeting = b""
        while True:
            kind, message = _message(line)
            greeting += message
            if kind == b"E":
                raise ConnectionError(message)
            if kind == b"Z":
                return _Process(line, greeting)

    def give_back(self, startup: bytes, process: _Process) -> None:
        with self.lock:
            self.idle.setdefault(startup, []).append(process)

    def close(self) -> None:
        for process in (one for group in self.idle.values() for one in group):
            process.line.close()

    def serve(self, client: socket.socket) -> None:
        with client:
            try:
                startup = _startup(client)
                process = self.take(startup)
                client.sendall(process.greeting)
                self.give_back(startup, process)
                while self._transaction(client, startup):
                    pass
            except (ConnectionError, OSError):
                return

    def _transaction(self, client: socket.socket, startup: bytes) -> bool:
        kind, message = _message(client)
        if kind == b"X":
            return False
        process = self.take(startup)
        while True:
            process.line.sendall(message)
            if kind in (b"Q", b"S") and _answered(process.line, client) == b"I":
                self.give_back(startup, process)
                return True
            kind, message = _message(client)
            if kind == b"X":
                process.line.close()
                return False


@contextmanager
def pooling(socket_folder: str) -> Iterator[Pooler]:
    """A pooler before the server whose socket lies there."""
    pooler = Pooler(os.path.join(socket_folder, ".s.PGSQL.5432"))
    listener = socket.create_server(("127.0.0.1", 0))
    pooler.port = listener.getsockname()[1]
    clients: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            clients.append(threading.Thread(target=pooler.serve, args=(client,), daemon=True))
            clients[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield pooler
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in clients:
            thread.join(5)
        pooler.close()


def _startup(client: socket.socket) -> bytes:
    while True:
        (length,) = struct.unpack("!I", _exactly(client, 4))
        body = _exactly(client, length - 4)
        (code,) = struct.unpack("!I", body[:4])
        if code == _CANCEL:
            raise ConnectionError
        if code not in _NO_ENCRYPTION:
            return struct.pack("!I", length) + body
        client.sendall(b"N")


def _answered(line: socket.socket, client: socket.socket) -> bytes:
    """Hands the answer on, and returns whether a transaction is open."""
    while True:
        kind, message = _message(line)
        client.sendall(message)
        if kind == b"Z":
            return message[5:6]


def _message(line: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(line, 5)
    (length,) = struct.unpack("!I", head[1:])
    return head[:1], head + _exactly(line, length - 4)


def _exactly(line: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = line.recv(count - len(found))
        if not piece:
            raise ConnectionError
        found += piece
    return found
