"""Handles links from mails. Only a button uses a link's token hash, because mail scanners open every link."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared import logs
from shared.db.pools import tenant
from shared.errors import AccountRefused
from shared.store.users import sessions
from web.account import other_account
from web.account.email_requests import identity_or_404
from web.auth import rate_limits
from web.auth.credentials import password_fault
from web.auth.identity import Entry
from web.auth.session import SignedIn, at_the_door, find_session, sign_in, step_due
from web.auth.supabase import form_errors, pkce
from web.auth.supabase.error_messages import saying_of
from web.auth.supabase.identity import EMAIL_CHANGE, KINDS, LINK_PATH, SIGN_UP
from web.auth.supabase.sessions import PAGES, Standing
from web.services import services
from web.translation import _, translate

bp = Blueprint("hosted_links", __name__)
_log = logs.get("web.account.email_links")


@bp.get(f"{LINK_PATH}/<kind>")
def show_link(kind: str) -> ResponseReturnValue:
    identity = identity_or_404()
    _known(kind)
    given = request.args
    if code := given.get("error_code"):
        return _over(kind, translate(saying_of(code).sentence))
    if given.get("message"):
        return render_template("account/link_half.html")
    if given.get("token_hash"):
        person = find_session()
        return render_template("account/link.html", kind=kind, token_hash=given["token_hash"], account=person)
    verifiers = pkce.verifiers(kind)
    if not given.get("code") or not verifiers:
        return render_template("account/link_elsewhere.html", kind=kind)
    if waiting := _throttled(kind):
        return waiting
    try:
        entry = identity.follow_code(kind, given["code"], verifiers)
    except AccountRefused as refused:
        if refused.wait is None:
            pkce.forget(kind)
        return _not_taken(kind, refused)
    pkce.forget(kind)
    return _come_in(kind, entry)


@bp.post(f"{LINK_PATH}/<kind>")
def use_link(kind: str) -> ResponseReturnValue:
    identity = identity_or_404()
    _known(kind)
    if waiting := _throttled(kind):
        return waiting
    try:
        entry = identity.follow(kind, request.form.get("token_hash", ""))
    except AccountRefused as refused:
        return _not_taken(kind, refused)
    return render_template("account/link_half.html") if entry is None else _come_in(kind, entry)


@bp.get("/password/new")
def new_password() -> ResponseReturnValue:
    identity_or_404()
    person = _owes_password()
    return _no_longer() if person is None else _new_password_page(person)


@bp.post("/password/new")
def set_password() -> ResponseReturnValue:
    identity, person, form = identity_or_404(), _owes_password(), request.form
    if person is None:
        return _no_longer()
    new, current = form.get("new_password", ""), form.get("old_password", "")
    if fault := password_fault(new, person.email):
        return _new_password_page(person, {"new_password": fault}), 400
    if wait := rate_limits.wait_for((rate_limits.PASSWORD, str(person.user_id))):
        page = _new_password_page(person, {"form": rate_limits.too_many(wait)}), 429
        return form_errors.with_retry_after(page, wait)
    try:
        identity.set_password(identity.sessions.access_token(person.session_id, person.user_id), new, current)
    except AccountRefused as refused:
        return form_errors.with_wait((_new_password_page(person, form_errors.faults(refused)), 400), refused)
    identity.sessions.record_password(person.session_id, person.user_id)
    _end_others(person)
    _log.info("password_set_by_link", user_id=str(person.user_id))
    flash(_("The password is set, and all other sessions are ended."), "success")
    return redirect("/")


def _end_others(person: SignedIn) -> None:
    with tenant(services().pool, person.user_id, g.get("request_id")) as conn:
        sessions.end_others(conn, person.user_id, person.session_id)


def _come_in(kind: str, entry: Entry) -> ResponseReturnValue:
    """Signs in a person who has to set a password first; a change of address signs no one in who was not."""
    present = find_session()
    if kind == EMAIL_CHANGE:
        return _address_changed(present, entry)
    _log.info("link_used", kind=kind, user_id=str(entry.user_id))
    if present is not None and present.user_id != entry.user_id:
        return other_account.ask(present, entry)
    due = entry.tokens is not None and entry.tokens.factor_due
    response = redirect(PAGES[Standing.FACTOR_DUE if due else Standing.RENEWAL_DUE])
    sign_in(response, entry.user_id, entry.tokens, password_due=True)
    if kind == SIGN_UP:
        flash(_("Your address is confirmed."), "success")
    return response


def _address_changed(present: SignedIn | None, entry: Entry) -> ResponseReturnValue:
    if entry.tokens is not None:
        identity_or_404().sessions.leave(entry.tokens)
    _log.info("link_used", kind=EMAIL_CHANGE, user_id=str(entry.user_id))
    if present is None:
        flash(_("The e-mail address of that account is changed. Sign in with the new one."), "success")
        return redirect("/login")
    if present.user_id == entry.user_id:
        flash(_("The e-mail address of your account is changed."), "success")
    else:
        flash(_("The e-mail address of another account is changed. You are still signed in to yours."), "info")
    return redirect("/account")


def _owes_password() -> SignedIn | None:
    """The person who came by a link lately and has set no password since."""
    person = at_the_door()
    return person if person is not None and person.standing is Standing.RENEWAL_DUE else None


def _no_longer() -> ResponseReturnValue:
    if due := step_due():
        return redirect(due)
    flash(
        _("A link in a mail opens that page, for a short while and once. Ask for a new link, or use the form."), "info"
    )
    return redirect("/account" if find_session() else "/reset")


def _new_password_page(person: SignedIn, faults: dict[str, str | None] | None = None) -> str:
    return render_template("account/new_password.html", account=person, faults=faults or {})


def _wait_page(kind: str, sentence: str) -> ResponseReturnValue:
    return render_template("account/link_wait.html", kind=kind, sentence=sentence), 429


def _over(kind: str, sentence: str) -> ResponseReturnValue:
    return render_template("account/link_over.html", kind=kind, sentence=sentence), 400


def _not_taken(kind: str, refused: AccountRefused) -> Response:
    """The page for a refused link; a link that only has to wait is not called broken."""
    page = _wait_page(kind, translate(refused.message)) if refused.wait else _over(kind, translate(refused.message))
    return form_errors.with_wait(page, refused)


def _throttled(kind: str) -> Response | None:
    """The page to wait on, for a visitor who tries link after link; Auth counts all visitors as one."""
    wait = rate_limits.wait_for((rate_limits.LINK_ADDRESS, rate_limits.address()))
    return form_errors.with_retry_after(_wait_page(kind, rate_limits.too_many(wait)), wait) if wait else None


def _known(kind: str) -> None:
    if kind not in KINDS:
        abort(404)
