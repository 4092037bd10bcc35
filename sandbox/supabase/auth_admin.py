"""Auth's calls for the secret key only: the list of accounts, and making, changing and deleting one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.supabase import gateway
from sandbox.supabase.auth_answers import Refusal, body
from sandbox.supabase.auth_entry import valid_email
from sandbox.supabase.auth_records import Account
from sandbox.supabase.auth_state import AuthState, shown

_AGES = 100 * 365 * 24


def add(blueprint: Blueprint, state: AuthState) -> None:
    """Adds the routes."""

    @blueprint.get("/admin/users")
    def listed() -> ResponseReturnValue:
        _only_service(state)
        page, per_page = request.args.get("page", 1, int), request.args.get("per_page", 50, int)
        everybody = list(state.accounts.values())
        there = everybody[(page - 1) * per_page : page * per_page]
        answer = jsonify(users=[shown(one) for one in there], aud="authenticated")
        answer.headers["X-Total-Count"] = str(len(everybody))
        return answer

    @blueprint.post("/admin/users")
    def made() -> ResponseReturnValue:
        _only_service(state)
        given = body()
        email = valid_email(given.get("email"))
        if state.by_email(email) is not None:
            raise Refusal(422, "email_exists", "A user with this email address has already been registered")
        password = str(given.get("password") or "")
        if password:
            state.check_password(password)
        account = state.add(email, password, dict(given.get("user_metadata") or {}))
        _set(state, account, given)
        return jsonify(shown(account))

    @blueprint.get("/admin/users/<user_id>")
    def one(user_id: str) -> ResponseReturnValue:
        _only_service(state)
        return jsonify(shown(_found(state, user_id)))

    @blueprint.put("/admin/users/<user_id>")
    def changed(user_id: str) -> ResponseReturnValue:
        _only_service(state)
        account, given = _found(state, user_id), body()
        if given.get("password"):
            state.check_password(str(given["password"]))
            account.set_password(str(given["password"]))
        if given.get("email"):
            account.email = valid_email(given["email"])
            state.users.put(account.id, account.email)
        _set(state, account, given)
        return jsonify(shown(account))

    @blueprint.delete("/admin/users/<user_id>")
    def deleted(user_id: str) -> ResponseReturnValue:
        _only_service(state)
        state.remove(_found(state, user_id))
        return jsonify({})

    _add_factors(blueprint, state)


def _add_factors(blueprint: Blueprint, state: AuthState) -> None:
    @blueprint.get("/admin/users/<user_id>/factors")
    def factors(user_id: str) -> ResponseReturnValue:
        _only_service(state)
        return jsonify([factor.as_json() for factor in _found(state, user_id).factors])

    @blueprint.delete("/admin/users/<user_id>/factors/<factor_id>")
    def factor_removed(user_id: str, factor_id: str) -> ResponseReturnValue:
        _only_service(state)
        account = _found(state, user_id)
        factor = next((one for one in account.factors if str(one.id) == factor_id), None)
        if factor is None:
            raise Refusal(404, "mfa_factor_not_found", "Factor not found")
        state.forget_factor(account, factor)
        return jsonify(factor.as_json())


def _only_service(state: AuthState) -> None:
    if not gateway.bearer():
        raise Refusal(401, "no_authorization", "This endpoint requires a valid Bearer token")
    if not gateway.is_service(state.project):
        raise Refusal(403, "not_admin", "User not allowed")


def _found(state: AuthState, user_id: str) -> Account:
    try:
        account = state.accounts.get(UUID(user_id))
    except ValueError:
        raise Refusal(404, "validation_failed", "user_id must be an UUID") from None
    if account is None:
        raise Refusal(404, "user_not_found", "User not found")
    return account


def _set(state: AuthState, account: Account, given: dict[str, Any]) -> None:
    if given.get("email_confirm"):
        account.confirmed_at = account.confirmed_at or state.now
    if given.get("app_metadata") is not None:
        account.app_metadata |= dict(given["app_metadata"])
    if "ban_duration" in given:
        banned = given["ban_duration"] != "none"
        account.banned_until = state.now + timedelta(hours=_AGES) if banned else None
    account.updated_at = state.now
