"""A profile's settings: its session, *Sync now*, the schedule, disconnecting, and deleting everything."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared import logs
from shared.db.pools import WebConnection
from shared.domain import zones
from shared.domain.jobs import JobKind
from shared.messages import Message
from shared.store.files import imports
from shared.store.profiles import connections, intervals, profiles
from shared.store.profiles.profiles import ProfileRow, ProfileState
from shared.store.queue import jobs
from shared.store.queue import schedule as schedules
from web.auth.session import current_user, database, login_required
from web.connect.connections import ended_words, rows_of, what_stays
from web.profile import forecast, schedule_form
from web.profile.base import own_profile
from web.profile_frame import frame_of
from web.text import platforms
from web.translation import _, translate

bp = Blueprint("profile_settings", __name__, url_prefix="/profiles/<uuid:profile_id>")
_log = logs.get("web.profile.settings_page")
_MOST_LIVE = 200
_EXPORTS_ONLY = Message("This profile has data downloads only. Import a newer one, or log in to the account.")
_READS_AGAIN = Message("The cool-down is over. Waiting work continues now, and so does the schedule.")
_STARTS_AGAIN = Message("The cool-down is over. What failed because of it starts again now, and so does the schedule.")
_LOGIN_FIRST = Message("The cool-down is over. Connect the account again; until then Rollcall cannot sync.")
_CHOOSE_INTERVAL = Message("Choose each interval from the lists.")
_CHOOSE_ZONE = Message("No time zone has this name. Choose one from the list, such as Europe/Berlin.")
_NO_COOLDOWN = Message("This profile is in no cool-down.")


@bp.get("/settings")
@login_required
def show(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        return _page(conn, own_profile(conn, profile_id))


@bp.post("/settings")
@login_required
def save_schedule(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        wanted = schedule_form.read(request.form, profile, forecast.plan_of(profile))
        if wanted is None:
            known = zones.find(request.form.get("timezone", "")) is not None
            faults = {"schedule": _(_CHOOSE_INTERVAL)} if known else {"timezone": _(_CHOOSE_ZONE)}
            return _page(conn, profile, faults, request.form.get("timezone", "")), 400
        profiles.set_schedule(conn, profile_id, paused=wanted.paused, timezone=wanted.timezone)
        schedules.choose(conn, profile_id, wanted.every, wanted.automatic)
    flash(_("The schedule is saved."), "success")
    return redirect(url_for(".show", profile_id=profile_id))


@bp.post("/sync")
@login_required
def sync_now(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        if profile.state != ProfileState.CONNECTED:
            return _page(conn, profile, {"sync": forecast.why_not(profile)}), 409
        if imports.tell_alone(conn, profile_id):
            return _page(conn, profile, {"sync": _(_EXPORTS_ONLY)}), 409
        job_id = jobs.enqueue(conn, current_user().user_id, profile_id, JobKind.SYNC)[0]
    return redirect(url_for("jobs.show", job_id=job_id))


@bp.post("/read-again")
@login_required
def read_again(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        before = own_profile(conn, profile_id)
        ended = intervals.end_cooldown(conn, profile_id)
        words = _read_on(conn, before) if ended else _NO_COOLDOWN
    if ended:
        _log.info("cooldown_ended", profile_id=str(profile_id))
    flash(_(words), "success" if ended else "info")
    return redirect(url_for(".show", profile_id=profile_id))


def _read_on(conn: WebConnection, before: ProfileRow) -> str:
    """Starts failed syncs again after a cool-down that only the person could end; returns the page's message."""
    now = own_profile(conn, before.id)
    if now.state != ProfileState.CONNECTED:
        return _LOGIN_FIRST
    if before.state != ProfileState.COOLING_DOWN:
        return _READS_AGAIN
    for kind in sorted(intervals.missed_kinds(conn, before.id, before.state_since)):
        jobs.enqueue(conn, before.user_id, before.id, kind)
    return _STARTS_AGAIN


@bp.post("/disconnect")
@login_required
def disconnect(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile, connection = own_profile(conn, profile_id), connections.view(conn, profile_id)
        _cancel_all(conn, profile_id)
        connections.disconnect(conn, profile_id)
    _log.info("profile_disconnected", profile_id=str(profile_id))
    provider = None if connection is None else platforms.provider_of(profile.platform, connection.method)
    flash(translate(ended_words(profile.platform, provider)), "success")
    return redirect(url_for(".show", profile_id=profile_id))


@bp.post("/delete")
@login_required
def delete(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        if not platforms.is_name_of(profile, request.form.get("confirm", "")):
            return _page(conn, profile, {"delete": _("Type %(username)s to confirm.", username=profile.username)}), 400
        _cancel_all(conn, profile_id)
        connections.disconnect(conn, profile_id)
        jobs.enqueue(conn, current_user().user_id, profile_id, JobKind.DELETE_PROFILE)
        profiles.mark_deleting(conn, profile_id)
    _log.info("profile_deleting", profile_id=str(profile_id))
    flash(_("Everything about @%(username)s is being deleted.", username=profile.username), "success")
    return redirect("/")


def _cancel_all(conn: WebConnection, profile_id: UUID) -> None:
    for job in jobs.recent(conn, profile_id, _MOST_LIVE):
        if not job.ended:
            jobs.request_cancel(conn, job.id)


def _offered(profile: ProfileRow, kind: str, label: str, every: timedelta) -> schedule_form.Offered:
    """One select of the schedule form; `every` is Rollcall's own choice."""
    because = forecast.because(profile, kind, every)
    return schedule_form.Offered(
        kind,
        _(label),
        schedule_form.all_choices(profile, kind, every),
        schedule_form.next_at(profile, kind),
        schedule_form.reason(every, because) if because and schedule_form.is_automatic(profile, kind) else "",
    )


def _page(conn: WebConnection, profile: ProfileRow, faults: dict[str, str] | None = None, typed_zone: str = "") -> str:
    planned, connection = forecast.plan_of(profile), connections.view(conn, profile.id)
    return render_template(
        "profile/settings.html",
        **frame_of(conn, profile),
        outlook=forecast.outlook(conn, profile),
        tab="settings",
        connection=connection,
        rows=rows_of(conn, profile.id),
        provider=None if connection is None else platforms.provider_of(profile.platform, connection.method),
        imported=next((one for one in imports.recent(conn, profile.id) if one.finished_at), None),
        exports_alone=imports.tell_alone(conn, profile.id),
        data_stays=translate(what_stays(profile.platform)),
        kinds=[
            _offered(profile, kind, label, schedule_form.interval(planned, kind))
            for kind, label in schedule_form.kinds_of(profile)
        ],
        timezones=schedule_form.timezones(),
        faults=faults or {},
        typed_zone=typed_zone,
    )
