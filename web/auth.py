"""Sign up, sign in, sign out."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared import logs
from web import throttle
from web.credentials import clean_email, password_fault
from web.parts import parts
from web.security import safe_next, sign_in, sign_out, signed_in

bp = Blueprint("auth", __name__)
_log = logs.get("web.auth")
_NOT_AN_EMAIL = "This is not an e-mail address, such as name@example.org."
_WRONG = "The e-mail or the password is wrong."


@bp.get("/signup")
def signup() -> ResponseReturnValue:
    return _already_in() or _signup_page()


@bp.post("/signup")
def create_account() -> ResponseReturnValue:
    if not parts().settings.signup_open:
        return _signup_page(status=403)
    typed, password = request.form.get("email", ""), request.form.get("password", "")
    email = clean_email(typed)
    faults = {"email": None if email else _NOT_AN_EMAIL, "password": password_fault(password)}
    if email is None or faults["password"]:
        return _signup_page(typed, faults, status=400)
    if wait := throttle.wait_for((throttle.SIGN_UP_ADDRESS, throttle.address())):
        return _waiting(_signup_page(typed, problem=throttle.too_many(wait), status=429), wait)
    user_id = parts().identity.sign_up(email, password)
    if user_id is None:
        return _signup_page(typed, taken=True, status=409)
    _log.info("account_created", user_id=str(user_id))
    response = redirect(_after())
    sign_in(response, user_id)
    return response


@bp.get("/login")
def login() -> ResponseReturnValue:
    return _already_in() or _login_page()


@bp.post("/login")
def log_in() -> ResponseReturnValue:
    typed, password = request.form.get("email", ""), request.form.get("password", "")
    email = clean_email(typed)
    who = email or typed.strip().lower()
    wait = throttle.wait_for((throttle.SIGN_IN_EMAIL, who), (throttle.SIGN_IN_ADDRESS, throttle.address()))
    if wait:
        return _waiting(_login_page(typed, throttle.too_many(wait), status=429), wait)
    # An address that cannot exist is checked like one that does not, so that both take the same time.
    user_id = parts().identity.check(email or "", password)
    if user_id is None:
        _log.info("sign_in_refused", address=throttle.address())
        return _login_page(typed, _WRONG, status=400)
    throttle.forget(throttle.SIGN_IN_EMAIL, who)
    response = redirect(_after())
    sign_in(response, user_id)
    return response


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    response = redirect("/login")
    sign_out(response)
    flash("You are signed out.", "success")
    return response


def _already_in() -> ResponseReturnValue | None:
    return redirect(_after()) if signed_in() else None


def _after() -> str:
    return safe_next(request.values.get("next"), "/")


def _signup_page(
    email: str = "",
    faults: dict[str, str | None] | None = None,
    *,
    problem: str = "",
    taken: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "auth/signup.html",
        email=email,
        faults=faults or {},
        problem=problem,
        taken=taken,
        closed=not parts().settings.signup_open,
        after=safe_next(request.values.get("next"), ""),
    )
    return page, status


def _login_page(email: str = "", problem: str = "", *, status: int = 200) -> ResponseReturnValue:
    after = safe_next(request.values.get("next"), "")
    closed = not parts().settings.signup_open
    return render_template("auth/login.html", email=email, problem=problem, after=after, closed=closed), status


def _waiting(page: ResponseReturnValue, wait: timedelta) -> ResponseReturnValue:
    response = make_response(page)
    response.headers["Retry-After"] = str(round(wait.total_seconds()))
    return response
