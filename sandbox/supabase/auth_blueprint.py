"""`/auth/v1` of a project: every call is counted, needs the project's key, and is answered alone."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.supabase import auth_admin, auth_entry, auth_factors, auth_links, auth_person, gateway
from sandbox.supabase.auth_answers import add_refusals
from sandbox.supabase.auth_state import AuthState

# What people's browsers and libraries fetch without a key.
_OPEN = {("GET", "/auth/v1/verify"), ("GET", "/auth/v1/.well-known/jwks.json")}

_PROVIDERS = ("anonymous_users", "apple", "email", "facebook", "github", "google", "phone")


def blueprint(state: AuthState) -> Blueprint:
    """The routes over this state."""
    made = Blueprint("auth", __name__, url_prefix="/auth/v1")
    add_refusals(made)

    @made.before_request
    def begin() -> Response | None:
        state.project.lock.acquire()
        grant = request.args.get("grant_type", "")
        state.calls.append(f"{request.method} {request.path}{'?' + grant if grant else ''}")
        if state.away:
            return Response("upstream connect error", 503, content_type="text/plain")
        return None if (request.method, request.path) in _OPEN else gateway.refused(state.project)

    @made.teardown_request
    def end(_: BaseException | None) -> None:
        state.project.lock.release()

    @made.get("/.well-known/jwks.json")
    def jwks() -> ResponseReturnValue:
        answer = jsonify(state.project.jwks())
        answer.headers["Cache-Control"] = "public, max-age=600"
        return answer

    @made.get("/settings")
    def settings() -> ResponseReturnValue:
        return jsonify(
            external={name: name in state.config.providers for name in _PROVIDERS},
            disable_signup=not state.config.signup_open,
            mailer_autoconfirm=state.config.autoconfirm,
            phone_autoconfirm=False,
            sms_provider="",
            saml_enabled=False,
            saml_private_key_next_configured=False,
            passkeys_enabled=False,
        )

    @made.get("/health")
    def health() -> ResponseReturnValue:
        return jsonify(version="v2.0.0", name="GoTrue", description="GoTrue is a user registration service")

    for area in (auth_entry, auth_person, auth_factors, auth_links, auth_admin):
        area.add(made, state)
    return made
