"""The second step of signing in: asks for a code after the right password."""

from __future__ import annotations

from datetime import timedelta
from time import time
from uuid import UUID

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from shared import logs
from shared.messages import Message
from web.auth import rate_limits
from web.auth.second_factor import SecondStep
from web.auth.session import find_session, safe_next, sign_in
from web.auth.supabase.sessions import supabase_identity
from web.services import services
from web.translation import _

bp = Blueprint("second_step", __name__)
_log = logs.get("web.account.second_step")
_WAITS, _WAITS_SECONDS = "second_step", 10 * 60
WRONG = Message("This code is wrong, or was used before. Wait for the next one.")


def second_step() -> SecondStep:
    """The second steps of this application's accounts."""
    return SecondStep(services().pool, str(current_app.secret_key))


def is_asked(user_id: UUID) -> bool:
    """Whether this account has a second step; never where Supabase keeps the accounts."""
    return supabase_identity() is None and second_step().asked(user_id)


def ask(user_id: UUID, after: str) -> Response:
    """Redirects to the page for the code after the right password; no one is signed in yet."""
    session.clear()
    session[_WAITS] = [str(user_id), int(time()), after]
    return redirect("/login/code")


@bp.before_request
def only_here() -> None:
    """Answers 404 where Supabase keeps the accounts, because it keeps their second factors, too."""
    if supabase_identity() is not None:
        abort(404)


@bp.get("/login/code")
def code() -> ResponseReturnValue:
    return redirect("/login") if _waiting() is None else render_template("account/code.html")


@bp.post("/login/code")
def enter_code() -> ResponseReturnValue:
    waiting = _waiting()
    if waiting is None:
        flash(_("That took too long. Sign in again."), "info")
        return redirect("/login")
    user_id, after = waiting
    if wait := _too_many(user_id):
        answer = make_response(render_template("account/code.html", fault=rate_limits.too_many(wait)), 429)
        answer.headers["Retry-After"] = str(round(wait.total_seconds()))
        return answer
    if not second_step().passes(user_id, request.form.get("code", "")):
        _log.info("second_step_refused", user_id=str(user_id))
        return render_template("account/code.html", fault=_(WRONG)), 400
    rate_limits.forget(rate_limits.SECOND_STEP_PAIR, f"{user_id} {rate_limits.address()}")
    rate_limits.forget(rate_limits.SECOND_STEP, str(user_id))
    response = redirect(after)
    sign_in(response, user_id)
    return response


def _waiting() -> tuple[UUID, str] | None:
    """The person who gave the right password here lately, and their destination."""
    pending = session.get(_WAITS)
    if not pending or find_session() is not None or time() - pending[1] > _WAITS_SECONDS:
        return None
    return UUID(pending[0]), safe_next(pending[2], "/start")


def _too_many(user_id: UUID) -> timedelta:
    pair = f"{user_id} {rate_limits.address()}"
    return rate_limits.wait_for((rate_limits.SECOND_STEP_PAIR, pair), (rate_limits.SECOND_STEP, str(user_id)))
