"""Refusals and broken answers on demand, before a call is looked at."""

from flask import Response, abort

from sandbox.google.faults import Fault, FaultKind, Where
from sandbox.google.oauth.grants import OAuthRefusal
from sandbox.google.site import site

from .answers import ApiError, Json

_MESSAGES = {500: "Internal error encountered.", 502: "Bad Gateway", 503: "The service is currently unavailable."}
_RPC = {500: "INTERNAL", 503: "UNAVAILABLE"}
_HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body><p>That's an error.</p></body></html>"
_MOST = 10_500_000
REASONS: dict[str, tuple[int, str, str]] = {
    "dailyLimitExceeded": (403, "usageLimits", "Daily Limit Exceeded"),
    "quotaExceeded": (403, "youtube.quota", "The request cannot be completed because you have exceeded your quota."),
    "forbidden": (403, "global", "Forbidden"),
    "channelForbidden": (403, "youtube.channel", "The channel is not available to this request."),
    "channelClosed": (403, "youtube.channel", "The channel has been closed."),
    "channelSuspended": (403, "youtube.channel", "The channel has been suspended."),
    "channelNotFound": (404, "youtube.channel", "Channel not found."),
    "playlistNotFound": (404, "youtube.playlistItem", "The playlist cannot be found."),
    "playlistItemsNotAccessible": (403, "youtube.playlistItem", "The request is not authorized for this playlist."),
    "videoNotFound": (404, "youtube.video", "The video that you are trying to retrieve cannot be found."),
    "badRequest": (400, "global", "Bad Request"),
}
"""Refusals by their reason, for ``refused``."""


def check_faults(where: Where) -> None:
    """Refuse, or answer something broken, when a fault says so."""
    broken = site().faults.take(FaultKind.MALFORMED, where)
    if broken:
        abort(_malformed(broken.variant))
    failed = site().faults.take(FaultKind.SERVER_ERROR, where)
    if failed:
        _fail(failed, where)
    refused = site().faults.take(FaultKind.REFUSED, where)
    if refused:
        status, domain, message = REASONS[refused.variant]
        raise ApiError(status, refused.variant, message, domain)
    throttled = site().faults.take(FaultKind.THROTTLED, where)
    if throttled:
        raise _throttled(throttled, where)


def _fail(fault: Fault, where: Where) -> None:
    if fault.variant == "html" or fault.status not in _RPC:
        abort(Response(_HTML, fault.status, content_type="text/html; charset=UTF-8"))
    if where is Where.TOKEN:
        raise OAuthRefusal("internal_failure", _MESSAGES[fault.status], fault.status)
    raise ApiError(fault.status, "backendError", _MESSAGES[fault.status], "global", rpc=_RPC[fault.status])


def _throttled(fault: Fault, where: Where) -> ApiError | OAuthRefusal:
    """Return a throttle: by default the newer 429, under 403 the older one of the Data API."""
    if where is Where.TOKEN:
        return OAuthRefusal("rate_limit_exceeded", "Rate Limit Exceeded", 429)
    reason = fault.variant or "rateLimitExceeded"
    status = fault.status if fault.status in (403, 429) else 429
    headers = {"Retry-After": str(fault.ms // 1000)} if status == 429 and fault.ms else {}
    if status == 403:
        return ApiError(403, reason, "Rate Limit Exceeded", "usageLimits", headers=headers)
    api = "youtubeanalytics.googleapis.com" if where is Where.ANALYTICS else "youtube.googleapis.com"
    message = f"Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service '{api}'."
    detail: Json = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {"service": api},
    }
    return ApiError(429, reason, message, rpc="RESOURCE_EXHAUSTED", details=[detail], headers=headers)


def _malformed(variant: str) -> Response:
    match variant:
        case "html":
            return Response(_HTML, 200, content_type="text/html; charset=UTF-8")
        case "list":
            return Response("[]", 200, content_type="application/json; charset=UTF-8")
        case "huge":
            text = f'{{"kind": "{"x" * _MOST}"}}'
            return Response(text, 200, content_type="application/json; charset=UTF-8")
        case _:
            return Response('{"kind": "youtube#', 200, content_type="application/json; charset=UTF-8")
