"""One job's page: it updates by itself, asks for a code when the platform does, and can cancel the job."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.domain.input.codes import plain_code
from shared.domain.jobs import NOT_THE_SAME, CodeMethod, JobKind, JobState
from shared.messages import Message
from shared.store.files import imports
from shared.store.profiles import profiles
from shared.store.profiles.profiles import ProfileRow
from shared.store.queue import jobs, login_screenshots
from shared.store.queue.jobs import JobView
from shared.store.queue.login_screenshots import JobPicture
from shared.vault import Purpose
from web.auth.seal import seal
from web.auth.session import current_user, database, login_required
from web.http.headers import leave_opener
from web.jobs import consent_gaps, job_labels
from web.jobs.job_json import job_json
from web.profile import insight_labels
from web.text.values import span
from web.translation import _

bp = Blueprint("jobs", __name__)
_CODE = re.compile(r"[0-9]{4,10}")
_WITHOUT_CODE = (CodeMethod.APPROVAL, CodeMethod.ACCOUNT, CodeMethod.SAME_ACCOUNT)
_CODE_LIFETIME = timedelta(minutes=10)
_NOT_A_CODE = Message("A security code has 6 digits, some have 5 to 8; a backup code has 8.")
_TOO_LATE = Message("%(platform)s does not ask for this any more.")
_CHECKING = Message("Your last answer is still being checked.")
_NOT_OFFERED = Message("%(platform)s does not offer this way.")
_CHOOSE = Message("Choose one of these accounts.")


@bp.get("/jobs/<uuid:job_id>")
@login_required
def show(job_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        job, profile = _own_job(conn, job_id)
        following = _next_job(conn, job)
        picture = picture_of(conn, job)
        imported = imports.of_job(conn, job.id) if job.kind is JobKind.IMPORT else None
        missing = consent_gaps.missing(conn, job)
    lines = insight_labels.result_sentences(imported.report) if imported and imported.finished_at else []
    page = make_response(_page(job, profile, following, picture, imported=lines, missing=missing))
    return leave_opener(page) if _in_popup() else page


@bp.get("/jobs/<uuid:job_id>/picture")
@login_required
def show_picture(job_id: UUID) -> ResponseReturnValue:
    """The platform's page at the end of the login; 404 once its day is over."""
    with database() as conn:
        job = _own_job(conn, job_id)[0]
        found = login_screenshots.load(conn, job.id)
    return abort(404) if found is None else Response(found, mimetype="image/jpeg")


@bp.get("/jobs/<uuid:job_id>/next")
@login_required
def follow(job_id: UUID) -> ResponseReturnValue:
    """Redirects after this job's end: to the profile's next live job, else back to the job itself."""
    with database() as conn:
        job = _own_job(conn, job_id)[0]
        following = _next_job(conn, job)
    return redirect(url_for(".show", job_id=following.id if following else job_id))


@bp.post("/jobs/<uuid:job_id>/code")
@login_required
def send_code(job_id: UUID) -> ResponseReturnValue:
    code = plain_code(request.form.get("code", ""))
    with database() as conn:
        job, profile = _own_job(conn, job_id)
        if not _CODE.fullmatch(code):
            return _page(job, profile, code_fault=_(_NOT_A_CODE)), 400
        if job.input_request is not None and job.input_request.method in _WITHOUT_CODE:
            return _refused(job)
        return _answered(conn, job, {"code": code})


