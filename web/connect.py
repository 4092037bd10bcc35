"""Connecting an account: the ways in, and the browser login, checked and sealed here and done by the worker."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared import logs
from shared.domain import totp
from shared.domain.instagram_names import clean_username
from shared.domain.jobs import JobKind
from shared.errors import InputError
from shared.store import connections, jobs, profiles
from shared.store.profiles import ProfileState
from shared.vault import Purpose
from web import throttle
from web.sealing import seal
from web.security import current_user, database, login_required

bp = Blueprint("connect", __name__)
_log = logs.get("web.connect")
_LOGIN_LIFETIME = timedelta(minutes=15)
_LONGEST_PASSWORD = 256


@dataclass(frozen=True, slots=True)
class Login:
    """A login that passed the checks."""

    username: str
    password: str = field(repr=False)
    totp_secret: str | None = field(repr=False)
    timezone: str

    def to_json(self) -> str:
        return json.dumps({"username": self.username, "password": self.password, "totp_secret": self.totp_secret})


@bp.get("/connect")
@login_required
def ways() -> ResponseReturnValue:
    with database() as conn:
        first = not profiles.list_for_web(conn)
    return render_template("connect/ways.html", first=first)


@bp.get("/connect/instagram")
@login_required
def instagram() -> ResponseReturnValue:
    return _form(clean_username(request.args.get("username", "")) or "")


@bp.post("/connect/instagram")
@login_required
def connect_instagram() -> ResponseReturnValue:
    person = current_user()
    typed = request.form.get("username", "")
    login, faults = _checked()
    if login is None:
        return _form(typed, faults, owned="owned" in request.form), 400
    if wait := throttle.wait_for((throttle.CONNECT, str(person.user_id))):
        return _form(typed, {"form": throttle.too_many(wait)}, owned=True), 429
    job_id = _enqueue(person.user_id, login)
    if job_id is None:
        return _form(typed, {"form": "This profile is being deleted. Wait until it is gone, then connect again."}), 409
    return redirect(url_for("jobs.show", job_id=job_id))


def _checked() -> tuple[Login | None, dict[str, str]]:
    """The login, or what is wrong with it by field; the faults never repeat a secret."""
    username = clean_username(request.form.get("username", ""))
    password = request.form.get("password", "")
    faults: dict[str, str] = {}
    if username is None:
        faults["username"] = "Enter the name after instagram.com/: letters, digits, dots and underscores, 30 at most."
    if not password or len(password) > _LONGEST_PASSWORD:
        faults["password"] = "Enter your Instagram password." if not password else "This is too long for a password."
    try:
        secret = totp.normalise(typed) if (typed := request.form.get("totp_secret", "").strip()) else None
    except InputError as error:
        secret, faults["totp_secret"] = None, error.message
    if "owned" not in request.form:
        faults["owned"] = "Rollcall reads accounts for their owners only. Tick this if the account is yours."
    if faults or username is None:
        return None, faults
    return Login(username, password, secret, _timezone(request.form.get("timezone", ""))), {}


def _timezone(name: str) -> str:
    return name if name in available_timezones() else "UTC"


def _enqueue(user_id: UUID, login: Login) -> UUID | None:
    """Makes or reuses the profile and its connection and enqueues the login; None when the profile is being deleted."""
    job_id = uuid4()
    with database() as conn:
        profile = profiles.find_or_add(conn, user_id, login.username, login.timezone)
        if profile.state == ProfileState.DELETING:
            return None
        if profile.state == ProfileState.DISCONNECTED:
            profiles.set_state_for_web(conn, profile.id, ProfileState.CONNECTING)
        connections.begin(conn, user_id, profile.id)
        sealed, expires_at = seal(conn, login.to_json(), Purpose.LOGIN, user_id, job_id, _LOGIN_LIFETIME)
        made_id, created = jobs.enqueue(
            conn, user_id, profile.id, JobKind.LOGIN, job_id=job_id, sealed=sealed, sealed_expires_at=expires_at
        )
    if not created:
        flash("A login for this account was already under way; what you entered now was not used.", "warning")
    _log.info("login_enqueued", job_id=str(made_id), created=created)
    return made_id


def _form(typed: str = "", faults: dict[str, str] | None = None, *, owned: bool = False) -> str:
    return render_template("connect/instagram.html", typed=typed, faults=faults or {}, owned=owned)
