"""The headers of every answer: what the page may load, who may frame it, what may be cached."""

from collections.abc import Collection

from flask import Flask, Response, g, request
from werkzeug.wrappers import Response as AnyResponse

from web.auth.session import is_https
from web.services import services

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_PUBLIC = frozenset({"/", "/login", "/signup"})
"""The pages that a search engine may list, as long as no one is signed in."""
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Form checks over https need the page's own address; no other site learns it.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def open_popups(response: AnyResponse, origins: Collection[str]) -> AnyResponse:
    """Lets the page keep the windows that it opens, and its forms lead to these origins."""
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {' '.join(sorted(origins))}")
    response.headers["Content-Security-Policy"] = policy
    return response


def leave_opener(response: AnyResponse) -> AnyResponse:
    """Leaves a window that a consent page leads back to with the page that opened it, which may then close it.

    No one learns the address: it may hold a code.
    """
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def add_to_answers(app: Flask) -> None:
    """Adds the headers after each request; assets and downloads set their own Cache-Control before."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if is_https(services().settings):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if (request.path not in _PUBLIC or g.get("signed_in")) and response.mimetype == "text/html":
            response.headers.setdefault("X-Robots-Tag", "noindex")
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store, private" if g.get("signed_in") else "no-store"
        return response
