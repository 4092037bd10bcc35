"""Second factors: `/factors`, their challenges and the codes that raise a sign-in to `aal2`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.supabase.auth_answers import Refusal, body
from sandbox.supabase.auth_person import caller
from sandbox.supabase.auth_records import Account, Factor, Session
from sandbox.supabase.auth_state import AuthState

_MOST = 10
_CHALLENGE = timedelta(seconds=300)


def add(blueprint: Blueprint, state: AuthState) -> None:
    """Adds the routes."""

    @blueprint.post("/factors")
    def enrolled() -> ResponseReturnValue:
        account, session = caller(state)
        return jsonify(_enroll(state, account, session, body()))

    @blueprint.post("/factors/<factor_id>/challenge")
    def challenged(factor_id: str) -> ResponseReturnValue:
        account, _ = caller(state)
        factor = _own(account, factor_id)
        if factor.kind != "totp":
            raise Refusal(422, "mfa_phone_verify_not_enabled", "MFA verification is disabled for Phone")
        made = factor.challenge(state.now, request.remote_addr or "")
        return jsonify(id=str(made), type=factor.kind, expires_at=int((state.now + _CHALLENGE).timestamp()))

    @blueprint.post("/factors/<factor_id>/verify")
    def verified(factor_id: str) -> ResponseReturnValue:
        account, session = caller(state)
        given = body()
        if not given.get("code"):
            raise Refusal(400, "validation_failed", "Code needs to be non-empty")
        return jsonify(_verify(state, account, session, _own(account, factor_id), given))

    @blueprint.delete("/factors/<factor_id>")
    def left(factor_id: str) -> ResponseReturnValue:
        account, session = caller(state)
        factor = _own(account, factor_id)
        if factor.verified and session.aal != "aal2":
            raise Refusal(422, "insufficient_aal", "AAL2 required to unenroll verified factor")
        state.forget_factor(account, factor)
        return jsonify(id=str(factor.id))


def _enroll(state: AuthState, account: Account, session: Session, given: dict[str, Any]) -> dict[str, Any]:
    kind, name = given.get("factor_type"), str(given.get("friendly_name") or "")
    if kind not in ("totp", "phone", "webauthn"):
        raise Refusal(400, "validation_failed", "factor_type needs to be totp, phone, or webauthn")
    if kind != "totp":
        raise Refusal(422, f"mfa_{kind}_enroll_not_enabled", f"MFA enroll is disabled for {kind}")
    if any(one.name == name for one in account.factors):
        said = f'A factor with the friendly name "{name}" for this user already exists'
        raise Refusal(422, "mfa_factor_name_conflict", said)
    if len(account.factors) >= _MOST:
        said = "Maximum number of verified factors reached, unenroll to continue"
        raise Refusal(422, "too_many_enrolled_mfa_factors", said)
    if any(one.verified for one in account.factors) and session.aal != "aal2":
        raise Refusal(403, "insufficient_aal", "AAL2 required to enroll a new factor")
    factor = Factor(name, state.now, secret=pyotp.random_base32())
    account.factors.append(factor)
    uri = pyotp.TOTP(factor.secret).provisioning_uri(name=account.email, issuer_name="sandbox")
    shown = {"qr_code": "<svg/>", "secret": factor.secret, "uri": uri}
    return {"id": str(factor.id), "type": "totp", "friendly_name": name, "totp": shown}


def _verify(
    state: AuthState, account: Account, session: Session, factor: Factor, given: dict[str, Any]
) -> dict[str, Any]:
    _check_challenge(state, factor, str(given.get("challenge_id")))
    if not pyotp.TOTP(factor.secret).verify(str(given["code"]), for_time=state.now, valid_window=1):
        raise Refusal(422, "mfa_verification_failed", "Invalid TOTP code entered")
    at, _ = factor.challenges[str(given["challenge_id"])]
    # A challenge that was met is refused afterwards, with the words for another address.
    factor.challenges[str(given["challenge_id"])] = (at, "")
    factor.verified, factor.updated_at = True, state.now
    session.aal, session.factor_id = "aal2", factor.id
    session.methods.insert(0, ("totp", state.now))
    mine = [one for one in state.sessions.values() if one.user_id == account.id and one.aal != "aal2"]
    state.end(mine)
    account.factors = [one for one in account.factors if one.verified or one.kind != factor.kind]
    newest = state.active(session)
    newest.revoked, newest.updated_at = True, state.now
    return state.answer(account, session, state.chained(session, newest))


def _check_challenge(state: AuthState, factor: Factor, challenge_id: str) -> None:
    made = factor.challenges.get(challenge_id)
    if made is None:
        said = "MFA factor with the provided challenge ID not found"
        raise Refusal(422, "mfa_factor_not_found", said)
    at, address = made
    if address != (request.remote_addr or ""):
        raise Refusal(422, "mfa_ip_address_mismatch", "Challenge and verify IP addresses mismatch.")
    if state.now > at + _CHALLENGE:
        del factor.challenges[challenge_id]
        said = f"MFA challenge {challenge_id} has expired, verify against another challenge or create a new challenge."
        raise Refusal(422, "mfa_challenge_expired", said)


def _own(account: Account, factor_id: str) -> Factor:
    try:
        wanted = UUID(factor_id)
    except ValueError:
        raise Refusal(404, "validation_failed", "factor_id must be an UUID") from None
    found = next((one for one in account.factors if one.id == wanted), None)
    if found is None:
        raise Refusal(404, "mfa_factor_not_found", "Factor not found")
    return found
