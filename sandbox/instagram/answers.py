"""The shapes of answers: JSON as the site writes it, and its odd pages."""

import json
from typing import NoReturn

from flask import Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

Json = dict[str, object]

PLEASE_WAIT = "Please wait a few minutes before you try again."
SHELL = (
    '<!DOCTYPE html><html lang="en"><head><title>Instagram</title></head>'
    '<body><div id="mount_0_0_sandbox"></div></body></html>'
)
NOT_FOUND = (
    '<!DOCTYPE html><html lang="en"><head><title>Page not found • Instagram</title></head>'
    "<body><main><h2>Sorry, this page isn't available.</h2>"
    "<p>The link you followed may be broken, or the page may have been removed.</p></main></body></html>"
)


def reply(body: Json, status: int = 200) -> Response:
    """Return ``body`` as compact JSON, as the site sends it."""
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=utf-8")


def fail(status: int, message: str, **more: object) -> Response:
    """Return a refusal: ``{"message": …, …, "status": "fail"}``."""
    return reply({"message": message, **more, "status": "fail"}, status)


def html(text: str, status: int = 200) -> Response:
    """Return a page."""
    return Response(text, status, content_type="text/html; charset=utf-8")


def refuse(response: AnyResponse) -> NoReturn:
    """End the request with ``response``."""
    abort(response)


def base_url() -> str:
    """Return scheme and host of the request, without a slash at the end."""
    return request.host_url.rstrip("/")
