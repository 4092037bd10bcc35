"""Refusals and broken answers on demand, before a call is looked at."""

from flask import Response, abort, request

from sandbox.tiktok.faults import FaultKind, Where, place_of
from sandbox.tiktok.site import site

from .answers import error, refuse

_HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body>Service unavailable</body></html>"
_MOST = 10_500_000


def check_faults() -> None:
    """Refuse, or answer something broken, when a fault says so for the present path."""
    where, faults = place_of(request.path) or Where.USER, site().faults
    broken = faults.take(FaultKind.MALFORMED, where)
    if broken:
        abort(_malformed(broken.variant))
    failed = faults.take(FaultKind.SERVER_ERROR, where)
    if failed:
        abort(Response(_HTML, failed.status, content_type="text/html; charset=utf-8"))
    refused = faults.take(FaultKind.REFUSED, where)
    if refused:
        abort(refuse(error(refused.variant)))


def _malformed(variant: str) -> Response:
    match variant:
        case "html":
            return Response(_HTML, 200, content_type="text/html; charset=utf-8")
        case "list":
            return Response("[]", 200, content_type="application/json; charset=utf-8")
        case "huge":
            return Response(f'{{"data":"{"x" * _MOST}"}}', 200, content_type="application/json; charset=utf-8")
        case _:
            return Response('{"data":{"user":', 200, content_type="application/json; charset=utf-8")
