"""Insights: a profile's official figures by day, one metric at a time, and the platform's own totals of all."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from shared.domain.jobs import JobKind
from shared.domain.metrics import Level, metrics_of
from web.auth.session import database, login_required
from web.http import periods
from web.profile import list_state, official_figures, official_totals
from web.profile.base import own_profile
from web.profile.charts import official
from web.profile_frame import frame_of
from web.text.platforms import reads

bp = Blueprint("insights", __name__)
_READ_BY = (JobKind.SYNC, JobKind.SYNC_INSIGHTS)


@bp.get("/profiles/<uuid:profile_id>/insights")
@login_required
def show_insights(profile_id: UUID) -> ResponseReturnValue:
    """Answers 404 where the profile's platform gives no daily figures."""
    with database() as conn:
        profile = own_profile(conn, profile_id)
        if not reads(profile.platform, JobKind.SYNC_INSIGHTS):
            abort(404)
        metrics = metrics_of(profile.platform, Level.ACCOUNT, daily=True)
        chosen = next((one for one in metrics if one.id == request.args.get("metric")), metrics[0] if metrics else None)
        period = periods.period_of(profile)
        known = official_figures.load(conn, profile)
        shown = () if chosen is None else official_figures.courses(conn, profile_id, chosen, period, known.spans)
        totals = official_totals.totals(conn, profile_id, metrics, known.not_given)
        under_way = None if known.anything else list_state.sync_under_way(conn, profile, _READ_BY)
        frame = frame_of(conn, profile)
    return render_template(
        "profile/insights.html",
        **frame,
        tab="insights",
        period=period,
        metrics=metrics,
        chosen=chosen,
        known=known,
        not_given=() if chosen is None else known.not_given.get(chosen.id, ()),
        courses=[(one, official.summary(one)) for one in shown],
        charts={one.source: official.chart(one) for one in shown if one.known},
        totals=totals,
        under_way=under_way,
    )
