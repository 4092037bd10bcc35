"""One connection: closed when it stalls, and cleaned up when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from socket import SHUT_WR
from threading import RLock
from typing import Any

from waitress.channel import HTTPChannel
from waitress.utilities import Error


@dataclass(frozen=True, slots=True)
class Patience:
    """The seconds that a connection may take for each step."""

    header: float = 15.0
    # A body may be slow, but each of these spans needs `least` bytes.
    body: float = 30.0
    least: int = 16 * 1024
    # After an answer, until the next request.
    idle: float = 120.0
    # For a client that reads nothing of an answer.
    answer: float = 60.0
    # For a refused client that still sends, so that the answer arrives.
    linger: float = 5.0


class Channel(HTTPChannel):  # type: ignore[misc]
    """Waitress' channel. The thread that reads and writes calls `late` about once a second."""

    request: Any
    requests: list[Any]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # Sending may close the channel while its requests are being read.
        self.requests_lock = RLock()
        self.asking = self.gone = self.lingers = False
        self._turned_away = False
        self._answered = 0
        self._step: object = None
        self._since: float | None = None
        self._had = 0
        self._sent_at: float | None = None
        self._stuck_since: float | None = None

    def readable(self) -> bool:
        return self.lingers or (not self.asking and bool(super().readable()))

    def writable(self) -> bool:
        return not self.lingers and bool(super().writable())

    def handle_read(self) -> None:
        if not self.lingers:
            super().handle_read()
            return
        try:
            # Data on its way is dropped; nothing else closes the channel.
            self.recv(self.adj.recv_bytes)
        except OSError:
            self.handle_close()

    def handle_write(self) -> None:
        """Keeps a refused connection open for a while: its client still sends, and would lose the answer otherwise."""
        if not (self._turned_away and self.close_when_flushed):
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif not self.total_outbufs_len:
            self._linger()

    def received(self, data: bytes) -> bool:
        if self.gone:
            return False
        taken = bool(super().received(data))
        with self.requests_lock:
            request = self.request
            if request is not None and getattr(request, "asks", False) and not self.asking:
                self.asking, request.asks = True, False
                request.doorman.ask(self, request)
        return taken

    def decide(self, request: Any, error: Error | None) -> None:
        """Accepts the upload, or answers with `error` and closes; does nothing if the sender is gone by now."""
        with self.requests_lock:
            if self.gone or self.request is not request:
                request.close()
                return
            self.asking = False
            if error is not None:
                self._turn_away(request, error)
            elif request.wants_continue and not self.requests:
                self.send_continue()
        self.server.pull_trigger()

    def service(self) -> None:
        # After an error at its header, the rest of a request is still on its way.
        self._turned_away = self._turned_away or bool(self.requests and self.requests[0].error)
        super().service()
        self._answered += 1

    def handle_close(self) -> None:
        super().handle_close()
        with self.requests_lock:
            self.gone = True
            if self.request is not None:
                self.request.close()

    def late(self, now: float, patience: Patience) -> bool:
        """Whether the connection has stalled for too long; `now` is in seconds of any one clock."""
        if self.lingers:
            self._since = now if self._since is None else self._since
            return now - self._since >= patience.linger
        if self.total_outbufs_len:
            return self._stuck(now, patience)
        self._stuck_since = None
        if self.requests:
            self._since = None
            return False
        request = self.request
        step = (request, self._answered, getattr(request, "headers_finished", False))
        if self._since is None or step != self._step:
            self._step, self._since, self._had = step, now, 0
        if request is not None and request.headers_finished and not self.asking:
            return self._stalled(now, patience)
        limit = patience.idle if request is None and self._answered else patience.header
        return now - self._since >= limit

    def _linger(self) -> None:
        self.lingers, self.close_when_flushed, self._since = True, False, None
        try:
            self.socket.shutdown(SHUT_WR)
        except OSError:
            self.handle_close()

    def _stalled(self, now: float, patience: Patience) -> bool:
        if self._since is None or now - self._since < patience.body:
            return False
        came = self.request.body_bytes_received
        slow = bool(came - self._had < patience.least)
        self._since, self._had = now, came
        return slow

    def _stuck(self, now: float, patience: Patience) -> bool:
        if self._stuck_since is None or self.last_activity != self._sent_at:
            self._stuck_since, self._sent_at = now, self.last_activity
        return now - self._stuck_since >= patience.answer

    def _turn_away(self, request: Any, error: Error) -> None:
        request.error, request.completed = error, True
        self.request = None
        self.requests.append(request)
        if len(self.requests) == 1:
            self.server.add_task(self)
