"""The requests that the app's buttons open, at Instagram and at Facebook; a wrong one ends on a page."""

from collections.abc import Mapping
from typing import NoReturn

from flask import Blueprint, Response, abort, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.meta.apps import BASIC, FACEBOOK_SCOPES, INSTAGRAM_SCOPES
from sandbox.meta.hosts import Host
from sandbox.meta.site import site

from .consent import next_page
from .visit import Visit

instagram = Blueprint("instagram_authorize", __name__)
facebook = Blueprint("facebook_authorize", __name__)


@instagram.get("/oauth/authorize")
def authorize() -> AnyResponse:
    """Begin a visit at Instagram; it takes the Instagram app's id, not the Facebook one."""
    return _begin(Host.INSTAGRAM, site().app.instagram_id, INSTAGRAM_SCOPES, "Invalid platform app")


@facebook.get("/dialog/oauth")
@facebook.get("/<version>/dialog/oauth")
def dialog(version: str = "") -> AnyResponse:
    """Begin a visit at Facebook."""
    return _begin(Host.FACEBOOK, site().app.id, FACEBOOK_SCOPES, "Invalid App ID")


def blocked(text: str) -> NoReturn:
    """End the request on the page that says what is wrong with it."""
    abort(make_response(render_template("blocked.html", text=text), 400))


def _begin(at: Host, app_id: str, known: Mapping[str, str], no_app: str) -> AnyResponse:
    for name, values in request.args.lists():
        if len(values) > 1:
            blocked(f"Invalid parameter: {name} is given twice")
    if _needed("client_id") != app_id:
        blocked(f"Invalid Request: Request parameters are invalid: {no_app}")
    redirect_uri = _needed("redirect_uri")
    if redirect_uri not in site().app.redirect_uris:
        blocked("Invalid Request: Request parameters are invalid: Invalid redirect_uri")
    if _response_type(at) != "code":
        blocked("Invalid Request: Request parameters are invalid: Invalid response_type")
    visit = Visit(at, redirect_uri, _scopes(at, known), request.args.get("state"))
    return next_page(site().visits.begin(visit))


def _response_type(at: Host) -> str:
    """Return the kind of answer that is asked for; Facebook takes a code where none is named."""
    return request.args.get("response_type", "code") if at is Host.FACEBOOK else _needed("response_type")


def _scopes(at: Host, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is asked for; Instagram needs its basic scope, Facebook always adds the public profile."""
    asked = tuple(dict.fromkeys(filter(None, _needed("scope").replace(" ", ",").split(","))))
    unknown = [scope for scope in asked if scope not in known]
    if unknown:
        blocked(f"Invalid Scopes: {', '.join(unknown)}")
    if at is Host.FACEBOOK:
        return tuple(dict.fromkeys(("public_profile", *asked)))
    if BASIC not in asked:
        blocked(f"Invalid Request: Request parameters are invalid: {BASIC} is needed")
    return asked


def _needed(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        blocked(f"Invalid Request: Request parameters are invalid: {name} is missing")
    return value


@instagram.after_app_request
@facebook.after_app_request
def _shield(response: Response) -> Response:
    """Cut consent pages off from the window that opened them, so that nothing can depend on it."""
    if response.mimetype == "text/html":
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
    return response
