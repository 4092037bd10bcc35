"""The operator's pages: the state of the installation in numbers, codes and ids of jobs, without users' data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared import logs
from shared.messages import Message
from shared.platforms.graph_versions import warning
from shared.store.operator import admin, episodes, quotas
from web.admin.access import operator_required
from web.auth.session import current_user, database_before_sign_in
from web.services import services
from web.translation import _, translate

bp = Blueprint("admin", __name__, url_prefix="/admin")
_log = logs.get("web.admin.operator_pages")
_SPANS = {"day": timedelta(days=1), "week": timedelta(days=7)}
# Longer than any pause between two polls of a worker, and than the wait of a claim.
_PATIENCE = timedelta(minutes=15)
_SOON = timedelta(days=7)
_NOT_AGAIN = Message("This job cannot be retried: it is being done again already, or it needs its person.")


@bp.get("")
@operator_required
def health() -> ResponseReturnValue:
    span = _span()
    with database_before_sign_in() as conn:
        rows, failures = admin.health(conn, _SPANS[span]), admin.failures(conn, _SPANS[span])
        used, going_on = quotas.quotas(conn), episodes.open_episodes(conn)
    return render_template(
        "admin/health.html",
        tab="health",
        span=span,
        rows=rows,
        failures=failures,
        quotas=used,
        episodes=going_on,
        graph_says=_graph_says(),
    )


@bp.get("/jobs")
@operator_required
def jobs() -> ResponseReturnValue:
    span = _span()
    with database_before_sign_in() as conn:
        stuck, dead = admin.stuck(conn, _PATIENCE), admin.dead(conn, _SPANS[span])
    return render_template("admin/jobs.html", tab="jobs", span=span, stuck=stuck, dead=dead, patience=_PATIENCE)


@bp.post("/jobs/<uuid:job_id>/retry")
@operator_required
def retry(job_id: UUID) -> ResponseReturnValue:
    with database_before_sign_in() as conn:
        made = admin.retry(conn, job_id, g.get("request_id") or "")
    if made is None:
        flash(_(_NOT_AGAIN), "warning")
    else:
        _log.info("job_retried", job_id=str(job_id), made=str(made), operator=str(current_user().user_id))
        flash(_("It runs again as job %(id)s.", id=made), "success")
    return redirect(url_for(".jobs", span=_span()))


@bp.get("/profiles")
@operator_required
def profiles() -> ResponseReturnValue:
    with database_before_sign_in() as conn:
        cooldowns, connections = admin.cooldowns(conn), admin.connections(conn, _SOON)
    return render_template("admin/profiles.html", tab="profiles", cooldowns=cooldowns, connections=connections)


@bp.get("/system")
@operator_required
def system() -> ResponseReturnValue:
    with database_before_sign_in() as conn:
        tables, exports = admin.tables(conn), admin.exports(conn)
        workers = admin.workers(conn, _SPANS["week"])
    return render_template("admin/system.html", tab="system", tables=tables, exports=exports, workers=workers)


def _graph_says() -> str | None:
    """What is to be done about the version of Meta's Graph API, where an app of Meta is set up."""
    settings = services().settings
    has_app = settings.instagram_app_id or settings.meta_app_id
    said = warning(settings.graph_version, datetime.now(UTC).date()) if has_app else None
    return None if said is None else translate(said)


def _span() -> str:
    given = request.args.get("span", "day")
    return given if given in _SPANS else "day"
