"""The owner's actions on a profile's session: check it now, and erase a stored password."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from shared import logs
from shared.domain.jobs import JobKind
from shared.store.profiles import connections
from shared.store.profiles.profiles import ProfileState
from shared.store.queue import jobs
from web.auth.session import current_user, database, login_required
from web.profile.base import own_profile
from web.translation import _

bp = Blueprint("session_health", __name__, url_prefix="/profiles/<uuid:profile_id>")
_log = logs.get("web.profile.session_health")


@bp.post("/check-session")
@login_required
def check(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        if own_profile(conn, profile_id).state != ProfileState.CONNECTED:
            flash(_("There is no session to check. Connect the account first."), "warning")
            return redirect(url_for("profile_settings.show", profile_id=profile_id))
        job_id = jobs.enqueue(conn, current_user().user_id, profile_id, JobKind.CHECK_SESSION)[0]
    return redirect(url_for("jobs.show", job_id=job_id))


@bp.post("/forget-password")
@login_required
def forget_password(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        own_profile(conn, profile_id)
        forgotten = connections.forget_login_for_web(conn, profile_id)
    _log.info("password_forgotten", profile_id=str(profile_id), there_was_one=forgotten)
    if forgotten:
        flash(_("The password is erased. Rollcall no longer logs in by itself."), "success")
    else:
        flash(_("No password was stored."), "info")
    return redirect(url_for("profile_settings.show", profile_id=profile_id))
