"""The site's answers to a call with a dead session; each form was seen in the wild."""

from enum import StrEnum

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.instagram.answers import PLEASE_WAIT, SHELL, fail, html, reply


class LoggedOut(StrEnum):
    """The forms of that answer."""

    REQUIRE_LOGIN = "require_login"
    LOGIN_REQUIRED = "login_required"
    REDIRECT = "redirect"
    HTML = "html"
    USER_AGENT = "user_agent"


def logged_out(form: LoggedOut) -> AnyResponse:
    """Return the answer of that form to the present request."""
    answers: dict[LoggedOut, AnyResponse] = {
        LoggedOut.REQUIRE_LOGIN: _require_login(),
        LoggedOut.LOGIN_REQUIRED: fail(403, "login_required", logout_reason=8),
        LoggedOut.REDIRECT: redirect(f"/accounts/login/?next={request.path}", 302),
        LoggedOut.HTML: html(SHELL),
        LoggedOut.USER_AGENT: fail(401, "useragent mismatch"),
    }
    return answers[form]


def _require_login() -> Response:
    return reply({"message": PLEASE_WAIT, "require_login": True, "igweb_rollout": True, "status": "fail"}, 401)
