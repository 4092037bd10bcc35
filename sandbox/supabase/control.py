"""`/_sandbox` of a project: its mailbox and its clock, for tests and demos only."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.supabase.auth_state import AuthState

_UNITS = ("days", "hours", "minutes", "seconds")


def blueprint(state: AuthState) -> Blueprint:
    """The control routes."""
    made = Blueprint("control", __name__, url_prefix="/_sandbox")

    @made.get("/mail/<email>")
    def mail(email: str) -> ResponseReturnValue:
        with state.project.lock:
            return jsonify(mails=[one.as_json() for one in state.mails if one.to == email.lower()])

    @made.post("/advance")
    def advance() -> ResponseReturnValue:
        given = request.get_json(silent=True)
        amounts = given if isinstance(given, dict) else {}
        numbers = all(isinstance(amount, int | float) for amount in amounts.values())
        if not amounts or not set(amounts) <= set(_UNITS) or not numbers:
            return jsonify(error=f"give one or more of {', '.join(_UNITS)} as numbers"), 400
        state.project.advance(timedelta(**amounts))
        return jsonify(now=state.now.isoformat())

    @made.get("/now")
    def now() -> ResponseReturnValue:
        return jsonify(now=state.now.isoformat())

    return made
