"""Switches the second step of signing in on and off, on the account's page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared import logs
from shared.store.users import sessions
from web.account import account_page
from web.account.second_step import WRONG, only_here, second_step
from web.auth import proofs, rate_limits
from web.auth.second_factor import group_letters, setup_address
from web.auth.session import current_user, database, login_required, sign_in
from web.translation import _

bp = Blueprint("second_step_account", __name__)
bp.before_request(only_here)
_log = logs.get("web.account.second_step")


@bp.post("/account/second-step/begin")
@login_required
def begin() -> ResponseReturnValue:
    if fault := proofs.check_password("second_password"):
        return account_page.page(fault[0]), fault[1]
    second_step().begin(current_user().user_id)
    return redirect("/account/second-step")


@bp.get("/account/second-step")
@login_required
def set_up() -> ResponseReturnValue:
    page = _setup_page()
    return redirect("/account") if page is None else page


@bp.post("/account/second-step/confirm")
@login_required
def confirm() -> ResponseReturnValue:
    person = current_user()
    if wait := rate_limits.wait_for((rate_limits.SECOND_STEP, str(person.user_id))):
        page = _setup_page(rate_limits.too_many(wait))
        return redirect("/account") if page is None else (page, 429)
    codes = second_step().confirm(person.user_id, request.form.get("code", ""))
    if codes is None:
        page = _setup_page(_(WRONG))
        return redirect("/account") if page is None else (page, 400)
    with database() as conn:
        sessions.end_others(conn, person.user_id, person.session_id)
    _log.info("second_step_on", user_id=str(person.user_id))
    return render_template("account/recovery_codes.html", codes=codes)


@bp.post("/account/second-step/end")
@login_required
def end() -> ResponseReturnValue:
    person = current_user()
    if fault := proofs.check_password("second_password", "second_code"):
        return account_page.page(fault[0]), fault[1]
    second_step().end(person.user_id)
    with database() as conn:
        sessions.end_others(conn, person.user_id, person.session_id)
    _log.info("second_step_off", user_id=str(person.user_id))
    response = redirect("/account")
    sign_in(response, person.user_id)
    flash(_("The second step is off, and all other sessions are ended."), "success")
    return response


def _setup_page(fault: str = "") -> str | None:
    """The page with the secret until it is confirmed, else None."""
    person = current_user()
    secret = second_step().secret_to_show(person.user_id)
    if secret is None:
        return None
    # Only this page draws a QR code.
    import segno

    picture = segno.make(setup_address(secret, person.email), micro=False).svg_data_uri(scale=5, border=4, light="#fff")
    return render_template("account/second_step_setup.html", key=group_letters(secret), picture=picture, fault=fault)
