"""`/api/health`, `/api/health/db` and `/api/health/social-sync`: the state of this installation as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from shared.domain.sync_health import SPAN, PlatformHealth
from shared.store.operator import sync_health
from web.auth import bearer
from web.auth.session import database_before_sign_in
from web.ops.health import WELL, Probe
from web.services import services
from web.text.values import iso

bp = Blueprint("health_json", __name__, url_prefix="/api/health")
_EXTENSION = "rollcall.sync_health"


class Kept:
    """The last look at the syncs, for some seconds, so that many requests cost one count."""

    def __init__(self, seconds: float = 15.0) -> None:
        self._seconds, self._lock = seconds, Lock()
        self._ends, self._found = 0.0, list[PlatformHealth]()

    def ask(self) -> list[PlatformHealth]:
        """The jobs that ended in a day, by platform, at most some seconds old."""
        with self._lock:
            if monotonic() >= self._ends:
                with database_before_sign_in() as conn:
                    self._found = sync_health.read(conn, SPAN)
                self._ends = monotonic() + self._seconds
            return self._found


@bp.record
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[_EXTENSION] = Kept()


@bp.get("")
def process() -> ResponseReturnValue:
    """Whether this process answers, whatever the database does."""
    return jsonify(status=WELL, timestamp=_now())


@bp.get("/db")
def database() -> ResponseReturnValue:
    """Whether the database answers in time and has this version's schema; the accounts for who has the secret."""
    probe: Probe = current_app.extensions["rollcall.health"]
    word = probe.ask()
    body: dict[str, Any] = {"status": word, "timestamp": _now()}
    if word == WELL and bearer.shows(services().settings.cron_secret):
        with database_before_sign_in() as conn:
            body["users_count"] = sync_health.account_count(conn)
    return jsonify(body), 200 if word == WELL else 503


@bp.get("/social-sync")
def social_sync() -> ResponseReturnValue:
    """503 where more than a tenth of a platform's jobs failed in a day."""
    kept: Kept = current_app.extensions[_EXTENSION]
    found = kept.ask()
    healthy = all(one.healthy for one in found)
    shown = [_platform(one) for one in found]
    return jsonify(healthy=healthy, platforms=shown, timestamp=_now()), 200 if healthy else 503


def _platform(one: PlatformHealth) -> dict[str, Any]:
    return {
        "platform": one.platform,
        "completed": one.completed,
        "failed": one.failed,
        "share": None if one.share is None else round(one.share, 4),
        "last_success": iso(one.last_success),
    }


def _now() -> str | None:
    return iso(datetime.now(UTC))
