"""Checks the origin of forms and keeps redirects within the site: PUBLIC_URL names the site, not a caller's header."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from web.auth.session import is_https
from web.http.error_pages import answer
from web.services import services
from web.translation import _

_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def keep_to_this_site(app: Flask) -> None:
    """Refuses forms of other sites where people come over https, and makes redirects within the site relative.

    Register it after the check of form tokens, which holds everywhere.
    """

    @app.before_request
    def from_here() -> ResponseReturnValue | None:
        if request.method not in _CHANGES or not (request.is_secure or is_https(services().settings)):
            return None
        return None if _came_from_here() else _elsewhere()

    @app.after_request
    def relative(response: Response) -> Response:
        if response.location:
            response.headers["Location"] = _relative(response.location)
        return response


def origin_of(url: str | None) -> str | None:
    """`scheme://host[:port]` of a URL in lower case, without the scheme's own port; None where it has none."""
    try:
        target = urlsplit((url or "").strip())
        host, port = target.hostname, target.port
    except ValueError:
        return None
    if not host or target.scheme not in ("http", "https"):
        return None
    named = f"[{host}]" if ":" in host else host
    usual = port is None or port == {"http": 80, "https": 443}[target.scheme]
    return f"{target.scheme}://{named}" if usual else f"{target.scheme}://{named}:{port}"


def _came_from_here() -> bool:
    """Whether the form came from here, by Origin first, then by Referer; without either its token alone counts."""
    target = request.headers.get("Origin") or request.headers.get("Referer")
    if target is None:
        return request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    if target == "null":
        # A proxy or an extension hid the page's address; the browser itself says whether it was this site's.
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return origin_of(target) in _ours()


def _ours() -> set[str | None]:
    """The addresses of this site: PUBLIC_URL, and the one that the browser itself asked."""
    settings = services().settings
    hosts = {request.host}
    if settings.public_url is None and settings.trusted_proxies:
        hosts.add(request.headers.get("X-Forwarded-Host", "").rpartition(",")[2].strip())
    asked = {origin_of(f"{scheme}://{host}") for host in hosts for scheme in ("https", request.scheme)}
    return (asked | {origin_of(settings.public_url)}) - {None}


def _elsewhere() -> ResponseReturnValue:
    public = services().settings.public_url
    if public:
        where = _("Open Rollcall at %(address)s and send it there.", address=public)
    else:
        where = _("Open Rollcall at its own address.")
    fix = _("If this is that page, the operator of this installation has to correct PUBLIC_URL.")
    return answer(400, "form_origin", _("This form was sent from another address"), f"{where} {fix}")


def _relative(location: str) -> str:
    """The path alone of an address at the requested host; any other address as it is."""
    target = urlsplit(location)
    here = {origin_of(f"{scheme}://{request.host}") for scheme in ("http", "https")}
    if not target.netloc or origin_of(location) not in here:
        return location
    path = "/" + target.path.lstrip("/\\")
    return path + (f"?{target.query}" if target.query else "") + (f"#{target.fragment}" if target.fragment else "")
