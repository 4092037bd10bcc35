"""The site's checks before it answers; each refusal is one of the real site's."""

import hmac
from urllib.parse import urlsplit

from flask import redirect, request

from .answers import SHELL, base_url, fail, html, refuse
from .faults import FaultKind, Where
from .login.checkpoints import device_of
from .login.logged_out import LoggedOut, logged_out
from .sessions import Session
from .site import site
from .throttle import check_throttle

APP_ID = "936619743392459"


def page_session() -> Session | None:
    """Return the session of a page request, None where the page must send the browser to the login."""
    found = site().sessions.find(request.cookies.get("sessionid"))
    return found if found and found.user_agent == request.headers.get("User-Agent", "") else None


def check_login_call() -> None:
    """Refuse a login call that the page's own script would not have made."""
    _check_faults(Where.LOGIN)
    _check_app_id()
    _check_from_page()
    _check_csrf()


def check_json_call() -> None:
    """Refuse a data call without the headers or the session it needs."""
    _check_faults(Where.JSON)
    _check_app_id()
    _check_session()
    _check_from_page()
    if request.method == "POST":
        _check_csrf()


def _check_faults(where: Where) -> None:
    faults = site().faults
    if faults.take(FaultKind.HTTP_500, where):
        refuse(html("<!DOCTYPE html><html><body><h1>Oops, an error occurred.</h1></body></html>", 500))
    check_throttle(where)
    if where is Where.JSON:
        _end_session()
        _check_stopped()


def _end_session() -> None:
    fault = site().faults.take(FaultKind.LOGGED_OUT, Where.JSON)
    if fault:
        site().sessions.drop_all(LoggedOut(fault.variant or LoggedOut.REQUIRE_LOGIN))


def stop_path(where: Where) -> str | None:
    """Return the page that a session is sent to instead of the one it asked for: the warning, or a consent."""
    faults = site().faults
    fault = faults.take(FaultKind.SUSPICION, where)
    if fault:
        return f"/challenge/?next={request.path}&sandbox_language={fault.variant}"
    return "/privacy/consent/?flow=terms" if faults.take(FaultKind.CONSENT, where) else None


def _check_stopped() -> None:
    elsewhere = stop_path(Where.JSON)
    if elsewhere:
        refuse(redirect(elsewhere, 302))
    suspended = site().faults.take(FaultKind.SUSPENDED, Where.JSON)
    path = "/accounts/suspended/" if suspended else site().checkpoint(Where.JSON, device_of(request.cookies))
    if path:
        challenge = {"api_path": path, "url": base_url() + path, "native_flow": True, "lock": True, "logout": False}
        refuse(fail(400, "challenge_required", error_type="checkpoint_challenge_required", challenge=challenge))


def _check_app_id() -> None:
    if request.headers.get("X-IG-App-ID") != APP_ID:
        refuse(fail(403, "Sorry, there was a problem with your request."))


def _check_session() -> None:
    session = site().sessions.find(request.cookies.get("sessionid"))
    if session is None:
        refuse(logged_out(site().sessions.over))
    elif session.user_agent != request.headers.get("User-Agent", ""):
        refuse(fail(401, "useragent mismatch"))


def _check_from_page() -> None:
    asked_by_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    if not asked_by_script or urlsplit(request.headers.get("Referer", "")).netloc != request.host:
        refuse(html(SHELL))


def _check_csrf() -> None:
    cookie, header = request.cookies.get("csrftoken", ""), request.headers.get("X-CSRFToken", "")
    if not cookie or not hmac.compare_digest(cookie.encode(), header.encode()):
        refuse(fail(403, "CSRF token missing or incorrect"))
