"""A profile's overview: the main numbers, the growth chart, engagement, and the quality of each list."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from shared.domain.metrics import Level, metrics_of
from web.auth.session import database, login_required
from web.http import periods
from web.profile import figures, first_run
from web.profile.base import own_profile
from web.profile.charts import growth
from web.profile_frame import frame_of

bp = Blueprint("profiles", __name__)


@bp.get("/profiles/<uuid:profile_id>")
@login_required
def overview(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        period = periods.period_of(profile)
        found = figures.load(conn, profile, period)
        frame = frame_of(conn, profile)
    return render_template(
        "profile/overview.html",
        **frame,
        tab="overview",
        period=period,
        found=found,
        formulas=figures.formulas(),
        counters=[one.sentence for one in metrics_of(profile.platform, Level.ACCOUNT, daily=False)],
        first_steps=first_run.checklist(profile, found.history, _baseline(found)),
        chart_summary=growth.summary(found.points, found.counter),
        charts={
            "followers": growth.followers(found.points, found.step),
            "changes": growth.changes(found.points, found.step),
            **({"came": growth.came(found.came, found.came_step)} if len(found.came) > 1 else {}),
        },
    )


def _baseline(found: figures.Figures) -> int | None:
    """The people of the only whole follower list so far."""
    lists = [run for run in found.verdicts if run.direction == "follower" and run.verdict == "whole"]
    return lists[0].seen if lists else None
