"""``/v2/auth/authorize/`` and the pages behind it: who it is, and what the app may do."""

import re
from typing import NoReturn
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.tiktok.keys import BASIC, SCOPES, is_desktop
from sandbox.tiktok.site import site

from .visit import Visit

blueprint = Blueprint("authorize", __name__, url_prefix="/v2/auth/authorize")
_HEX = re.compile(r"[0-9a-f]{64}")


@blueprint.get("/")
def authorize() -> AnyResponse:
    """Begin a visit; a request that is wrong ends on a page and never goes back to the app."""
    if _needed("client_key") != site().app.key:
        blocked("client_key")
    redirect_uri = _needed("redirect_uri")
    if not site().app.takes(redirect_uri):
        blocked("redirect_uri")
    if _needed("response_type") != "code":
        blocked("response_type")
    scopes = tuple(filter(None, _needed("scope").split(",")))
    if not set(scopes) <= set(SCOPES) or BASIC not in scopes:
        blocked("scope")
    visit = Visit(redirect_uri, scopes, request.args.get("state"), _challenge(redirect_uri))
    return _next_page(site().visits.begin(visit))


@blueprint.get("/<step>")
def show(step: str) -> AnyResponse:
    """Show the page of a step."""
    secret, visit = _visit()
    if step != _step(visit):
        return _next_page(secret)
    values = {"visit": visit, "flow": secret, "app": site().app, "people": site().people, "texts": SCOPES}
    return make_response(render_template(f"{step}.html", always=BASIC, **values))


@blueprint.post("/account")
def account() -> AnyResponse:
    """Take the person who logs in; an app that was not reviewed lets in only its testers."""
    secret, visit = _visit()
    person = site().person(request.form.get("account", ""))
    if person is not None and not site().app.reviewed and person.username not in site().app.testers:
        blocked("non_sandbox_target")
    visit.person = person
    return _next_page(secret)


@blueprint.post("/consent")
def consent() -> AnyResponse:
    """Take the answer: a code with the scopes that were left on, or ``access_denied``."""
    secret, visit = _visit()
    site().visits.end(secret)
    if visit.person is None or request.form.get("answer") != "allow":
        return _leave(visit, {"error": "access_denied", "error_description": "User cancelled the authorization"})
    allowed = (frozenset(request.form.getlist("scope")) | {BASIC}) & frozenset(visit.scopes)
    grant = site().grants.of(visit.person)
    grant.scopes = allowed
    code = site().grants.code(grant, visit.redirect_uri, visit.challenge)
    return _leave(visit, {"code": code, "scopes": ",".join(sorted(allowed))})


def blocked(what: str) -> NoReturn:
    """End the request on the page that says what is wrong with it."""
    abort(make_response(render_template("blocked.html", text=what), 400))


@blueprint.after_request
def _shield(response: Response) -> Response:
    """Cut the pages off from the window that opened them, so that nothing can depend on it."""
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _challenge(redirect_uri: str) -> str | None:
    """Return the challenge, which the desktop flow needs; its digest is written in hex."""
    challenge = request.args.get("code_challenge")
    if challenge is None:
        if is_desktop(redirect_uri):
            blocked("code_challenge")
        return None
    if request.args.get("code_challenge_method") != "S256" or not _HEX.fullmatch(challenge):
        blocked("code_challenge")
    return challenge


def _next_page(secret: str) -> AnyResponse:
    visit = site().visits.find(secret)
    if visit is None:
        blocked("expired")
    return redirect(f"/v2/auth/authorize/{_step(visit)}?{urlencode({'flow': secret})}")


def _step(visit: Visit) -> str:
    return "account" if visit.person is None else "consent"


def _leave(visit: Visit, answer: dict[str, str]) -> AnyResponse:
    given = {"state": visit.state} if visit.state is not None else {}
    return redirect(f"{visit.redirect_uri}?{urlencode({**answer, **given})}", 302)


def _visit() -> tuple[str, Visit]:
    secret = request.values.get("flow", "")
    visit = site().visits.find(secret)
    if visit is None:
        blocked("expired")
    return secret, visit


def _needed(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        blocked(name)
    return value
