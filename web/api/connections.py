"""Connections in the JSON interface: all of a person's, the end of one, a sync by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from shared import logs
from shared.db.pools import WebConnection
from shared.domain.jobs import JobKind
from shared.platforms import WayIn
from shared.store.files import imports
from shared.store.profiles import connection_rows, connections, profiles
from shared.store.profiles.connection_rows import ConnectionRow
from shared.store.profiles.connections import ConnectionState
from shared.store.queue import jobs
from web.api.refusals import no_session
from web.api.shapes import connection_json
from web.auth.session import current_user, database, login_required
from web.http.error_pages import answer
from web.profile.base import own_profile
from web.translation import _

bp = Blueprint("api_connections", __name__, url_prefix="/api/v1")
_log = logs.get("web.api.connections")


@bp.get("/auth/status")
@login_required
def status() -> ResponseReturnValue:
    """Whether any account is connected, each connection, and the form token that a script sends with its changes."""
    with database() as conn:
        mine = _connections(conn)
    works = any(one["state"] == ConnectionState.ACTIVE for one in mine)
    return jsonify(connected=works, connections=mine, form_token=generate_csrf())


@bp.get("/analytics/socials/connections")
@login_required
def all_connections() -> ResponseReturnValue:
    with database() as conn:
        return jsonify(connections=_connections(conn))


@bp.delete("/connections/<uuid:connection_id>")
@login_required
def disconnect(connection_id: UUID) -> ResponseReturnValue:
    """204 when the connection has ended; the data stays, and so do the profile's other connections."""
    with database() as conn:
        if not connections.disconnect_one(conn, connection_id):
            abort(404)
    _log.info("connection_ended", connection_id=str(connection_id))
    return "", 204


@bp.post("/connections/<uuid:connection_id>/sync")
@login_required
def sync(connection_id: UUID) -> ResponseReturnValue:
    """202 with the job that syncs by this connection, or with the one that was live already."""
    with database() as conn:
        row = next((one for one in connection_rows.rows(conn) if one.id == connection_id), None)
        if row is None:
            abort(404)
        if (refused := no_session(conn, own_profile(conn, row.profile_id))) is not None:
            return refused
        if row.state != ConnectionState.ACTIVE or row.method == WayIn.DATA_DOWNLOAD:
            return answer(409, "not_connected", _("This connection does not work now"), _("Connect the account again."))
        by_it = {"way_in": row.method}
        job_id = jobs.enqueue(conn, current_user().user_id, row.profile_id, JobKind.SYNC, args=by_it)[0]
    return jsonify(jobs=[str(job_id)]), 202


def _connections(conn: WebConnection) -> list[dict[str, Any]]:
    mine = {one.id: one for one in profiles.list_for_web(conn)}
    rows = [row for row in connection_rows.rows(conn) if row.profile_id in mine]
    return [connection_json(row, mine[row.profile_id], _last_synced(conn, row)) for row in rows]


def _last_synced(conn: WebConnection, row: ConnectionRow) -> datetime | None:
    """The end of the last sync, or of the last import of a data download."""
    if row.method != WayIn.DATA_DOWNLOAD:
        return row.synced_at
    ended = (one.finished_at for one in imports.recent(conn, row.profile_id))
    return next((at for at in ended if at is not None), None)
