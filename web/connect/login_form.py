"""Connects an account of any platform by its browser login: checked and sealed here, done by the worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.domain.input import totp
from shared.errors import InputError
from shared.messages import Message
from shared.platforms import PLATFORMS, Platform, WayIn
from shared.store.profiles import connections, profiles
from shared.store.profiles.profiles import ProfileRow
from web.auth import rate_limits
from web.auth.session import current_user, database, login_required
from web.connect.enqueue import enqueue_login, known_timezone
from web.translation import _, translate

bp = Blueprint("connect", __name__)
_LONGEST_PASSWORD = 256
OWNED_FAULT = Message("Rollcall reads accounts for their owners only. Tick this if the account is yours.")


@dataclass(frozen=True, slots=True)
class Login:
    """A login that passed the checks; `again` lets the worker keep the password for an automatic login."""

    username: str
    password: str = field(repr=False)
    totp_secret: str | None = field(repr=False)
    again: bool
    timezone: str

    def entries(self) -> dict[str, Any]:
        """The entries sealed for the worker beside the username."""
        return {"password": self.password, "totp_secret": self.totp_secret, "log_in_again": self.again}


@bp.get("/connect/<platform>")
@login_required
def show(platform: str) -> ResponseReturnValue:
    known = _by_browser(platform)
    username = asked_username(known)
    ended, again = ended_session(known, username)
    return _form(known, username, ended=ended, again=again)


@bp.post("/connect/<platform>")
@login_required
def connect(platform: str) -> ResponseReturnValue:
    known, person = _by_browser(platform), current_user()
    typed = request.form.get("username", "")
    login, faults = _checked(known)
    if login is None:
        return _form(known, typed, faults, owned="owned" in request.form, again="log_in_again" in request.form), 400
    if wait := rate_limits.wait_for((rate_limits.CONNECT, str(person.user_id))):
        return _form(known, typed, {"form": rate_limits.too_many(wait)}, owned=True, again=login.again), 429
    try:
        job_id = enqueue_login(person.user_id, known.name, login.username, login.timezone, login.entries())
    except InputError as error:
        return _form(known, typed, {"form": translate(error.message)}, owned=True, again=login.again), 409
    return redirect(url_for("jobs.show", job_id=job_id))


def _by_browser(name: str) -> Platform:
    """The platform, which has a login by browser; aborts with 404 for any other."""
    known = PLATFORMS.get(name)
    if known is None or WayIn.BROWSER not in known.ways_in:
        abort(404)
    return known


def asked_username(platform: Platform) -> str:
    """The username in the page's address, empty without a possible one."""
    return platform.username(request.args.get("username", "")) or ""


def ended_session(platform: Platform, username: str) -> tuple[ProfileRow | None, bool]:
    """The person's profile of this name if its session ended, and whether its password is stored."""
    with database() as conn:
        rows = [row for row in profiles.list_for_web(conn) if row.platform == platform.name]
        mine = next((row for row in rows if row.username.lower() == username.lower()), None)
        if mine is None:
            return None, False
        connection = connections.view(conn, mine.id, "browser")
    again = connection is not None and connection.has_login_secret
    return (mine if mine.state in ("NEEDS_LOGIN", "CHALLENGED") else None), again


def _checked(platform: Platform) -> tuple[Login | None, dict[str, str]]:
    """The login, or its faults by field; the faults never repeat a secret."""
    username = platform.username(request.form.get("username", ""))
    password = request.form.get("password", "")
    faults: dict[str, str] = {}
    if username is None:
        faults["username"] = translate(platform.username_fault)
    if not password or len(password) > _LONGEST_PASSWORD:
        faults["password"] = (
            _("Enter your %(platform)s password.", platform=platform.label)
            if not password
            else _("This is too long for a password.")
        )
    try:
        secret = totp.normalise(typed) if (typed := request.form.get("totp_secret", "").strip()) else None
    except InputError as error:
        secret, faults["totp_secret"] = None, translate(error.message)
    if "owned" not in request.form:
        faults["owned"] = _(OWNED_FAULT)
    if faults or username is None:
        return None, faults
    again, timezone = "log_in_again" in request.form, known_timezone(request.form.get("timezone", ""))
    return Login(username, password, secret, again, timezone), {}


def _form(
    platform: Platform,
    typed: str = "",
    faults: dict[str, str] | None = None,
    *,
    owned: bool = False,
    again: bool = False,
    ended: ProfileRow | None = None,
) -> str:
    return render_template(
        "connect/login_form.html",
        platform=platform,
        typed=typed,
        faults=faults or {},
        owned=owned,
        again=again,
        ended=ended,
    )
