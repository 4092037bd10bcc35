"""Asks again for the password before important changes, and for a code where the account has a second step."""

from __future__ import annotations

from flask import request

from web.account import second_step
from web.auth import rate_limits
from web.auth.session import current_user
from web.services import services
from web.translation import _

Refusal = tuple[dict[str, str | None], int]
"""What is wrong by field, and the status of the answer."""


def check_password(password_field: str, code_field: str = "") -> Refusal | None:
    """The faults of the password in this form, and of the code where one is needed, and the status.

    None when both are right. Every try is counted.
    """
    person = current_user()
    if wait := rate_limits.wait_for((rate_limits.PASSWORD, str(person.user_id))):
        return {password_field: rate_limits.too_many(wait)}, 429
    return _wrong(password_field) or (_code_wrong(code_field) if code_field else None)


def check_second_step(code_field: str, password_field: str) -> Refusal | None:
    """For an account with a second step: the faults of this form's password or code, and the status."""
    if not second_step.is_asked(current_user().user_id):
        return None
    return _wrong(password_field) or _code_wrong(code_field)


def _wrong(password_field: str) -> Refusal | None:
    person = current_user()
    entry = services().identity.check(person.email, request.form.get(password_field, ""))
    if entry is None or entry.user_id != person.user_id:
        return {password_field: _("This is not your password.")}, 400
    return None


def _code_wrong(code_field: str) -> Refusal | None:
    """Checks the password first, so that a typing error there does not use up a code."""
    if second_step.second_step().passes(current_user().user_id, request.form.get(code_field, "")):
        return None
    return {code_field: _(second_step.WRONG)}, 400
