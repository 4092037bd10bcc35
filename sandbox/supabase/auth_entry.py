"""Coming in: `/signup` and the three grants of `/token`."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.supabase.auth_answers import OAuthRefusal, Refusal, body
from sandbox.supabase.auth_mailer import challenge_of, send
from sandbox.supabase.auth_records import Account, RefreshToken, Session
from sandbox.supabase.auth_state import AuthState, shown

# As the real Auth was seen to answer: ASCII only, no comma or bracket, and labels of letters, digits and inner hyphens.
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")


def add(blueprint: Blueprint, state: AuthState) -> None:
    """Adds the routes."""

    @blueprint.post("/signup")
    def signup() -> ResponseReturnValue:
        _limit(state, "sign_in_sign_up", state.config.limits.sign_in_sign_up)
        return jsonify(_sign_up(state, body(), request.args.get("redirect_to", "")))

    @blueprint.post("/token")
    def token() -> ResponseReturnValue:
        grant = request.args.get("grant_type", "")
        if grant == "password":
            _limit(state, "sign_in_sign_up", state.config.limits.sign_in_sign_up)
            return jsonify(_password(state, body()))
        if grant == "refresh_token":
            _limit(state, "token_refresh", state.config.limits.token_refresh)
            return jsonify(_refresh(state, body()))
        if grant == "pkce":
            return jsonify(_pkce(state, body()))
        raise OAuthRefusal("unsupported_grant_type", "")


def valid_email(given: object) -> str:
    """The address in lower case; refused when it cannot be one."""
    text = str(given or "")
    if not text:
        raise Refusal(400, "validation_failed", "An email address is required")
    if len(text) > 255:
        raise Refusal(400, "validation_failed", "An email address is too long")
    if not _EMAIL.fullmatch(text):
        raise Refusal(400, "validation_failed", "Unable to validate email address: invalid format")
    return text.lower()


def _sign_up(state: AuthState, given: dict[str, Any], redirect_to: str) -> dict[str, Any]:
    if not state.config.signup_open:
        raise Refusal(422, "signup_disabled", "Signups not allowed for this instance")
    password, challenge = str(given.get("password") or ""), challenge_of(given)
    if not password:
        raise Refusal(400, "validation_failed", "Signup requires a valid password")
    state.check_password(password)
    email = valid_email(given.get("email"))
    known = state.by_email(email)
    if known is not None and known.confirmed_at is not None:
        if state.config.autoconfirm:
            raise Refusal(422, "user_already_exists", "User already registered")
        return _sanitized(state, email, given)
    account = known or state.add(email, password, dict(given.get("data") or {}))
    if state.config.autoconfirm:
        account.confirmed_at = state.now
        return state.begin(account, "password")
    send(state, account, "signup", email, redirect_to, challenge)
    return shown(account) | {"confirmation_sent_at": state.now.isoformat()}


def _sanitized(state: AuthState, email: str, given: dict[str, Any]) -> dict[str, Any]:
    """An invented user, so that the answer does not reveal who has an account."""
    nobody = Account(email, state.now, id=uuid4(), user_metadata=dict(given.get("data") or {}))
    return shown(nobody) | {"identities": [], "confirmation_sent_at": state.now.isoformat()}


def _password(state: AuthState, given: dict[str, Any]) -> dict[str, Any]:
    wrong = Refusal(400, "invalid_credentials", "Invalid login credentials")
    if not given.get("email"):
        raise Refusal(400, "validation_failed", "missing email or phone")
    account = state.by_email(str(given["email"]))
    if account is None:
        raise wrong
    if account.banned(state.now):
        raise Refusal(400, "user_banned", "User is banned")
    if not account.has_password(str(given.get("password") or "")):
        raise wrong
    if account.confirmed_at is None:
        raise Refusal(400, "email_not_confirmed", "Email not confirmed")
    return state.begin(account, "password")


def _refresh(state: AuthState, given: dict[str, Any]) -> dict[str, Any]:
    text = str(given.get("refresh_token") or "")
    if not text:
        raise OAuthRefusal("invalid_request", "refresh_token required")
    token = state.tokens.get(text)
    if token is None:
        raise Refusal(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
    session = state.sessions[token.session_id]
    account = state.accounts[session.user_id]
    if account.banned(state.now):
        raise Refusal(400, "user_banned", "Invalid Refresh Token: User Banned")
    box = state.config.session_timebox
    if box is not None and state.now > session.created_at + box:
        raise Refusal(400, "session_expired", "Invalid Refresh Token: Session Expired")
    return state.answer(account, session, _next(state, session, token))


def _next(state: AuthState, session: Session, token: RefreshToken) -> RefreshToken:
    """The token after this one. A used one is taken again only shortly, or when its successor was never used."""
    if not token.revoked:
        token.revoked, token.updated_at = True, state.now
        return state.chained(session, token)
    chain = [one for one in state.tokens.values() if one.session_id == session.id]
    active = next((one for one in reversed(chain) if not one.revoked), None)
    if active is not None and active.parent == token.text:
        return active
    if state.now <= token.updated_at + state.config.reuse_interval:
        token.updated_at = state.now
        return state.chained(session, token)
    # The session stays, and what was revoked this moment is within its grace.
    for one in chain:
        if not one.revoked:
            one.revoked, one.updated_at = True, state.now
    raise Refusal(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")


def _pkce(state: AuthState, given: dict[str, Any]) -> dict[str, Any]:
    code, verifier = str(given.get("auth_code") or ""), str(given.get("code_verifier") or "")
    if not code or not verifier:
        said = "invalid request: both auth code and code verifier should be non-empty"
        raise Refusal(400, "validation_failed", said)
    half = state.half.get(code)
    if half is None:
        raise Refusal(404, "flow_state_not_found", "invalid flow state, no valid flow state found")
    if state.now > half.made_at + state.config.flow_lifetime:
        raise Refusal(422, "flow_state_expired", "invalid flow state, flow state has expired")
    if not half.challenge.fits(verifier):
        raise Refusal(400, "bad_code_verifier", "code challenge does not match previously saved code verifier")
    del state.half[code]
    return state.begin(state.accounts[half.user_id], half.method)


def _limit(state: AuthState, what: str, allowed: int) -> None:
    state.counter.call(what, allowed, request.remote_addr or "", state.now)
