"""Switches a person's alerts by mail on and off, on the account's page, where this installation sends mail."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared.store.users import email_alerts, email_confirmations
from web.auth import rate_limits
from web.auth.session import current_user, database, database_before_sign_in, login_required
from web.services import parts

bp = Blueprint("mail_wishes", __name__)


@bp.app_context_processor
def _to_templates() -> dict[str, Callable[[], bool | None]]:
    return {"mail_wish": wish, "mail_confirmed": confirmed}


def wish() -> bool | None:
    """Whether the signed-in person wants mail; None where this installation sends none."""
    if parts().settings.mail_from is None:
        return None
    with database() as conn:
        return email_alerts.wishes_alerts(conn, current_user().user_id)


@bp.post("/account/mail")
@login_required
def change() -> ResponseReturnValue:
    if parts().settings.mail_from is None:
        abort(404)
    wanted = request.form.get("alerts") == "yes"
    person = current_user()
    with database() as conn:
        email_alerts.set_wish(conn, person.user_id, wanted)
    if wanted and not confirmed():
        return _ask(person.user_id, person.email)
    flash("Alerts come by mail from now on." if wanted else "Alerts do not come by mail any more.", "success")
    return redirect("/account")


@bp.get("/mail/confirm")
def opened() -> ResponseReturnValue:
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
    flash("The address is confirmed. Alerts come by mail from now on.", "success")
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
    flash(f"A link is on its way to {email}. Once it was opened, alerts come by mail.", "info")
    return redirect("/account")
