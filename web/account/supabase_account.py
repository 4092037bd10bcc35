"""The account page's actions where Supabase keeps the accounts: change the address, and sign out everywhere."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from shared import logs
from shared.errors import AccountRefused
from shared.store.users import sessions
from web.account import account_page
from web.account.email_requests import identity_or_404
from web.auth import rate_limits
from web.auth.credentials import clean_email, email_fault
from web.auth.session import access_token, current_user, database, login_required, sign_out
from web.auth.supabase import form_errors, pkce
from web.auth.supabase.identity import EMAIL_CHANGE
from web.translation import _

bp = Blueprint("hosted_account", __name__)
_log = logs.get("web.account.supabase_account")


@bp.post("/account/email")
@login_required
def change_email() -> ResponseReturnValue:
    identity, person = identity_or_404(), current_user()
    typed, password = request.form.get("new_email", ""), request.form.get("email_password", "")
    email = clean_email(typed)
    if email is None or email == person.email:
        fault = email_fault(typed) or _("This is already your address.")
        return account_page.page({"new_email": fault}, typed), 400
    if wait := rate_limits.wait_for((rate_limits.PASSWORD, str(person.user_id))):
        return account_page.page({"email_form": rate_limits.too_many(wait)}, typed), 429
    try:
        sent = identity.ask_email(person.user_id, person.email, password, email, access_token())
    except AccountRefused as refused:
        messages = form_errors.faults(refused, {"form": "email_form", "email": "new_email"})
        return form_errors.with_wait((account_page.page(messages, typed), 400), refused)
    if sent is None:
        return account_page.page({"email_password": _("This is not your password.")}, typed), 400
    pkce.remember(EMAIL_CHANGE, sent, email)
    _log.info("email_change_asked", user_id=str(person.user_id))
    flash(
        _(
            "A link is on its way to %(email)s. The address changes once you have opened it. "
            "If your present address gets a mail too, open both links.",
            email=email,
        ),
        "success",
    )
    return redirect("/account")


@bp.post("/account/sessions/end-everywhere")
@login_required
def end_everywhere() -> ResponseReturnValue:
    identity, person = identity_or_404(), current_user()
    ended_there = identity.sessions.end_at_supabase(person.session_id, person.user_id, "global")
    response = redirect("/login")
    sign_out(response)
    with database() as conn:
        sessions.end_others(conn, person.user_id, person.session_id)
    words = _("You are signed out everywhere.")
    flash(words if ended_there else f"{words} {_(account_page.NOT_ENDED)}", "success" if ended_there else "info")
    return response
