"""Mails and the links in them: `/recover`, `/resend`, `/otp` and `/verify`."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from sandbox.supabase.auth_answers import Refusal, body
from sandbox.supabase.auth_entry import valid_email
from sandbox.supabase.auth_mailer import challenge_of, send
from sandbox.supabase.auth_records import Account, HalfSignIn, Mail
from sandbox.supabase.auth_state import AuthState

_HALFWAY = "Confirmation link accepted. Please proceed to confirm link sent to the other email"
# The kinds of mail that a verification of this type may be for.
_KINDS = {
    "signup": ("signup",),
    "invite": ("invite",),
    "recovery": ("recovery",),
    "magiclink": ("magiclink",),
    "email_change": ("email_change",),
    "email": ("signup", "magiclink", "invite"),
}

# How a sign-in by a link's code says it came; one by a hash always says `otp`.
_METHODS = {"signup": "email/signup"}


def add(blueprint: Blueprint, state: AuthState) -> None:
    """Adds the routes."""

    @blueprint.post("/recover")
    def recover() -> ResponseReturnValue:
        given = body()
        email, challenge = valid_email(given.get("email")), challenge_of(given)
        account = state.by_email(email)
        if account is not None:
            send(state, account, "recovery", email, request.args.get("redirect_to", ""), challenge)
        return jsonify({})

    @blueprint.post("/otp")
    def otp() -> ResponseReturnValue:
        given = body()
        email, challenge = valid_email(given.get("email")), challenge_of(given)
        account = state.by_email(email)
        if account is None:
            raise Refusal(422, "otp_disabled", "Signups not allowed for otp")
        send(state, account, "magiclink", email, request.args.get("redirect_to", ""), challenge)
        return jsonify({})

    @blueprint.post("/resend")
    def resend() -> ResponseReturnValue:
        given = body()
        _resend(state, valid_email(given.get("email")), str(given.get("type")), request.args.get("redirect_to", ""))
        return jsonify({})

    @blueprint.post("/verify")
    def verify() -> ResponseReturnValue:
        state.counter.call("verify", state.config.limits.verify, request.remote_addr or "", state.now)
        given = body()
        kind = str(given.get("type") or "")
        mail = _by_token(state, given, kind)
        account = _accept(state, mail, kind)
        if account is None:
            return jsonify(msg=_HALFWAY, code="200")
        return jsonify(state.begin(account, "otp"))

    @blueprint.get("/verify")
    def follow() -> ResponseReturnValue:
        state.counter.call("verify", state.config.limits.verify, request.remote_addr or "", state.now)
        return redirect(_follow(state, request.args.get("token", ""), request.args.get("type", "")), 303)


def _resend(state: AuthState, email: str, kind: str, redirect_to: str) -> None:
    if kind not in ("signup", "email_change"):
        raise Refusal(400, "validation_failed", "Missing one of these types: signup, email_change, sms, phone_change")
    account = state.by_email(email)
    if account is None:
        return
    if kind == "signup" and account.confirmed_at is None:
        send(state, account, "signup", email, redirect_to, None)
    if kind == "email_change" and account.email_change:
        send(state, account, "email_change", account.email_change, redirect_to, None)


def _by_token(state: AuthState, given: dict[str, Any], kind: str) -> Mail | None:
    """The mail that a typed token, or a link's token hash, belongs to."""
    if not kind:
        raise Refusal(400, "validation_failed", "Verify requires a verification type")
    if given.get("token_hash"):
        if given.get("email") or given.get("phone"):
            raise Refusal(400, "validation_failed", "Only the token_hash and type should be provided")
        return state.links.get(str(given["token_hash"]))
    if not given.get("token"):
        raise Refusal(400, "validation_failed", "Verify requires either a token or a token hash")
    hashed = hashlib.sha224((valid_email(given.get("email")) + str(given["token"])).encode()).hexdigest()
    return state.links.get(hashed) or state.links.get(f"pkce_{hashed}")


def _accept(state: AuthState, mail: Mail | None, kind: str) -> Account | None:
    """Uses a mail's token up and returns whose it was; None for the first half of a change of address."""
    if kind not in _KINDS:
        raise Refusal(400, "validation_failed", "Invalid email verification type")
    if mail is None or mail.kind not in _KINDS[kind] or state.now > mail.sent_at + state.config.link_lifetime:
        raise Refusal(403, "otp_expired", "Token has expired or is invalid")
    account = state.accounts[mail.user_id]
    if account.banned(state.now):
        raise Refusal(403, "user_banned", "User is banned")
    del state.links[mail.token_hash]
    if mail.kind == "email_change":
        return _change(state, account)
    account.confirmed_at = account.confirmed_at or state.now
    return account


def _change(state: AuthState, account: Account) -> Account | None:
    account.email_change_halves -= 1
    if account.email_change_halves > 0:
        return None
    account.email, account.email_change, account.updated_at = account.email_change, "", state.now
    state.users.put(account.id, account.email)
    return account


def _follow(state: AuthState, token: str, kind: str) -> str:
    mail = state.links.get(token)
    pkce = token.startswith("pkce_")
    back = mail.redirect_to if mail else state.redirect(request.args.get("redirect_to", ""))
    try:
        account = _accept(state, mail, kind)
    except Refusal as refusal:
        said = {"error": "access_denied", "error_code": refusal.code}
        if refusal.code == "otp_expired":
            said["error_description"] = "Email link is invalid or has expired"
        query = urlencode(said)
        return f"{_bare(back)}{'?' + query if pkce else ''}#{query}"
    if account is None:
        query = urlencode({"message": _HALFWAY})
        return f"{_with(back, query) if pkce else back}#{query}"
    if mail is not None and mail.challenge is not None:
        code = secrets.token_hex(16)
        state.half[code] = HalfSignIn(account.id, mail.challenge, _METHODS.get(mail.kind, mail.kind), state.now)
        return _with(back, urlencode({"code": code}))
    session = state.begin(account, "otp")
    shared = {
        name: session[name] for name in ("access_token", "expires_at", "expires_in", "refresh_token", "token_type")
    }
    return f"{back}#{urlencode(shared | {'type': kind})}"


def _bare(address: str) -> str:
    return urlsplit(address)._replace(query="", fragment="").geturl()


def _with(address: str, query: str) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{query}"
