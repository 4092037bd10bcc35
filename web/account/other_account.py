"""Handles a link of one account opened while another is signed in: the person chooses which one stays."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from shared import logs
from web.account.email_requests import identity_or_404
from web.auth.identity import Entry
from web.auth.session import SignedIn, cookie_name, give_session, is_https, open_session, session_of, step_due_of
from web.services import services
from web.translation import _

bp = Blueprint("hosted_other_account", __name__)
_log = logs.get("web.account.other_account")
_PATH = "/auth/other"
_SECONDS = 15 * 60


def ask(present: SignedIn, entry: Entry) -> Response:
    """The question; the link's sign-in waits in a cookie of its own that opens nothing else."""
    token, _ = open_session(entry.user_id, entry.tokens, password_due=True)
    other = session_of(token)
    page = render_template("account/link_other.html", present=present.email, other=other.email if other else "")
    response = make_response(page)
    settings = services().settings
    response.set_cookie(
        _cookie(), token, _SECONDS, path="/", secure=is_https(settings), httponly=True, samesite="Strict"
    )
    return response


@bp.post(_PATH)
def choose_account() -> ResponseReturnValue:
    identity = identity_or_404()
    token = request.cookies.get(_cookie(), "")
    other = session_of(token)
    if other is None:
        flash(_("That link was not answered in time. Open a new one."), "info")
        return _forgotten(redirect("/"))
    if request.form.get("choice") != "switch":
        identity.sessions.end(other.session_id, other.user_id)
        flash(_("You are still signed in as before."), "success")
        return _forgotten(redirect("/"))
    response = redirect(step_due_of(other) or "/")
    give_session(response, token)
    _log.info("account_switched", user_id=str(other.user_id))
    return _forgotten(response)


def _forgotten(response: AnyResponse) -> AnyResponse:
    secure = is_https(services().settings)
    response.delete_cookie(_cookie(), path="/", secure=secure, httponly=True, samesite="Strict")
    return response


def _cookie() -> str:
    return f"{cookie_name(services().settings)}_link"
