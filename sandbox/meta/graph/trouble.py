"""Refusals and broken answers on demand, before a call is looked at."""

import json
from copy import copy

from flask import Response, abort, request

from sandbox.meta.faults import Fault, FaultKind, Where, place_of
from sandbox.meta.site import site

from .answers import GraphError
from .refusals import REFUSALS, THROTTLES

_HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body>Sorry, something went wrong.</body></html>"
_MOST = 10_500_000
_USUAL_THROTTLE = 80002


def check_faults() -> None:
    """Refuse, or answer something broken, when a fault says so for the present path."""
    where, faults = place_of(request.path) or Where.PROFILE, site().faults
    broken = faults.take(FaultKind.MALFORMED, where)
    if broken:
        abort(_malformed(broken.variant))
    failed = faults.take(FaultKind.SERVER_ERROR, where)
    if failed:
        _fail(failed)
    refused = faults.take(FaultKind.REFUSED, where)
    if refused:
        raise copy(REFUSALS[refused.variant])
    throttled = faults.take(FaultKind.THROTTLED, where)
    if throttled:
        raise throttle(int(throttled.variant or _USUAL_THROTTLE), -(-throttled.ms // 60_000))


def throttle(code: int, minutes: int) -> GraphError:
    """Return the refusal of a call too many; the minutes to wait stand in the header of its kind of limit."""
    spent = {"call_count": 100, "total_cputime": 25, "total_time": 25}
    if code == _USUAL_THROTTLE:
        row = {"type": "instagram", **spent, "estimated_time_to_regain_access": minutes}
        headers = {"X-Business-Use-Case-Usage": json.dumps({"17841400000000000": [row]})}
    else:
        headers = {"X-App-Usage": json.dumps(spent)}
    return GraphError(code, THROTTLES[code], 2207051 if code == 4 else None, status=403, headers=headers)


def _fail(fault: Fault) -> None:
    if fault.variant == "html" or fault.status not in (500, 503):
        abort(Response(_HTML, fault.status, content_type="text/html; charset=utf-8"))
    raise GraphError(2, "An unexpected error has occurred. Please retry your request later.", status=fault.status)


def _malformed(variant: str) -> Response:
    match variant:
        case "html":
            return Response(_HTML, 200, content_type="text/html; charset=utf-8")
        case "list":
            return Response("[]", 200, content_type="application/json; charset=UTF-8")
        case "huge":
            return Response(f'{{"data":"{"x" * _MOST}"}}', 200, content_type="application/json; charset=UTF-8")
        case _:
            return Response('{"data":[{"id":"178', 200, content_type="application/json; charset=UTF-8")
