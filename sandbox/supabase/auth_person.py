"""What somebody who is signed in asks for: `/user` and `/logout`."""

from __future__ import annotations

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


def add(blueprint: Blueprint, state: AuthState) -> None:
    """Adds the routes."""

    @blueprint.get("/user")
    def user() -> ResponseReturnValue:
        return jsonify(shown(_caller(state)[0]))

    @blueprint.put("/user")
    def update() -> ResponseReturnValue:
        account, session = _caller(state)
        _update(state, account, session, body(), request.args.get("redirect_to", ""))
        return jsonify(shown(account))

    @blueprint.post("/logout")
    def logout() -> ResponseReturnValue:
        account, session = _caller(state)
        scope = request.args.get("scope", "global")
        if scope not in ("global", "local", "others"):
            raise Refusal(400, "validation_failed", f'Unsupported logout scope "{scope}"')
        mine = [one for one in state.sessions.values() if one.user_id == account.id]
        state.end(one for one in mine if scope == "global" or (one.id == session.id) == (scope == "local"))
        return Response(status=204)


def _caller(state: AuthState) -> tuple[Account, Session]:
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
    if session is None or session.ended:
        raise Refusal(403, "session_not_found", "Session from session_id claim in JWT does not exist")
    return account, session


def _update(state: AuthState, account: Account, session: Session, given: dict[str, Any], redirect_to: str) -> None:
    email = valid_email(given["email"]) if given.get("email") else account.email
    if given.get("app_metadata") is not None:
        raise Refusal(403, "not_admin", "Updating app_metadata requires admin privileges")
    if given.get("password") is not None:
        _change_password(state, account, session, str(given["password"]))
    if email != account.email:
        if state.by_email(email) is not None:
            raise Refusal(422, "email_exists", "A user with this email address has already been registered")
        _ask_both(state, account, email, given, redirect_to)
    account.user_metadata |= dict(given.get("data") or {})
    account.updated_at = state.now


def _change_password(state: AuthState, account: Account, session: Session, password: str) -> None:
    state.check_password(password)
    if account.has_password(password):
        raise Refusal(422, "same_password", "New password should be different from the old password.")
    account.set_password(password)
    mine = [one for one in state.sessions.values() if one.user_id == account.id]
    state.end(one for one in mine if one.id != session.id)


def _ask_both(state: AuthState, account: Account, email: str, given: dict[str, Any], redirect_to: str) -> None:
    challenge = challenge_of(given)
    send(state, account, "email_change", email, redirect_to, challenge)
    account.email_change, account.email_change_halves = email, 1
    if state.config.secure_email_change:
        account.email_change_halves = 2
        send_second(state, account, "email_change", account.email, redirect_to, challenge)
