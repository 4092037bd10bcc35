"""Official figures in the JSON interface: the days of each metric, the audience, and a fresh reading of both."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from shared.domain import zones
from shared.domain.days import day_of
from shared.domain.jobs import JobKind
from shared.domain.metrics import Level, Metric, metrics_of
from shared.domain.periods import Period
from shared.errors import InputError
from shared.messages import Message
from shared.platforms import startable
from shared.store.insights import reading
from shared.store.insights.reading import TotalValue
from shared.store.profiles.profiles import ProfileRow
from shared.store.queue import jobs
from web.api import audience
from web.api.refusals import no_session
from web.api.shapes import number
from web.auth.session import current_user, database, login_required
from web.http.error_pages import answer
from web.profile import official_figures
from web.profile.base import own_profile
from web.profile.official_figures import Course, Known
from web.text.values import iso
from web.translation import _, translate

bp = Blueprint("api_insights", __name__, url_prefix="/api/v1/insights/<uuid:profile_id>")
_USUAL = timedelta(days=29)
_LONGEST = 1100
_OFFICIAL = (JobKind.SYNC_INSIGHTS, JobKind.SYNC_AUDIENCE)
_BAD_DAY = Message("`from` and `to` are days, such as 2026-11-20.")
_BAD_RANGE = Message("`from` is at most %(days)s days before `to`.", days=_LONGEST)
_BAD_METRIC = Message("This platform has no such metric.")


@bp.get("")
@login_required
def insights(profile_id: UUID) -> ResponseReturnValue:
    """The days of `from` to `to`, the last thirty without them; of each `metric` that is named, else of all."""
    with database() as conn:
        profile = own_profile(conn, profile_id)
        metrics, days = _metrics(profile), _days(profile)
        known = official_figures.load(conn, profile)
        found = [one for m in metrics for one in official_figures.courses(conn, profile_id, m, days, known.spans)]
        totals = reading.totals(conn, profile_id)
    ids = {one.id for one in metrics}
    return jsonify(
        {
            "from": _iso(days.first_day),
            "to": _iso(days.last_day),
            "insights": [day for one in found for day in _days_of(one)],
            "totals": [_total(one) for one in totals if one.metric in ids],
            "breaks": [_break(metric, one.on, one.because) for metric in metrics for one in metric.breaks],
            "not_given": _not_given(known, ids),
            "covered": [
                {"source": one.source, "from": _iso(one.first_day), "to": _iso(one.last_day), "complete": one.complete}
                for one in known.spans
            ],
        }
    )


@bp.get("/audience")
@login_required
def show_audience(profile_id: UUID) -> ResponseReturnValue:
    """The newest audience of each source by `city`, `country`, `age`, `gender`, `gender_age` and what else it has."""
    with database() as conn:
        found = audience.load(conn, own_profile(conn, profile_id))
    return jsonify(found)


@bp.post("/refresh")
@login_required
def refresh(profile_id: UUID) -> ResponseReturnValue:
    """202 with the jobs that read the official figures and the audience now."""
    with database() as conn:
        profile = own_profile(conn, profile_id)
        kinds = [kind for kind in _OFFICIAL if kind in startable(profile.platform)]
        if not kinds:
            text = _("No way into this platform gives daily figures or an audience that Rollcall could read.")
            return answer(409, "not_offered", _("There are no official figures"), text)
        if (refused := no_session(conn, profile)) is not None:
            return refused
        made = [jobs.enqueue(conn, current_user().user_id, profile_id, kind)[0] for kind in kinds]
    return jsonify(jobs=[str(one) for one in made]), 202


def _metrics(profile: ProfileRow) -> list[Metric]:
    """The metrics that the request names, by commas or by repetition; all daily ones without a name."""
    every = {one.id: one for one in metrics_of(profile.platform, Level.ACCOUNT, daily=True)}
    wanted = [name for given in request.args.getlist("metric") for name in given.split(",") if name]
    if not every.keys() >= set(wanted):
        step = Message("Name one of %(metrics)s.", metrics=", ".join(every)) if every else ""
        raise InputError(_BAD_METRIC, next_step=step)
    return [every[name] for name in dict.fromkeys(wanted)] or list(every.values())


def _days(profile: ProfileRow) -> Period:
    now, zone = datetime.now(UTC), zones.zone(profile.timezone)
    last = _day("to") or day_of(now, zone)
    first = _day("from") or max(last, date.min + _USUAL) - _USUAL
    if not 0 <= (last - first).days < _LONGEST:
        raise InputError(_BAD_RANGE)
    return Period("all", zone, first, last, now)


def _day(name: str) -> date | None:
    given = request.args.get(name, "")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise InputError(_BAD_DAY) from None


def _days_of(course: Course) -> list[dict[str, Any]]:
    """One row a day; `missing` is the reason where the value is null."""
    return [
        {
            "metric": course.metric.id,
            "label": translate(course.metric.label),
            "unit": course.metric.unit,
            "source": course.source,
            "date": _iso(day.day),
            "value": number(day.value),
            "provisional": day.provisional,
            "missing": translate(day.missing) or None,
        }
        for day in course.days
    ]


def _total(one: TotalValue) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "source": one.source,
        "from": _iso(one.first_day),
        "to": _iso(one.last_day),
        "value": number(one.value),
        "provisional": one.provisional,
        "read_at": iso(one.captured_at),
    }


def _break(metric: Metric, on: date, because: str) -> dict[str, Any]:
    return {"metric": metric.id, "date": _iso(on), "because": translate(because)}


def _not_given(known: Known, ids: set[str]) -> list[dict[str, Any]]:
    return [
        {"metric": metric, "source": one.source, "since": iso(one.since), "because": one.because}
        for metric, refusals in known.not_given.items()
        for one in refusals
        if metric in ids
    ]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
