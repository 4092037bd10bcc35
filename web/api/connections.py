"""Connections in the JSON interface: all of a person's, the end of one, a sync by one."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from shared import logs
from shared.domain.jobs import JobKind
from shared.store.profiles import connected
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
        mine = connected.all_connected(conn)
    works = any(one.state == ConnectionState.ACTIVE for one in mine)
    return jsonify(connected=works, connections=[connection_json(one) for one in mine], form_token=generate_csrf())


@bp.get("/analytics/socials/connections")
@login_required
def all_connections() -> ResponseReturnValue:
    with database() as conn:
        mine = connected.all_connected(conn)
    return jsonify(connections=[connection_json(one) for one in mine])


@bp.delete("/connections/<uuid:connection_id>")
@login_required
def disconnect(connection_id: UUID) -> ResponseReturnValue:
    """204 when the connection has ended; the data stays, and so do the profile's other connections."""
    with database() as conn:
        if not connected.disconnect(conn, connection_id):
            abort(404)
    _log.info("connection_ended", connection_id=str(connection_id))
    return "", 204


@bp.post("/connections/<uuid:connection_id>/sync")
@login_required
def sync(connection_id: UUID) -> ResponseReturnValue:
    """202 with the job that syncs the connection's profile, or with the one that was live already."""
    with database() as conn:
        found = connected.one_connected(conn, connection_id)
        if found is None:
            abort(404)
        if (refused := no_session(conn, own_profile(conn, found.profile_id))) is not None:
            return refused
        if found.state != ConnectionState.ACTIVE:
            return answer(409, "not_connected", _("This connection does not work now"), _("Connect the account again."))
        job_id = jobs.enqueue(conn, current_user().user_id, found.profile_id, JobKind.SYNC)[0]
    return jsonify(jobs=[str(job_id)]), 202
