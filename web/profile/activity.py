"""A profile's jobs with their attempts and reasons; cancels one, or runs one again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.domain.job_kinds import SESSION_KINDS
from shared.domain.jobs import JobKind, JobState
from shared.platforms import PLATFORMS, startable
from shared.store.files import imports
from shared.store.followers import endpoints, run_history
from shared.store.profiles.profiles import ProfileState
from shared.store.queue import jobs
from shared.store.queue.jobs import JobView
from web.auth.session import current_user, database, login_required
from web.http import periods
from web.jobs import job_labels
from web.jobs.job_json import job_json
from web.profile import forecast
from web.profile.base import own_profile
from web.profile_frame import frame_of
from web.translation import _

bp = Blueprint("activity", __name__, url_prefix="/profiles/<uuid:profile_id>/activity")
PAGE_SIZE = 25
FAILURES = "failures"


@dataclass(frozen=True, slots=True)
class Entry:
    """One job of the list, and the finished look-ups that followed it."""

    job: JobView
    look_ups: list[JobView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day in the profile's time zone, newest first."""

    day: date
    entries: list[Entry] = field(default_factory=list)


@bp.get("")
@login_required
def show_activity(profile_id: UUID) -> ResponseReturnValue:
    older_than = request.args.get("older", "")
    if older_than and not (older_than.isascii() and older_than.isdecimal() and len(older_than) <= 18):
        abort(400)
    failures = request.args.get("only") == FAILURES
    with database() as conn:
        profile = own_profile(conn, profile_id)
        found = jobs.recent(conn, profile_id, PAGE_SIZE + 1, int(older_than) if older_than else None, failed=failures)
        shown = found[:PAGE_SIZE]
        attempts = jobs.attempts(conn, [job.id for job in shown])
        readings = run_history.of_jobs(conn, profile_id, [job.id for job in shown])
        disabled = endpoints.list_disabled(conn, profile_id)
        frame = frame_of(conn, profile)
    return render_template(
        "profile/activity.html",
        **frame,
        tab="activity",
        period=periods.period_of(profile),
        days=by_day(fold_look_ups(shown), ZoneInfo(profile.timezone)),
        summary_of=job_json,
        attempts_of=attempts,
        readings_of=readings,
        failures=failures,
        disabled=disabled,
        endpoint_names=_endpoint_names(profile.platform),
        older=shown[-1].seq if len(found) > PAGE_SIZE else None,
        first_page=not older_than,
        startable=startable(profile.platform),
        title_of=job_labels.title,
    )


def _endpoint_names(platform: str) -> dict[str, str]:
    """The names of the ways in which the platform shows a list."""
    known = PLATFORMS.get(platform)
    return {} if known is None else {endpoint: _(words) for endpoint, words in known.endpoints.items()}


def fold_look_ups(newest_first: Iterable[JobView]) -> list[Entry]:
    """The jobs, with every finished look-up attached to the job before it; one without such a job stands alone."""
    entries: list[Entry] = []
    waiting: list[JobView] = []
    for job in newest_first:
        if job.kind is JobKind.LOOK_UP and job.state is JobState.COMPLETED:
            waiting.append(job)
        else:
            entries.append(Entry(job, waiting))
            waiting = []
    return [*entries, *(Entry(job) for job in waiting)]


def by_day(entries: Iterable[Entry], zone: ZoneInfo) -> list[Day]:
    """The entries grouped by the day on which their jobs began, in their order."""
    days: list[Day] = []
    for entry in entries:
        day = (entry.job.started_at or entry.job.created_at).astimezone(zone).date()
        if not days or days[-1].day != day:
            days.append(Day(day))
        days[-1].entries.append(entry)
    return days


@bp.post("/<uuid:job_id>/cancel")
@login_required
def cancel(profile_id: UUID, job_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        own_profile(conn, profile_id)
        requested = jobs.request_cancel(conn, _own_job(conn, profile_id, job_id).id)
    flash(_("It stops at the next safe point.") if requested else _("This had already ended."), "info")
    return redirect(url_for(".show_activity", profile_id=profile_id))


@bp.post("/<uuid:job_id>/again")
@login_required
def run_again(profile_id: UUID, job_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        job = _own_job(conn, profile_id, job_id)
        if job.kind not in startable(profile.platform):
            abort(400)
        if profile.state != ProfileState.CONNECTED and job.kind in SESSION_KINDS:
            flash(_(forecast.CONNECT_FIRST), "warning")
            return redirect(url_for(".show_activity", profile_id=profile_id))
        if job.kind in SESSION_KINDS and imports.tell_alone(conn, profile_id):
            flash(_("This profile has data downloads only. Log in to the account, or import a newer one."), "warning")
            return redirect(url_for(".show_activity", profile_id=profile_id))
        started = jobs.enqueue(conn, current_user().user_id, profile_id, job.kind)[0]
    return redirect(url_for("jobs.show", job_id=started))


def _own_job(conn: WebConnection, profile_id: UUID, job_id: UUID) -> JobView:
    """The job; aborts with 404 unless it is this profile's."""
    job = jobs.get(conn, job_id)
    if job is None or job.profile_id != profile_id:
        abort(404)
    return job
