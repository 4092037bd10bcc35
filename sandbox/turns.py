"""The order of answers: a stand-in makes one after the other, because its world is one."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .faults import Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SLOW = "slow"
"""The kind of fault by which an answer takes longer; every stand-in has it."""


class OneAtATime:
    """Makes answers one after the other; a slow one waits outside, so that it holds up no other.

    ``place_of`` returns the place of a path among those that faults may hit, None for a path that is never slow.
    Applications of one world share a ``lock``.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        faults: Faults,
        place_of: Callable[[str], str | None],
        lock: "threading.Lock | None" = None,
    ) -> None:
        self._app, self._faults, self._place_of = app, faults, place_of
        self._lock = lock or threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        time.sleep(self._delay(str(environ.get("PATH_INFO", ""))))
        with self._lock:
            return self._app(environ, start_response)

    def _delay(self, path: str) -> float:
        """Return the seconds that this answer takes longer."""
        where = self._place_of(path)
        if where is None:
            return 0.0
        with self._lock:
            fault = self._faults.take(SLOW, where)
        return fault.ms / 1000 if fault else 0.0
