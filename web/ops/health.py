"""`/healthz`: whether this process can answer people, for load balancers and containers."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Event, Lock, Thread

from flask import Blueprint, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from psycopg import OperationalError
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.db.version import is_current, newest
from shared.installation import LONGEST_NONCE, proof
from web.services import Services

PATH = "/healthz"
WELL = "ok"
AWAY = "the database does not answer"
OLDER = "the database's schema is older than this version: run `rollcall migrate`"
_PATIENCE = 2.0

bp = Blueprint("health", __name__)


class Look:
    """The result of one look at the database through the pool, as one of this module's words."""

    def __init__(self, pool: ConnectionPool[WebConnection], patience: float = _PATIENCE) -> None:
        self._pool = pool
        self._patience = patience
        self._version = newest()
        self._current = False

    def __call__(self) -> str:
        try:
            with self._pool.connection(timeout=self._patience) as conn:
                conn.execute("select 1")
                self._current = self._current or is_current(conn, self._version)
        except OperationalError:
            return AWAY
        return WELL if self._current else OLDER


class _Round:
    """A running look, and its result."""

    def __init__(self, look: Callable[[], str]) -> None:
        self.word = AWAY
        self.over = Event()
        # A thread of its own that nothing waits for, not even the end of the process.
        Thread(target=self._run, args=[look], name="health", daemon=True).start()

    def _run(self, look: Callable[[], str]) -> None:
        try:
            self.word = look()
        finally:
            self.over.set()


class Probe:
    """Looks with a time limit: a database that neither answers nor refuses counts as away. One look at a time."""

    def __init__(self, look: Callable[[], str], patience: float = _PATIENCE) -> None:
        self._look = look
        self._patience = patience
        self._lock = Lock()
        self._round: _Round | None = None

    def ask(self) -> str:
        """The result of a look, or AWAY when it does not end in time."""
        with self._lock:
            if self._round is None or self._round.over.is_set():
                self._round = _Round(self._look)
            current = self._round
        return current.word if current.over.wait(self._patience) else AWAY


@bp.record
def _watch(state: BlueprintSetupState) -> None:
    made: Services = state.app.extensions["rollcall"]
    state.app.extensions["rollcall.health"] = Probe(Look(made.pool))


@bp.get(PATH)
def healthz() -> ResponseReturnValue:
    probe: Probe = current_app.extensions["rollcall.health"]
    word = probe.ask()
    body = {"status": word}
    # The launcher recognises this process by `start` on its port, the doctor by `proof`.
    if start := os.environ.get("ROLLCALL_START"):
        body["start"] = start
    if nonce := request.args.get("nonce", "")[:LONGEST_NONCE]:
        body["proof"] = proof(str(current_app.secret_key), nonce)
    return jsonify(body), 200 if word == WELL else 503
