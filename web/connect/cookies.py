"""Connects by the cookies of a person's own browser: reads, checks and seals them, and stores nothing in clear."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.domain.input.cookie_file import SiteCookie, cookies_in, cookies_of
from shared.errors import InputError
from shared.platforms import PLATFORMS, Platform
from shared.store.profiles.profiles import ProfileRow
from web.auth import rate_limits
from web.auth.session import current_user, login_required
from web.connect.enqueue import enqueue_login, known_timezone
from web.connect.login_form import OWNED_FAULT, asked_username, ended_session
from web.services import services
from web.translation import _, translate

bp = Blueprint("connect_cookies", __name__)


@bp.get("/connect/cookies")
@login_required
def show() -> ResponseReturnValue:
    platform = _platform()
    username = asked_username(platform)
    return _form(username, ended=ended_session(platform, username)[0])


@bp.post("/connect/cookies")
@login_required
def connect() -> ResponseReturnValue:
    person = current_user()
    platform = _platform()
    username = platform.username(request.form.get("username", ""))
    entered, faults = _checked(username)
    if faults or username is None:
        return _form(request.form.get("username", ""), faults), 400
    if wait := rate_limits.wait_for((rate_limits.CONNECT, str(person.user_id))):
        return _form(username, {"form": rate_limits.too_many(wait)}), 429
    timezone = known_timezone(request.form.get("timezone", ""))
    try:
        job_id = enqueue_login(person.user_id, platform.name, username, timezone, entered)
    except InputError as error:
        return _form(username, {"form": translate(error.message)}), 409
    return redirect(url_for("jobs.show", job_id=job_id))


def _platform() -> Platform:
    """The platform whose cookies this page takes; 404 without one."""
    return next((one for one in PLATFORMS.values() if one.takes_own_session), None) or abort(404)


def _checked(username: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The site's own cookies for sealing, and the faults by field; the faults repeat nothing of the file."""
    faults: dict[str, str] = {}
    entered: dict[str, Any] = {}
    if username is None:
        faults["username"] = translate(_platform().username_fault)
    try:
        entered["cookies"] = [cookie.to_json() for cookie in _given()]
    except InputError as error:
        faults["cookies"] = translate(error.message)
    if "owned" not in request.form:
        faults["owned"] = _(OWNED_FAULT)
    return entered, faults


def _given() -> tuple[SiteCookie, ...]:
    """The site's cookies in the uploaded file, else in the pasted text; raises InputError with the fault."""
    host, now = urlsplit(services().settings.instagram_base_url).hostname or "", datetime.now(UTC)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return cookies_of(request.form.get("cookies", ""), host, now)
    return cookies_in(sent.stream.read(), host, now)


def _form(typed: str, faults: dict[str, str] | None = None, ended: ProfileRow | None = None) -> str:
    return render_template(
        "connect/cookies.html",
        typed=typed,
        faults=faults or {},
        ended=ended,
        owned="owned" in request.form,
    )
