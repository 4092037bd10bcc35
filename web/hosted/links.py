"""Where the links in mails lead. A token hash is used by a button only, since mail scanners open every link."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared import logs
from shared.errors import AccountError, AccountRefused
from shared.store import sessions
from web import throttle
from web.credentials import password_fault
from web.hosted import pending, refusals
from web.hosted.identity import EMAIL_CHANGE, KINDS, LINK_PATH, RECOVERY, SIGN_UP
from web.hosted.mails import identity_or_404
from web.hosted.sentences import SAYINGS
from web.identity import Entry
from web.security import access_token, current_user, database, database_before_sign_in, login_required, sign_in

bp = Blueprint("hosted_links", __name__)
_log = logs.get("web.hosted.links")
_MAY_SET = timedelta(minutes=15)
_DONE = {
    SIGN_UP: ("Your address is confirmed.", "/"),
    EMAIL_CHANGE: ("The e-mail address of your account is changed.", "/account"),
}


@bp.get(f"{LINK_PATH}/<kind>")
def opened(kind: str) -> ResponseReturnValue:
    identity = identity_or_404()
    _known(kind)
    given = request.args
    if code := given.get("error_code"):
        return _over(kind, SAYINGS.get(code, SAYINGS["otp_expired"]).sentence)
    if given.get("message"):
        return render_template("auth/link_half.html")
    if given.get("token_hash"):
        return render_template("auth/link.html", kind=kind, token_hash=given["token_hash"])
    verifier = pending.verifier(kind)
    if not given.get("code") or not verifier:
        return render_template("auth/link_elsewhere.html", kind=kind)
    try:
        entry = identity.follow_code(kind, given["code"], verifier)
    except AccountRefused as refused:
        pending.forget(kind)
        return _over(kind, refused.sentence)
    pending.forget(kind)
    return _come_in(kind, entry)


@bp.post(f"{LINK_PATH}/<kind>")
def used(kind: str) -> ResponseReturnValue:
    identity = identity_or_404()
    _known(kind)
    try:
        entry = identity.follow(kind, request.form.get("token_hash", ""))
    except AccountRefused as refused:
        return refusals.with_wait(_over(kind, refused.message if refused.wait else refused.sentence), refused)
    return render_template("auth/link_half.html") if entry is None else _come_in(kind, entry)


@bp.get("/password/new")
@login_required
def new_password() -> ResponseReturnValue:
    identity_or_404()
    return _new_password_page() if _may_set() else _no_longer()


@bp.post("/password/new")
@login_required
def set_password() -> ResponseReturnValue:
    identity, person, new = identity_or_404(), current_user(), request.form.get("new_password", "")
    if not _may_set():
        return _no_longer()
    if fault := password_fault(new, person.email):
        return _new_password_page({"new_password": fault}), 400
    if wait := throttle.wait_for((throttle.PASSWORD, str(person.user_id))):
        return _new_password_page({"form": throttle.too_many(wait)}), 429
    with database_before_sign_in() as conn:
        right = sessions.take_password_right(conn, person.user_id, person.session_id)
    if right is None:
        return _no_longer()
    try:
        identity.set_password(access_token() or "", new)
    except AccountError as error:
        with database_before_sign_in() as conn:
            sessions.return_password_right(conn, person.user_id, person.session_id, right)
        if not isinstance(error, AccountRefused):
            raise
        return refusals.with_wait((_new_password_page(refusals.faults(error)), 400), error)
    with database() as conn:
        sessions.end_others(conn, person.user_id, person.session_id)
    _log.info("password_reset", user_id=str(person.user_id))
    flash("The password is changed, and all other sessions are ended.", "success")
    return redirect("/")


def _come_in(kind: str, entry: Entry) -> ResponseReturnValue:
    words, where = _DONE.get(kind, ("", "/password/new"))
    response = redirect(where)
    session_id = sign_in(response, entry.user_id, entry.tokens)
    if kind == RECOVERY:
        with database_before_sign_in() as conn:
            sessions.allow_password(conn, entry.user_id, session_id, _MAY_SET)
    else:
        flash(words, "success")
    _log.info("link_used", kind=kind, user_id=str(entry.user_id))
    return response


def _may_set() -> bool:
    """Whether this very sign-in came by a reset link a short while ago, and has not used that yet."""
    person = current_user()
    with database_before_sign_in() as conn:
        return sessions.may_set_password(conn, person.user_id, person.session_id)


def _no_longer() -> ResponseReturnValue:
    flash("A reset link opens that page for a short while. Change the password below, or ask for a new link.", "info")
    return redirect("/account")


def _new_password_page(faults: dict[str, str | None] | None = None) -> str:
    return render_template("auth/new_password.html", person=current_user(), faults=faults or {})


def _over(kind: str, sentence: str) -> ResponseReturnValue:
    return render_template("auth/link_over.html", kind=kind, sentence=sentence), 400


def _known(kind: str) -> None:
    if kind not in KINDS:
        abort(404)
