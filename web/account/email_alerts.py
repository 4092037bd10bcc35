"""Switches a person's alerts by mail on and off, on the account's page, where this installation sends mail."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared.store.users import email_alerts, email_confirmations
from web.auth import rate_limits
from web.auth.session import current_user, database, database_before_sign_in, login_required
from web.services import services
from web.translation import _

bp = Blueprint("email_alerts", __name__)


@dataclass(frozen=True, slots=True)
class Mail:
    """Whether a person wants alerts by mail, and whether their address waits to be confirmed."""

    wanted: bool
    waits: bool


def mail_settings() -> Mail | None:
    """The signed-in person's mail settings for the account page; None where this installation sends no mail."""
    if services().settings.mail_from is None:
        return None
    with database() as conn:
        wanted = email_alerts.wants_alerts(conn, current_user().user_id)
    return Mail(wanted, wanted and not confirmed())


@bp.post("/account/mail")
@login_required
def change() -> ResponseReturnValue:
    if services().settings.mail_from is None:
        abort(404)
    wanted = request.form.get("alerts") == "yes"
    person = current_user()
    with database() as conn:
        email_alerts.set_preference(conn, person.user_id, wanted)
    if wanted and not confirmed():
        return _ask(person.user_id, person.email)
    flash(_("E-mail alerts are on.") if wanted else _("E-mail alerts are off."), "success")
    return redirect("/account")


@bp.get("/mail/confirm")
def show_confirmation() -> ResponseReturnValue:
    """Shows a button, because mail scanners open every link."""
    return render_template("account/mail_confirm.html", token=request.args.get("token", "")[:100])


@bp.post("/mail/confirm")
def confirm() -> ResponseReturnValue:
    if wait := rate_limits.wait_for((rate_limits.MAIL_ADDRESS, rate_limits.address())):
        flash(rate_limits.too_many(wait), "warning")
        return redirect("/")
    with database_before_sign_in() as conn:
        done = email_confirmations.confirm(conn, request.form.get("token", "")[:100])
    if not done:
        return render_template("account/mail_confirm.html", over=True), 400
    flash(_("The address is confirmed. E-mail alerts are on."), "success")
    return redirect("/")


def confirmed() -> bool:
    """Whether the signed-in person's address was confirmed."""
    with database_before_sign_in() as conn:
        return email_confirmations.is_confirmed(conn, current_user().user_id)


def _ask(user_id: UUID, email: str) -> ResponseReturnValue:
    if wait := rate_limits.wait_for((rate_limits.MAIL_EMAIL, email)):
        flash(rate_limits.too_many(wait), "warning")
        return redirect("/account")
    with database_before_sign_in() as conn:
        email_confirmations.ask(conn, user_id)
    flash(_("A link is on its way to %(email)s. Open it, and e-mail alerts are on.", email=email), "info")
    return redirect("/account")
