"""Auth's calls of a signed-in person: `/user` and `/logout`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.supabase import gateway
from sandbox.supabase.auth_answers import Refusal, body
from sandbox.supabase.auth_entry import valid_email
from sandbox.supabase.auth_mailer import challenge_of, send, send_second
from sandbox.supabase.auth_records import Account, Session
from sandbox.supabase.auth_state import AuthState, shown
from sandbox.supabase.project import BadToken

_FRESH = timedelta(hours=24)


def add(blueprint: Blueprint, state: AuthState) -> None:
    """Adds the routes."""

    @blueprint.get("/user")
    def user() -> ResponseReturnValue:
        return jsonify(shown(caller(state)[0]))

    @blueprint.put("/user")
    def update() -> ResponseReturnValue:
        account, session = caller(state)
        _update(state, account, session, body(), request.args.get("redirect_to", ""))
        return jsonify(shown(account))

    @blueprint.post("/logout")
    def logout() -> ResponseReturnValue:
        account, session = caller(state)
        scope = request.args.get("scope", "global")
        if scope not in ("global", "local", "others"):
            raise Refusal(400, "validation_failed", f'Unsupported logout scope "{scope}"')
        mine = [one for one in state.sessions.values() if one.user_id == account.id]
        state.end(one for one in mine if scope == "global" or (one.id == session.id) == (scope == "local"))
        return Response(status=204)


def caller(state: AuthState) -> tuple[Account, Session]:
    """The account of the token, and its session; refused when either is gone."""
    if not gateway.bearer():
        raise Refusal(401, "no_authorization", "This endpoint requires a valid Bearer token")
    try:
        claims = gateway.person(state.project)
    except BadToken as error:
        said = f"invalid JWT: unable to parse or verify signature, {error}"
        raise Refusal(403, "bad_jwt", said) from None
    account = state.accounts.get(UUID(claims["sub"]))
    if account is None:
        raise Refusal(403, "user_not_found", "User from sub claim in JWT does not exist")
    session = state.sessions.get(UUID(claims["session_id"]))
    if session is None:
        raise Refusal(403, "session_not_found", "Session from session_id claim in JWT does not exist")
    return account, session


def _update(state: AuthState, account: Account, session: Session, given: dict[str, Any], redirect_to: str) -> None:
    email = valid_email(given["email"]) if given.get("email") else account.email
    if given.get("app_metadata") is not None:
        raise Refusal(403, "not_admin", "Updating app_metadata requires admin privileges")
    raised = session.aal == "aal2" or not any(factor.verified for factor in account.factors)
    if not raised and (given.get("password") or email != account.email):
        said = "AAL2 session is required to update email or password when MFA is enabled."
        raise Refusal(401, "insufficient_aal", said)
    if given.get("password") is not None:
        _change_password(state, account, session, given)
    if email != account.email:
        if state.by_email(email) is not None:
            raise Refusal(422, "email_exists", "A user with this email address has already been registered")
        _ask_both(state, account, email, given, redirect_to)
    account.user_metadata |= dict(given.get("data") or {})
    account.updated_at = state.now


def _change_password(state: AuthState, account: Account, session: Session, given: dict[str, Any]) -> None:
    password, current = str(given["password"]), str(given.get("current_password") or "")
    state.check_password(password)
    if state.config.reauthenticate and state.now > session.created_at + _FRESH:
        raise Refusal(400, "reauthentication_needed", "Password update requires reauthentication")
    if state.config.require_current_password and account.has_any_password and not session.recovers:
        said = "Current password required when setting new password."
        if not current:
            raise Refusal(400, "current_password_required", said)
        if not account.has_password(current):
            raise Refusal(400, "current_password_invalid", said)
    if account.has_password(password):
        raise Refusal(422, "same_password", "New password should be different from the old password.")
    account.set_password(password)
    state.note(account, "user_updated_password")
    mine = [one for one in state.sessions.values() if one.user_id == account.id]
    state.end(one for one in mine if one.id != session.id)


def _ask_both(state: AuthState, account: Account, email: str, given: dict[str, Any], redirect_to: str) -> None:
    challenge = challenge_of(given)
    send(state, account, "email_change", email, redirect_to, challenge)
    account.email_change, account.email_change_halves = email, 1
    if state.config.secure_email_change:
        account.email_change_halves = 2
        send_second(state, account, "email_change", account.email, redirect_to, challenge)
