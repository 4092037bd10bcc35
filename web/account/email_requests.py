"""Pages around mails: check your mail, send it again, ask for a new password."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared.errors import AccountRefused
from web.auth import rate_limits
from web.auth.credentials import clean_email, email_fault
from web.auth.supabase import form_errors, pkce
from web.auth.supabase.identity import RECOVERY, HostedIdentity
from web.auth.supabase.sessions import supabase_identity
from web.translation import _

bp = Blueprint("hosted_mails", __name__)


@bp.get("/signup/mail")
def signup_mail() -> ResponseReturnValue:
    identity_or_404()
    return render_template("account/mail_signup.html", email=pkce.email())


@bp.post("/signup/mail")
def send_again() -> ResponseReturnValue:
    identity, typed = identity_or_404(), request.form.get("email", "")
    email = clean_email(typed)
    if email is None:
        return render_template("account/mail_signup.html", email=pkce.email(), fault=email_fault(typed)), 400
    if wait := _too_many(email):
        return render_template("account/mail_signup.html", email=email, problem=wait), 429
    try:
        identity.resend(email)
    except AccountRefused as refused:
        messages = form_errors.faults(refused)
        page = render_template(
            "account/mail_signup.html", email=email, problem=messages.get("form"), fault=messages.get("email")
        )
        return form_errors.with_wait((page, 400), refused)
    flash(_("If this address waits to be confirmed, the mail is sent once more."), "success")
    return redirect("/signup/mail")


@bp.get("/reset")
def reset() -> ResponseReturnValue:
    identity_or_404()
    return render_template("account/reset.html", email=pkce.email())


@bp.post("/reset")
def ask_reset() -> ResponseReturnValue:
    identity, typed = identity_or_404(), request.form.get("email", "")
    email = clean_email(typed)
    if email is None:
        return render_template("account/reset.html", email=typed, fault=email_fault(typed)), 400
    if wait := _too_many(email):
        return render_template("account/reset.html", email=typed, problem=wait), 429
    try:
        sent = identity.ask_reset(email)
    except AccountRefused as refused:
        messages = form_errors.faults(refused)
        page = render_template(
            "account/reset.html", email=typed, problem=messages.get("form"), fault=messages.get("email")
        )
        return form_errors.with_wait((page, 400), refused)
    pkce.remember(RECOVERY, sent, email)
    return redirect("/reset/mail")


@bp.get("/reset/mail")
def reset_mail() -> ResponseReturnValue:
    identity_or_404()
    return render_template("account/mail_reset.html", email=pkce.email())


def identity_or_404() -> HostedIdentity:
    """The hosted identity; without one these pages do not exist."""
    identity = supabase_identity()
    if identity is None:
        abort(404)
    return identity


def _too_many(email: str) -> str:
    wait = rate_limits.wait_for((rate_limits.MAIL_EMAIL, email), (rate_limits.MAIL_ADDRESS, rate_limits.address()))
    return rate_limits.too_many(wait) if wait else ""
