"""The WSGI application: routes as on the real hosts, one lock around the world, and the calendar's time."""

from email.utils import format_datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.turns import OneAtATime

from . import control, pictures
from .analytics import methods as analytics
from .api.answers import ApiError, refuse
from .data import methods as data
from .faults import Where
from .oauth import authorize, consent, token, userinfo
from .site import Google, site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_PLACES = {"/token": Where.TOKEN, "/revoke": Where.TOKEN, "/youtube/v3/": Where.DATA, "/v2/": Where.ANALYTICS}


def create_app(served: Google) -> "WSGIApplication":
    """Return the application that serves ``served``; requests are answered one at a time."""
    app = Flask(__name__)
    served.install(app)
    for module in (control, authorize, consent, token, userinfo, data, analytics, pictures):
        app.register_blueprint(module.blueprint)
    app.before_request(_count)
    app.after_request(_stamp)
    app.register_error_handler(ApiError, refuse)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(405, _not_found)
    return OneAtATime(app.wsgi_app, served.faults, _place_of)


def _count() -> None:
    if request.blueprint != "control":
        site().requests[(request.endpoint or "unknown").rpartition(".")[2]] += 1


def _stamp(response: Response) -> Response:
    """Date the answer by the calendar."""
    response.headers["Date"] = format_datetime(site().now, usegmt=True)
    response.headers.setdefault("Cache-Control", "private")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _not_found(error: HTTPException) -> Response:
    return refuse(ApiError(error.code or 404, "notFound", error.name, rpc="NOT_FOUND"))


def _place_of(path: str) -> Where | None:
    return next((where for start, where in _PLACES.items() if path.startswith(start)), None)
