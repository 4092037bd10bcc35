"""Error answers for people and scripts: one page, one JSON form."""

from __future__ import annotations

from flask import Flask, g, jsonify, render_template, request
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

_log = logs.get("web.http.error_pages")
_SENTENCES = {
    400: ("This request cannot be read", "Go back, reload the page and try again."),
    401: ("Please sign in", "This page is for people who are signed in."),
    403: ("This is not allowed", "Your account may not do this."),
    404: ("There is nothing here", "The page does not exist, or it belongs to somebody else."),
    405: ("This address takes no such request", "Go back and use the buttons of the page."),
    413: ("That is too much at once", "What was sent is larger than Rollcall accepts."),
    429: ("Too many tries", "Wait a while, then try again."),
    500: ("Something went wrong here", "The fault is written to the log of this installation. Try again in a moment."),
    503: ("The database does not answer", "Nothing is lost. Try again in a moment."),
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
    """The error as a page, or below `/api/` as `{"error": {"code", "message"}}`."""
    if request.path.startswith("/api/"):
        return jsonify(error={"code": code, "message": f"{title}. {text}".strip()}), status
    reference = g.get("request_id") if status >= 500 else None
    return render_template("http/error.html", status=status, title=title, text=text, reference=reference), status


def _form_too_old(_: CSRFError) -> ResponseReturnValue:
    text = "This form was not sent from an open page of yours. Go back, reload the page and send it again."
    return answer(400, "form_token", "The form has expired", text)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    title, text = _SENTENCES.get(status, (error.name, ""))
    return answer(status, error.name.lower().replace(" ", "_"), title, text)


def _ours(error: RollcallError) -> ResponseReturnValue:
    status = next((status for kind, status in _OURS if isinstance(error, kind)), 500)
    if isinstance(error, SessionOver):
        g.signed_in = None
    if status >= 500:
        _log.error("request_failed", error_code=error.code, path=request.path, exc_info=error)
    return answer(status, error.code, error.sentence.rstrip("."), error.next_step)


def _database_away(error: OperationalError) -> ResponseReturnValue:
    _log.error("database_away", path=request.path, error=type(error).__name__)
    # The page must not ask the database for the user.
    g.signed_in = None
    return answer(503, "database_away", *_SENTENCES[503])


def _fault(error: Exception) -> ResponseReturnValue:
    # Flask has already logged the exception itself.
    g.signed_in = None
    return answer(500, "fault", *_SENTENCES[500])