@bp.post("/jobs/<uuid:job_id>/method")
@login_required
def choose_method(job_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        job = _own_job(conn, job_id)[0]
        wanted = request.form.get("method", "")
        offered: tuple[CodeMethod, ...] = job.input_request.others if job.input_request else ()
        if wanted not in offered:
            return _refused(job)
        return _answered(conn, job, {"method": wanted})


@bp.post("/jobs/<uuid:job_id>/resend")
@login_required
def resend(job_id: UUID) -> ResponseReturnValue:
    """Requests another message with a code, once the platform allows it."""
    with database() as conn:
        job = _own_job(conn, job_id)[0]
        asked = job.input_request
        if asked is None or asked.resend_at is None:
            return _refused(job)
        left = asked.resend_at - datetime.now(UTC)
        if left > timedelta(0):
            early = Message("%(platform)s sends another code in %(length)s at the earliest.", length=span(left))
            flash(job_labels.name_platform(job, early), "warning")
            return redirect(url_for(".show", job_id=job_id))
        return _answered(conn, job, {"resend": True})


@bp.post("/jobs/<uuid:job_id>/done")
@login_required
def confirm_approval(job_id: UUID) -> ResponseReturnValue:
    """Records that the person confirmed the login on their phone; the worker then checks with the platform."""
    with database() as conn:
        job = _own_job(conn, job_id)[0]
        if job.input_request is None or job.input_request.method is not CodeMethod.APPROVAL:
            return _refused(job)
        return _answered(conn, job, {"done": True})


@bp.post("/jobs/<uuid:job_id>/account")
@login_required
def choose_account(job_id: UUID) -> ResponseReturnValue:
    """Records which of the accounts behind a consent is connected, or whether it is the one of a known profile."""
    wanted = request.form.get("account", "")
    with database() as conn:
        job, profile = _own_job(conn, job_id)
        asked = job.input_request
        if asked is None or asked.method not in (CodeMethod.ACCOUNT, CodeMethod.SAME_ACCOUNT):
            return _refused(job)
        offered = {choice.id for choice in asked.choices}
        if wanted not in offered | ({NOT_THE_SAME} if asked.method is CodeMethod.SAME_ACCOUNT else set()):
            return _page(job, profile, code_fault=_(_CHOOSE)), 400
        return _answered(conn, job, {"account": wanted})


@bp.post("/jobs/<uuid:job_id>/cancel")
@login_required
def cancel(job_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        job = _own_job(conn, job_id)[0]
        if not jobs.request_cancel(conn, job.id):
            flash(_("This had already ended."), "info")
    return _shown_again(job_id)


def picture_of(conn: WebConnection, job: JobView) -> JobPicture | None:
    """The picture that belongs to the job's present message."""
    return login_screenshots.find(conn, job.id) if job.error_code else None


def _own_job(conn: WebConnection, job_id: UUID) -> tuple[JobView, ProfileRow | None]:
    """The job and its profile; aborts with 404 for another user's job, or a profile that is being deleted."""
    job = jobs.get(conn, job_id)
    if job is None:
        abort(404)
    profile = profiles.get_for_web(conn, job.profile_id) if job.profile_id else None
    if profile is None and job.kind not in (JobKind.DELETE_PROFILE, JobKind.CONNECT):
        abort(404)
    return job, profile


def _next_job(conn: WebConnection, job: JobView) -> JobView | None:
    """The job that a finished login started."""
    connects = job.kind in (JobKind.LOGIN, JobKind.CONNECT)
    if not connects or job.state is not JobState.COMPLETED or job.profile_id is None:
        return None
    newer = [other for other in jobs.recent(conn, job.profile_id, 20) if other.seq > job.seq]
    return next((other for other in newer if not other.ended), None)


def _refused(job: JobView) -> ResponseReturnValue:
    flash(job_labels.name_platform(job, _TOO_LATE if job.input_request is None else _NOT_OFFERED), "warning")
    return _shown_again(job.id)


def _in_popup() -> bool:
    """Whether the page stands in the window that was opened for a consent."""
    return "popup" in request.args


def _shown_again(job_id: UUID, sent: str | None = None) -> ResponseReturnValue:
    return redirect(url_for(".show", job_id=job_id, popup="1" if _in_popup() else None, sent=sent))


def _answered(conn: WebConnection, job: JobView, answer: dict[str, str] | dict[str, bool]) -> ResponseReturnValue:
    sealed = seal(conn, json.dumps(answer), Purpose.CODE, current_user().user_id, job.id, _CODE_LIFETIME)[0]
    if jobs.answer(conn, job.id, sealed):
        return _shown_again(job.id, sent="1")
    late = job.state is not JobState.NEEDS_INPUT
    flash(job_labels.name_platform(job, _TOO_LATE if late else _CHECKING), "warning")
    return _shown_again(job.id)


def _page(
    job: JobView,
    profile: ProfileRow | None,
    following: JobView | None = None,
    picture: JobPicture | None = None,
    code_fault: str = "",
    imported: Sequence[str] = (),
    missing: Sequence[str] = (),
) -> str:
    return render_template(
        "jobs/job.html",
        job=job_json(job, picture=picture),
        profile=profile,
        following=following,
        picture=picture,
        code_fault=code_fault,
        imported=imported,
        missing=missing,
        in_popup=_in_popup(),
        sent="sent" in request.args and job.state is JobState.NEEDS_INPUT,
    )
