"""The JSON interface: profiles, figures and jobs, for scripts with the session cookie.

A POST carries the form token in the header X-CSRFToken. Errors are problems (RFC 9457); times are RFC 3339 in UTC; an
unknown figure is null beside the reason. docs/api.md describes all of it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from shared.domain.engagement import FORMULAS, Formula, Summary
from shared.domain.growth import Figure
from shared.domain.job_kinds import SESSION_KINDS
from shared.domain.jobs import JobKind
from shared.domain.periods import Period
from shared.errors import InputError
from shared.messages import Message
from shared.platforms import startable
from shared.store.profiles import profiles
from shared.store.profiles.overview import Counter, ListVerdict
from shared.store.profiles.profiles import ProfileRow
from shared.store.queue import jobs
from web.api.refusals import no_session
from web.api.shapes import profile_json
from web.auth.session import current_user, database, login_required
from web.http import periods
from web.jobs.job_json import job_json
from web.jobs.job_page import picture_of
from web.profile import figures, forecast
from web.profile.base import own_profile
from web.profile.figures import EngagementFigure, Figures
from web.text.values import iso
from web.translation import _

bp = Blueprint("api", __name__, url_prefix="/api/v1")
_COUNTERS = {
    Counter.PLATFORM: Message("the platform's own counter"),
    Counter.FILES: Message("how many people the follower list of the newest data download names"),
    Counter.BOTH: Message("the platform's own counter, before it that of the newest data download's list"),
}


@bp.get("/profiles")
@login_required
def all_profiles() -> ResponseReturnValue:
    with database() as conn:
        mine = profiles.list_for_web(conn)
    return jsonify(profiles=[profile_json(profile) for profile in mine])


@bp.get("/profiles/<uuid:profile_id>")
@login_required
def one_profile(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        period = periods.period_of(profile)
        found = figures.load(conn, profile, period)
        reading = forecast.outlook(conn, profile).to_json() | _cooldown(profile)
    shown = {"period": _period(period), "figures": _figures(found), "lists": _lists(found.verdicts), "reading": reading}
    return jsonify(**profile_json(profile), **shown)


@bp.get("/jobs/<uuid:job_id>")
@login_required
def one_job(job_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        job = jobs.get(conn, job_id)
        picture = picture_of(conn, job) if job is not None else None
    return jsonify(job_json(job, picture=picture)) if job is not None else abort(404)


@bp.post("/profiles/<uuid:profile_id>/jobs")
@login_required
def start_job(profile_id: UUID) -> ResponseReturnValue:
    """202 with the new job, 200 with the one that was live already."""
    sent = request.get_json(silent=True)
    kind = sent.get("kind") if isinstance(sent, dict) else None
    with database() as conn:
        profile = own_profile(conn, profile_id)
        kinds = startable(profile.platform)
        if not isinstance(kind, str) or kind not in kinds:
            step = Message("Send the kind as one of %(kinds)s.", kinds=", ".join(sorted(kinds)))
            raise InputError(Message("This kind of job cannot be started."), next_step=step)
        if kind in SESSION_KINDS and (refused := no_session(conn, profile)) is not None:
            return refused
        job_id, created = jobs.enqueue(conn, current_user().user_id, profile_id, JobKind(kind))
        job = jobs.get(conn, job_id)
    return (jsonify(job_json(job)), 202 if created else 200) if job is not None else abort(404)


def _cooldown(profile: ProfileRow) -> dict[str, Any]:
    cooldown = forecast.cooldown_of(profile)
    return {
        "rests_until": None if cooldown is None else iso(cooldown.until),
        "rests_because": None if cooldown is None else cooldown.why,
    }


def _period(period: Period) -> dict[str, Any]:
    before = period.before()
    return {
        "choice": str(period.choice),
        "days": period.days,
        "start": iso(period.start),
        "end": iso(period.end),
        "compared_with": before and {"days": before.days, "start": iso(before.start), "end": iso(before.end)},
    }


def _figures(found: Figures) -> dict[str, Any]:
    return {
        "followers": _figure(
            found.followers, _("%(counter)s; before: at the start of the period", counter=_(_COUNTERS[found.counter]))
        ),
        "net": _figure(found.growth.net, _("gained − lost")),
        "gained": _figure(
            found.growth.gained,
            _("stays as a follower that began after the first complete list, the rows of the list of new"),
        ),
        "lost": _figure(found.growth.lost, _("stays as a follower that ended, the rows of the list of lost"))
        | {"back": found.back if found.growth.lost.value is not None else None},
        "engagement": _engagement(found.engagement),
    }


def _figure(figure: Figure, formula: str) -> dict[str, Any]:
    return {
        "value": figure.value,
        "before": figure.before,
        "missing": figure.missing,
        "before_missing": figure.before_missing,
        "formula": formula,
    }


def _engagement(figure: EngagementFigure) -> dict[str, Any]:
    return {
        "label": figure.label,
        **_summary(figure.formula, figure.now),
        "before": None if figure.before is None else _summary(figure.formula, figure.before),
        "missing": figure.missing,
        "before_missing": figure.before_missing,
        "others": [_summary(formula, summary) for formula, summary in figure.others],
    }


def _summary(formula: Formula | None, summary: Summary | None) -> dict[str, Any]:
    """Rates per hundred."""
    return {
        "formula_id": formula,
        "formula": None if formula is None else FORMULAS[formula],
        "median": None if summary is None else round(summary.median, 4),
        "pooled_mean": None if summary is None else round(summary.pooled, 4),
        "n": 0 if summary is None else summary.n,
    }


def _lists(verdicts: list[ListVerdict]) -> dict[str, Any]:
    return {
        verdict.direction: {
            "verdict": verdict.verdict,
            "reason": verdict.reason,
            "exact": verdict.exact,
            "seen": verdict.seen,
            "observed_at": iso(verdict.observed_end),
            "whole_at": iso(verdict.whole_at),
        }
        for verdict in verdicts
    }
