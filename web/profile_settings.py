"""A profile's settings: its session, reading now, the schedule, disconnecting, and deleting everything."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared import logs
from shared.db.pools import WebConnection
from shared.domain import zones
from shared.domain.instagram_names import clean_username
from shared.domain.jobs import JobKind
from shared.store import connections, imports, jobs, plans, profiles
from shared.store import schedule as schedules
from shared.store.profiles import ProfileRow, ProfileState
from web import reading_plan, schedule
from web.profile_page import own_profile
from web.security import current_user, database, login_required

bp = Blueprint("profile_settings", __name__, url_prefix="/profiles/<uuid:profile_id>")
reading_plan.add_to(bp)
_log = logs.get("web.profile_settings")
_MOST_LIVE = 200
_EXPORTS_ONLY = "This profile has data downloads only. Import a newer one, or log in to the account."
_READS_AGAIN = "The cool-down is over. Waiting work continues now, and so does the schedule."
_STARTS_AGAIN = "The cool-down is over. What failed because of it starts again now, and so does the schedule."
_LOGIN_FIRST = "The cool-down is over. Connect the account again; until then Rollcall cannot sync."
_CHOOSE_INTERVAL = "Choose each interval from the lists."
_CHOOSE_ZONE = "No time zone has this name. Choose one from the list, such as Europe/Berlin."
_NOT_RESTING = "This profile is in no cool-down."


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
        wanted = schedule.read(request.form, profile, reading_plan.planned(profile))
        if wanted is None:
            known = zones.found(request.form.get("timezone", "")) is not None
            faults = {"schedule": _CHOOSE_INTERVAL} if known else {"timezone": _CHOOSE_ZONE}
            return _page(conn, profile, faults, request.form.get("timezone", "")), 400
        profiles.set_schedule(conn, profile_id, paused=wanted.paused, timezone=wanted.timezone)
        schedules.choose(conn, profile_id, wanted.every, wanted.automatic)
    flash("The schedule is saved.", "success")
    return redirect(url_for(".show", profile_id=profile_id))


@bp.post("/sync")
@login_required
def sync_now(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        if profile.state != ProfileState.CONNECTED:
            return _page(conn, profile, {"sync": reading_plan.why_not(profile)}), 409
        if imports.tell_alone(conn, profile_id):
            return _page(conn, profile, {"sync": _EXPORTS_ONLY}), 409
        job_id, _ = jobs.enqueue(conn, current_user().user_id, profile_id, JobKind.SYNC)
    return redirect(url_for("jobs.show", job_id=job_id))


@bp.post("/read-again")
@login_required
def read_again(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        before = own_profile(conn, profile_id)
        ended = plans.end_cooldown(conn, profile_id)
        words = _read_on(conn, before) if ended else _NOT_RESTING
    if ended:
        _log.info("rest_ended", profile_id=str(profile_id))
    flash(words, "success" if ended else "info")
    return redirect(url_for(".show", profile_id=profile_id))


def _read_on(conn: WebConnection, before: ProfileRow) -> str:
    """Starts again what failed while only the person could end the rest; returns what the page says of it."""
    now = own_profile(conn, before.id)
    if now.state != ProfileState.CONNECTED:
        return _LOGIN_FIRST
    if before.state != ProfileState.COOLING_DOWN:
        return _READS_AGAIN
    for kind in sorted(plans.missed(conn, before.id, before.state_since)):
        jobs.enqueue(conn, before.user_id, before.id, kind)
    return _STARTS_AGAIN


@bp.post("/disconnect")
@login_required
def disconnect(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        own_profile(conn, profile_id)
        connections.disconnect(conn, profile_id)
        _cancel_all(conn, profile_id)
    _log.info("profile_disconnected", profile_id=str(profile_id))
    flash("Disconnected. The session is destroyed here; what was read stays.", "success")
    return redirect(url_for(".show", profile_id=profile_id))


@bp.post("/delete")
@login_required
def delete(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        if clean_username(request.form.get("confirm", "")) != profile.username.lower():
            return _page(conn, profile, {"delete": f"Type {profile.username} to confirm."}), 400
        _cancel_all(conn, profile_id)
        connections.disconnect(conn, profile_id)
        jobs.enqueue(conn, current_user().user_id, profile_id, JobKind.PURGE)
        profiles.mark_deleting(conn, profile_id)
    _log.info("profile_deleting", profile_id=str(profile_id))
    flash(f"Everything about @{profile.username} is being deleted.", "success")
    return redirect("/")


def _cancel_all(conn: WebConnection, profile_id: UUID) -> None:
    for job in jobs.recent(conn, profile_id, _MOST_LIVE):
        if not job.ended:
            jobs.request_cancel(conn, job.id)


def _offered(profile: ProfileRow, kind: str, label: str, every: timedelta) -> schedule.Offered:
    """One select of the schedule form; `every` is what Rollcall itself would choose."""
    because = reading_plan.because(profile, kind, every)
    return schedule.Offered(
        kind,
        label,
        schedule.all_choices(profile, kind, every),
        schedule.next_at(profile, kind),
        schedule.reason(every, because) if because and schedule.is_automatic(profile, kind) else "",
    )


def _page(conn: WebConnection, profile: ProfileRow, faults: dict[str, str] | None = None, typed_zone: str = "") -> str:
    planned = reading_plan.planned(profile)
    return render_template(
        "settings/settings.html",
        outlook=reading_plan.outlook(conn, profile),
        profile=profile,
        tab="settings",
        connection=connections.view(conn, profile.id),
        imported=next((one for one in imports.recent(conn, profile.id) if one.finished_at), None),
        exports_alone=imports.tell_alone(conn, profile.id),
        kinds=[_offered(profile, kind, label, schedule.interval(planned, kind)) for kind, label in schedule.KINDS],
        timezones=schedule.timezones(),
        faults=faults or {},
        typed_zone=typed_zone,
    )
