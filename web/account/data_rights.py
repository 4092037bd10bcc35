"""A person's rights: all their data as one file, and the deletion of their account."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared import logs
from shared.errors import AccountRefused
from shared.store.deletion import delete_account
from shared.store.files import account_exports
from web.account import account_page
from web.auth import proofs, rate_limits
from web.auth.session import current_user, database, login_required, sign_out
from web.auth.supabase import form_errors
from web.exports import download_links
from web.exports.download_links import Link
from web.exports.send_file import file_response
from web.services import services
from web.translation import _

bp = Blueprint("account_data", __name__)
_log = logs.get("web.account.account_page")


@bp.post("/account/data")
@login_required
def request_file() -> ResponseReturnValue:
    with database() as conn:
        account_exports.request(conn)
    return redirect("/account#data")


@bp.get("/account/data/<uuid:export_id>/download")
@login_required
def download(export_id: UUID) -> ResponseReturnValue:
    """The file, for the person of the link, while the link is valid; else a page with the next step."""
    person, now = current_user(), datetime.now(UTC)
    token = request.args.get("link", "")
    worth = download_links.read(str(current_app.secret_key), token, export_id, person.user_id, now)
    if worth is Link.FOREIGN:
        return render_template("exports/link_foreign.html"), 404
    with database() as conn:
        export = account_exports.newest(conn, person.user_id, export_id)
    there = export is not None and export.ready
    if worth is Link.GOOD and export is not None and export.ready:
        name = export.filename or "rollcall.zip"
        found = file_response(export.path, name, "application/zip", now, export.expires_at)
        if found is not None:
            return found
        there = False
    return render_template("exports/account_link_over.html", there=there), 410


@bp.post("/account/delete")
@login_required
def delete() -> ResponseReturnValue:
    person = current_user()
    if wait := rate_limits.wait_for((rate_limits.PASSWORD, str(person.user_id))):
        return account_page.page({"delete_form": rate_limits.too_many(wait)}), 429
    try:
        entry = services().identity.check(person.email, request.form.get("confirm_password", ""))
    except AccountRefused as refused:
        messages = form_errors.faults(refused, {"form": "delete_form", "password": "confirm_password"})
        return form_errors.with_wait((account_page.page(messages), 400), refused)
    if entry is None or entry.user_id != person.user_id:
        return account_page.page({"confirm_password": _("This is not your password.")}), 400
    if fault := proofs.check_second_step("delete_code", "confirm_password"):
        return account_page.page(fault[0]), fault[1]
    with database() as conn:
        delete_account.leave(conn)
    _log.info("account_left", user_id=str(person.user_id))
    response = redirect("/login")
    sign_out(response)
    flash(_("Your account is closed, and everything in it is being deleted."), "success")
    return response
