"""The account page: a person's sessions, each with a button to end it, and their password."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared import logs
from shared.errors import AccountRefused
from shared.messages import Message
from shared.store.users import sessions
from web.account import data_export, email_alerts, second_step
from web.auth import proofs, rate_limits
from web.auth.credentials import password_fault
from web.auth.identity import Entry
from web.auth.session import SignedIn, access_token, current_user, database, login_required, sign_in, sign_out
from web.auth.supabase import form_errors
from web.auth.supabase.sessions import supabase_identity
from web.services import services
from web.translation import _

bp = Blueprint("account", __name__)
_log = logs.get("web.account.account_page")
NOT_ENDED = Message("Supabase did not answer, so there they end later by themselves.")


@bp.get("/account")
@login_required
def show() -> ResponseReturnValue:
    return page()


@bp.post("/account/sessions/<uuid:session_id>/end")
@login_required
def end_session(session_id: UUID) -> ResponseReturnValue:
    person, identity = current_user(), supabase_identity()
    if identity is not None:
        ended = identity.sessions.end(session_id, person.user_id)
    else:
        with database() as conn:
            ended = sessions.end(conn, person.user_id, session_id)
    if not ended:
        abort(404)
    if session_id == person.session_id:
        response = redirect("/login")
        sign_out(response)
        return response
    flash(_("That session is ended."), "success")
    return redirect("/account")


@bp.post("/account/sessions/end-others")
@login_required
def end_others() -> ResponseReturnValue:
    person, identity = current_user(), supabase_identity()
    ended_there = identity is None or identity.sessions.end_at_supabase(person.session_id, person.user_id, "others")
    with database() as conn:
        sessions.end_others(conn, person.user_id, person.session_id)
    words = _("All other sessions are ended.")
    flash(words if ended_there else f"{words} {_(NOT_ENDED)}", "success" if ended_there else "info")
    return redirect("/account")


@bp.post("/account/password")
@login_required
def change_password() -> ResponseReturnValue:
    person = current_user()
    old, new = request.form.get("old_password", ""), request.form.get("new_password", "")
    if fault := password_fault(new, person.email):
        return page({"new_password": fault}), 400
    if wait := rate_limits.wait_for((rate_limits.PASSWORD, str(person.user_id))):
        return page({"form": rate_limits.too_many(wait)}), 429
    if refusal := proofs.check_second_step("password_code", "old_password"):
        return page(refusal[0]), refusal[1]
    try:
        entry = _changed(person, old, new)
    except AccountRefused as refused:
        return form_errors.with_wait((page(form_errors.faults(refused)), 400), refused)
    if entry is None:
        return page({"old_password": _("This is not your password.")}), 400
    with database() as conn:
        sessions.end_others(conn, person.user_id, person.session_id)
    _log.info("password_changed", user_id=str(person.user_id))
    response = redirect("/account")
    if entry.tokens is not None:
        sign_in(response, entry.user_id, entry.tokens)
    flash(_("The password is changed, and all other sessions are ended."), "success")
    return response


def _changed(person: SignedIn, old: str, new: str) -> Entry | None:
    identity = supabase_identity()
    if identity is None:
        return services().identity.change_password(person.user_id, person.email, old, new)
    return identity.change_password(person.user_id, person.email, old, new, access_token())


def page(faults: Mapping[str, str | None] | None = None, new_email: str = "") -> str:
    """The account page, with the faults at its fields."""
    person = current_user()
    with database() as conn:
        mine, data = sessions.list_sessions(conn, person.user_id), data_export.view_of(conn)
    second = None if supabase_identity() is not None else second_step.second_step().state(person.user_id)
    return render_template(
        "account/account.html",
        person=person,
        sessions=mine,
        data=data,
        keep=services().settings.export_lifetime,
        link_lifetime=services().settings.export_link_lifetime,
        faults=faults or {},
        new_email=new_email,
        hosted=supabase_identity() is not None,
        second_on=second is not None and second.confirmed,
        mail=email_alerts.mail_settings(),
        codes_left=0 if second is None else second.codes_left,
    )
