"""The WSGI application: routes as on the real hosts, one lock around the world, and the calendar's time."""

from email.utils import format_datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.turns import OneAtATime

from . import control
from .api import covers, user, videos
from .api.answers import error, refuse
from .faults import place_of
from .oauth import authorize, token
from .site import TikTok, site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(served: TikTok) -> "WSGIApplication":
    """Return the application that serves ``served``; requests are answered one at a time."""
    app = Flask(__name__)
    served.install(app)
    for module in (control, authorize, token, user, videos, covers):
        app.register_blueprint(module.blueprint)
    app.after_request(_stamp)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(405, _not_found)
    return OneAtATime(app.wsgi_app, served.faults, place_of)


def _stamp(response: Response) -> Response:
    """Count the request and date the answer by the calendar."""
    if request.blueprint != "control":
        site().requests[(request.endpoint or "unknown").rpartition(".")[2]] += 1
    response.headers["Date"] = format_datetime(site().now, usegmt=True)
    response.headers["Cache-Control"] = "no-store"
    return response


def _not_found(missing: HTTPException) -> Response:
    return refuse(error("invalid_params", f"Unsupported path: {request.path}"))
