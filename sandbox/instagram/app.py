"""The WSGI application: routes, one lock around the world, and the calendar's time on every answer."""

from email.utils import format_datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.turns import OneAtATime

from . import control, graphql, pages, profile, throttle
from .answers import NOT_FOUND, html
from .cookies import give_device_cookies
from .faults import Where
from .lists import relation, rest
from .login import auth_platform, calls, challenge
from .media import pictures, stories, tabs
from .site import Site, site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(served: Site) -> "WSGIApplication":
    """Return the application that serves ``served``; requests are answered one at a time."""
    app = Flask(__name__)
    served.install(app)
    for module in (
        control,
        graphql,
        calls,
        auth_platform,
        challenge,
        rest,
        relation,
        tabs,
        stories,
        profile,
        pictures,
        pages,
    ):
        app.register_blueprint(module.blueprint)
    app.before_request(_count)
    app.after_request(_stamp)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(405, _not_found)
    return OneAtATime(app.wsgi_app, served.faults, _place_of)


def _count() -> None:
    if request.blueprint != "control":
        site().requests[(request.endpoint or "unknown").rpartition(".")[2]] += 1
        throttle.count()


def _stamp(response: Response) -> Response:
    """Date the answer by the calendar and give what every answer of its kind carries."""
    response.headers["Date"] = format_datetime(site().world.now, usegmt=True)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Cookie, Accept-Language"
    if request.blueprint == "pages":
        give_device_cookies(request, response)
    elif response.mimetype == "application/json" and request.blueprint != "control":
        response.headers["X-IG-Set-WWW-Claim"] = f"hmac.{site().account.user_id}"
    return response


def _not_found(error: HTTPException) -> Response:
    return html(NOT_FOUND, 404)


def _place_of(path: str) -> Where | None:
    if path.startswith("/_sandbox/"):
        return None
    return Where.LOGIN if path.startswith(calls.blueprint.url_prefix or "") else Where.JSON
