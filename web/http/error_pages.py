"""Error answers: a page for people, a problem (RFC 9457) for scripts."""

from __future__ import annotations

from flask import Flask, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from psycopg import OperationalError
from werkzeug.exceptions import HTTPException

from shared import logs
from shared.errors import (
    AccountRefused,
    AccountsAway,
    DatabaseError,
    FilesAway,
    InputError,
    RollcallError,
    SessionOver,
    TooManyJobs,
)
from shared.messages import Message
from web.translation import _, translate

PROBLEM = "application/problem+json"
_log = logs.get("web.http.error_pages")
_SENTENCES = {
    400: (Message("This request cannot be read"), Message("Go back, reload the page and try again.")),
    401: (Message("Please sign in"), Message("This page is for people who are signed in.")),
    403: (Message("This is not allowed"), Message("Your account may not do this.")),
    404: (Message("Page not found"), Message("The page does not exist, or it belongs to someone else.")),
    405: (Message("This address does not accept this request"), Message("Go back and use the buttons of the page.")),
    413: (Message("This is too large"), Message("Rollcall does not accept as much as was sent.")),
    429: (Message("Too many tries"), Message("Wait a while, then try again.")),
    500: (
        Message("Something went wrong"),
        Message("The error is in the log of this installation. Try again in a moment."),
    ),
    503: (Message("The database does not answer"), Message("Nothing is lost. Try again in a moment.")),
}
_OURS = (
    (InputError, 400),
    (AccountRefused, 400),
    (SessionOver, 401),
    (TooManyJobs, 429),
    (AccountsAway, 503),
    (FilesAway, 503),
    (DatabaseError, 503),
)


def add_pages(app: Flask) -> None:
    """Registers the handlers: HTTP errors, form tokens, our own errors, the database, and everything else."""
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RollcallError, _ours)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(500, _fault)


def answer(status: int, code: str, title: str, text: str) -> ResponseReturnValue:
    """The error as a page, or as a problem below `/api/`."""
    reference = g.get("request_id") if status >= 500 else None
    if request.path.startswith("/api/"):
        return _problem(status, code, title, text, reference), status
    return render_template("http/error.html", status=status, title=title, text=text, reference=reference), status


def _problem(status: int, code: str, title: str, text: str, reference: str | None) -> Response:
    """`code` names the kind of error for scripts, `title` and `detail` are for people, `request_id` is in the log."""
    found = {"type": f"urn:rollcall:error:{code}", "title": title, "status": status, "detail": text, "code": code}
    response = jsonify(found if reference is None else {**found, "request_id": reference})
    response.mimetype = PROBLEM
    return response


def _form_too_old(error: CSRFError) -> ResponseReturnValue:
    text = _("This form was not sent from an open page of yours. Go back, reload the page and send it again.")
    return answer(400, "form_token", _("The form has expired"), text)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    title, text = _SENTENCES.get(status, (error.name, ""))
    return answer(status, error.name.lower().replace(" ", "_"), translate(title), translate(text))


def _ours(error: RollcallError) -> ResponseReturnValue:
    status = next((status for kind, status in _OURS if isinstance(error, kind)), 500)
    if isinstance(error, SessionOver):
        g.signed_in = None
    if status >= 500:
        _log.error("request_failed", error_code=error.code, path=request.path, exc_info=error)
    return answer(status, error.code, translate(error.sentence).rstrip("."), translate(error.next_step))


def _database_away(error: OperationalError) -> ResponseReturnValue:
    _log.error("database_away", path=request.path, error=type(error).__name__)
    # The page must not ask the database for the user.
    g.signed_in = None
    return answer(503, "database_away", *map(_, _SENTENCES[503]))


def _fault(error: Exception) -> ResponseReturnValue:
    # Flask has already logged the exception itself.
    g.signed_in = None
    return answer(500, "fault", *map(_, _SENTENCES[500]))
