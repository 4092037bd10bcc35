"""The WSGI applications, one for each family of hosts, over one site and under one lock."""

from email.utils import format_datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from sandbox.turns import OneAtATime

from . import control, pictures
from .faults import place_of
from .graph import methods as graph
from .graph.answers import GraphError, refuse
from .hosts import Host
from .oauth import authorize, consent, facebook_tokens, instagram_tokens
from .site import Meta, site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_OWN = {
    Host.INSTAGRAM: (authorize.instagram, instagram_tokens.blueprint),
    Host.FACEBOOK: (authorize.facebook, facebook_tokens.blueprint),
}


def create_app(served: Meta, host: Host) -> "WSGIApplication":
    """Return the application that serves one family of hosts; requests are answered one at a time."""
    app = Flask(__name__)
    served.install(app, host)
    for blueprint in (control.blueprint, consent.blueprint, *_OWN[host], graph.blueprint, pictures.blueprint):
        app.register_blueprint(blueprint)
    app.after_request(_stamp)
    app.register_error_handler(GraphError, refuse)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(405, _not_found)
    return OneAtATime(app.wsgi_app, served.faults, place_of, served.lock)


def _stamp(response: Response) -> Response:
    """Count the request and date the answer by the calendar."""
    if request.blueprint != "control":
        name = g.get("answered_by") or (request.endpoint or "unknown").rpartition(".")[2]
        site().requests[name] += 1
    response.headers["Date"] = format_datetime(site().now, usegmt=True)
    response.headers.setdefault("Cache-Control", "private, no-cache, no-store, must-revalidate")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["facebook-api-version"] = "v27.0"
    return response


def _not_found(error: HTTPException) -> Response:
    return refuse(GraphError(2500, f"Unknown path components: {request.path}"))
