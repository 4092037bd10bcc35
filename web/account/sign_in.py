"""Sign up, sign in, sign out."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared import logs
from shared.errors import AccountRefused
from shared.messages import Message
from web.account import second_step
from web.auth import rate_limits
from web.auth.credentials import clean_email, email_fault, known_email, password_fault
from web.auth.identity import MailSent
from web.auth.session import find_session, safe_next, sign_in, sign_out
from web.auth.supabase import form_errors, pkce
from web.auth.supabase.identity import SIGN_UP
from web.auth.supabase.sessions import supabase_identity
from web.services import services
from web.translation import _, translate

bp = Blueprint("auth", __name__)
_log = logs.get("web.account.sign_in")
_RESERVED = Message(
    "This page makes no account for this address. Whoever runs this installation can, with `rollcall user create`."
)
_WRONG = Message("The e-mail or the password is wrong.")


@bp.get("/signup")
def signup() -> ResponseReturnValue:
    return _already_in() or _signup_page()


@bp.post("/signup")
def create_account() -> ResponseReturnValue:
    if not services().settings.signup_open:
        return _signup_page(status=403)
    typed, password = request.form.get("email", ""), request.form.get("password", "")
    email = clean_email(typed)
    faults = {"email": email_fault(typed), "password": password_fault(password, email or "")}
    if email is None or faults["password"]:
        return _signup_page(typed, faults, status=400)
    if _is_reserved(email):
        return _signup_page(typed, {"email": _(_RESERVED)}, status=403)
    if wait := rate_limits.wait_for((rate_limits.SIGN_UP_ADDRESS, rate_limits.address())):
        return _waiting(_signup_page(typed, problem=rate_limits.too_many(wait), status=429), wait)
    try:
        made = services().identity.sign_up(email, password)
    except AccountRefused as refused:
        messages = form_errors.faults(refused, {"new_password": "password"})
        return form_errors.with_wait(
            _signup_page(typed, messages, problem=messages.get("form") or "", status=400), refused
        )
    if made is None:
        return _signup_page(typed, taken=True, status=409)
    if isinstance(made, MailSent):
        pkce.remember(SIGN_UP, made, email)
        return redirect("/signup/mail")
    _log.info("account_created", user_id=str(made.user_id))
    response = redirect(_after())
    sign_in(response, made.user_id, made.tokens)
    return response


@bp.get("/login")
def login() -> ResponseReturnValue:
    return _already_in() or _login_page()


@bp.post("/login")
def log_in() -> ResponseReturnValue:
    typed, password = request.form.get("email", ""), request.form.get("password", "")
    email = known_email(typed)
    who = email or typed.strip().lower()
    pair = f"{who} {rate_limits.address()}"
    wait = rate_limits.wait_for(
        (rate_limits.SIGN_IN_PAIR, pair),
        (rate_limits.SIGN_IN_EMAIL, who),
        (rate_limits.SIGN_IN_ADDRESS, rate_limits.address()),
    )
    if wait:
        return _waiting(_login_page(typed, rate_limits.too_many(wait), status=429), wait)
    # An address that cannot exist is checked like one that does not, so that both take the same time.
    try:
        entry = services().identity.check(email or "", password)
    except AccountRefused as refused:
        return _not_let_in(typed, email, refused)
    if entry is None:
        _log.info("sign_in_refused", address=rate_limits.address())
        return _login_page(typed, _(_WRONG), status=400)
    rate_limits.forget(rate_limits.SIGN_IN_PAIR, pair)
    if second_step.is_asked(entry.user_id):
        return second_step.ask(entry.user_id, _after())
    response = redirect(_second_step() if entry.tokens and entry.tokens.factor_due else _after())
    try:
        sign_in(response, entry.user_id, entry.tokens)
    except AccountRefused as refused:
        return _not_let_in(typed, email, refused)
    return response


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    response = redirect("/login")
    sign_out(response)
    flash(_("You are signed out."), "success")
    return response


def _is_reserved(email: str) -> bool:
    """Whether the address makes an operator, and no one confirms that it belongs to this person."""
    return supabase_identity() is None and email in (services().settings.operators or ())


def _not_let_in(typed: str, email: str | None, refused: AccountRefused) -> ResponseReturnValue:
    unconfirmed = refused.reason == "email_not_confirmed"
    if unconfirmed and email:
        pkce.remember(SIGN_UP, None, email)
    page = _login_page(typed, translate(refused.message), unconfirmed=unconfirmed, status=400)
    return form_errors.with_wait(page, refused)


def _already_in() -> ResponseReturnValue | None:
    return redirect(_after()) if find_session() else None


def _after() -> str:
    return safe_next(request.values.get("next"), "/start")


def _second_step() -> str:
    after = safe_next(request.values.get("next"), "")
    return url_for("hosted_second_step.second_step", next=after or None)


def _signup_page(
    email: str = "",
    faults: dict[str, str | None] | None = None,
    *,
    problem: str = "",
    taken: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "account/signup.html",
        email=email,
        faults=faults or {},
        problem=problem,
        taken=taken,
        closed=not services().settings.signup_open,
        after=safe_next(request.values.get("next"), ""),
        hosted=supabase_identity() is not None,
    )
    return page, status


def _login_page(
    email: str = "", problem: str = "", *, unconfirmed: bool = False, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "account/login.html",
        email=email,
        problem=problem,
        unconfirmed=unconfirmed,
        after=safe_next(request.values.get("next"), ""),
        closed=not services().settings.signup_open,
        hosted=supabase_identity() is not None,
    )
    return page, status


def _waiting(page: ResponseReturnValue, wait: timedelta) -> ResponseReturnValue:
    response = make_response(page)
    response.headers["Retry-After"] = form_errors.retry_after(wait)
    return response
