"""`/api/cron/…`: starts what is due, for a clock outside of Rollcall, and waits a little for the end of it.

The worker's own schedule does the same each minute; these addresses are for installations that have a clock already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock
from time import monotonic
from uuid import UUID

from flask import Blueprint, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from shared import logs
from shared.db.pools import WebConnection
from shared.domain.jobs import JobKind
from shared.store.queue import cron
from shared.store.queue.cron import Results
from web.auth import bearer
from web.auth.session import database_before_sign_in
from web.http.error_pages import answer
from web.services import services
from web.text.values import iso
from web.translation import _

bp = Blueprint("cron", __name__, url_prefix="/api/cron")
Enqueue = Callable[[WebConnection], list[UUID]]
Look = Callable[[WebConnection, Collection[UUID]], Results]
_EXTENSION = "rollcall.cron"
_log = logs.get("web.ops.cron")


@dataclass(slots=True)
class Waiting:
    """Waits for jobs, one request at a time, so that the other threads stay free for people."""

    longest: float = 10.0
    pause: float = 0.25
    _lock: Lock = field(default_factory=Lock)

    def for_end(self, look: Callable[[], Results]) -> Results:
        """The last result: when nothing is pending any more, the time is used up, or another request waits already."""
        found = look()
        if not found.pending or not self._lock.acquire(blocking=False):
            return found
        try:
            ends, never = monotonic() + self.longest, Event()
            while found.pending and monotonic() < ends:
                never.wait(self.pause)
                found = look()
        finally:
            self._lock.release()
        return found


@bp.record
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[_EXTENSION] = Waiting()


@bp.before_request
def guard() -> ResponseReturnValue | None:
    """401 without the secret, and for everyone where none is set."""
    if bearer.shows(services().settings.cron_secret):
        return None
    fix = _("Send CRON_SECRET as a bearer token. Where it is not set, this address is closed.")
    refused = current_app.make_response(answer(401, "wrong_secret", _("The secret is wrong"), fix))
    refused.headers["WWW-Authenticate"] = "Bearer"
    return refused


@bp.get("/refresh-tokens")
def refresh_tokens() -> ResponseReturnValue:
    return _answered("refreshed", cron.enqueue_renewals, cron.renewal_results)


@bp.get("/collect-insights")
def collect_insights() -> ResponseReturnValue:
    return _answered("collected", lambda conn: cron.enqueue_due(conn, (JobKind.SYNC_INSIGHTS,)), cron.results)


@bp.get("/collect-audience")
def collect_audience() -> ResponseReturnValue:
    return _answered("collected", lambda conn: cron.enqueue_due(conn, (JobKind.SYNC_AUDIENCE,)), cron.results)


def _answered(done: str, enqueue: Enqueue, look: Look) -> ResponseReturnValue:
    """200 when all of it has ended, 202 while some is pending; `done` names the number of good ends."""
    with database_before_sign_in() as conn:
        job_ids = enqueue(conn)

    def results() -> Results:
        with database_before_sign_in() as conn:
            return look(conn, job_ids)

    waiting: Waiting = current_app.extensions[_EXTENSION]
    found = waiting.for_end(results)
    _log.info("cron_answered", of=request.path, completed=found.completed, failed=found.failed, pending=found.pending)
    body = {"success": not found.failed, done: found.completed, "failed": found.failed, "pending": found.pending}
    return jsonify({**body, "timestamp": iso(datetime.now(UTC))}), 202 if found.pending else 200
