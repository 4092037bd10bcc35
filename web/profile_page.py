"""What all pages of one profile share: loading it, and its alerts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Flask, abort, redirect, request
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.store import alerts, profiles
from shared.store.alerts import Alert
from shared.store.profiles import ProfileRow
from web.security import database, login_required, safe_next

bp = Blueprint("profile_page", __name__)


def own_profile(conn: WebConnection, profile_id: UUID) -> ProfileRow:
    """The signed-in person's profile; aborts with 404 when it is not theirs, gone, or being deleted."""
    found = profiles.get_for_web(conn, profile_id)
    if found is None:
        abort(404)
    return found


def unseen_alerts(profile_id: UUID) -> list[Alert]:
    """The alerts that `profile_base.html` shows above each page."""
    with database() as conn:
        return alerts.unseen(conn, profile_id)


def add_to_templates(app: Flask) -> None:
    """Gives templates `unseen_alerts(profile_id)`."""
    app.jinja_env.globals["unseen_alerts"] = unseen_alerts


@bp.post("/profiles/<uuid:profile_id>/alerts/seen")
@login_required
def put_away(profile_id: UUID) -> ResponseReturnValue:
    newest = request.form.get("up_to", "")
    if not newest.isdecimal() or len(newest) > 18:
        abort(400)
    with database() as conn:
        own_profile(conn, profile_id)
        alerts.mark_seen(conn, profile_id, int(newest))
    return redirect(safe_next(request.form.get("next"), f"/profiles/{profile_id}"))
