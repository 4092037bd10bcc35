"""The web's server: health checks never wait, idle connections are closed, and a stop cuts no request off."""

from __future__ import annotations

import os
import signal
from time import monotonic
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from web.http.channel import Channel, Patience

# The longest wait for running requests after the signal to stop.
GRACE = 15.0
_BREATH = 0.1
_LOOK = 1.0


def keep_a_thread_for(server: Any, path: str) -> None:
    """Gives requests for `path` a thread of their own, so that they are answered while all others are busy."""
    for door in doors(server):
        door.task_dispatcher = _TwoQueues(door.task_dispatcher, path)


def doors(server: Any) -> list[Any]:
    """The listening sockets of a server, one per address."""
    return [one for one in _sockets(server).values() if hasattr(one, "channel_class")]


class Watch:
    """Closes stalled connections; `look` belongs to the thread that reads and writes."""

    def __init__(self, server: Any, patience: Patience) -> None:
        self._doors = doors(server)
        self._patience = patience

    def look(self, now: float) -> int:
        """Closes connections that are late at `now`, in seconds of any one clock, and returns their number."""
        late = [
            channel
            for door in self._doors
            for channel in list(door.active_channels.values())
            if isinstance(channel, Channel) and channel.late(now, self._patience)
        ]
        for channel in late:
            channel.handle_close()
        return len(late)


class _TwoQueues:
    """Waitress' dispatcher, and a second one for one path."""

    def __init__(self, others: Any, path: str) -> None:
        self._others = others
        self._path = path
        self._own = ThreadedTaskDispatcher()
        self._own.set_thread_count(1)

    def add_task(self, channel: Any) -> None:
        asked = getattr(channel.requests[0], "path", None)
        (self._own if asked == self._path else self._others).add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        self._own.shutdown(cancel_pending, timeout)
        return bool(self._others.shutdown(cancel_pending, timeout))


class Service:
    """Runs a server until SIGTERM or SIGINT, then answers pending requests and ends; a second signal ends it at once.

    It takes the signals over in its constructor, so build it before announcing the server.
    """

    def __init__(self, server: Any, grace: float = GRACE, patience: Patience | None = None) -> None:
        self._server = server
        self._watch = Watch(server, patience or Patience())
        self._doors = doors(server)
        self._grace = grace
        self._stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def run(self) -> None:
        looked = 0.0
        while not self._stopping:
            self._turn(self._server.adj.asyncore_loop_timeout)
            if (now := monotonic()) - looked >= _LOOK:
                looked = now
                self._watch.look(now)
        self._let_in()
        for door in self._doors:
            wasyncore.dispatcher.close(door)
        ends = monotonic() + self._grace
        while self._busy() and monotonic() < ends:
            self._turn(_BREATH)
        for door in self._doors:
            door.task_dispatcher.shutdown(timeout=1)

    def _turn(self, seconds: float) -> None:
        use_poll = self._server.adj.asyncore_use_poll
        wasyncore.loop(timeout=seconds, use_poll=use_poll, map=_sockets(self._server), count=1)

    def _let_in(self) -> None:
        """Accepts waiting connections and their data; a turn takes one of them at each socket."""
        for _ in range(self._server.adj.backlog):
            before = len(self._channels())
            self._turn(0)
            if before == len(self._channels()):
                break
        self._turn(0)

    def _busy(self) -> bool:
        return any(one.requests or one.request is not None or one.total_outbufs_len for one in self._channels())

    def _channels(self) -> list[Any]:
        return [channel for door in self._doors for channel in list(door.active_channels.values())]

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:
            os._exit(128 + number)
        self._stopping = True
        self._doors[0].pull_trigger()


def _sockets(server: Any) -> Any:
    """Waitress' own map of a server's sockets, by file number."""
    return server.map if hasattr(server, "map") else server._map
