"""Changes that matter ask again who is there: for the password, and for a code where the account has a second step."""

from __future__ import annotations

from flask import request

from web.account import second_step
from web.auth import rate_limits
from web.auth.session import current_user
from web.services import services
from web.translation import _

Refusal = tuple[dict[str, str | None], int]
"""What is wrong by field, and the status of the answer."""


def password_refused(password_field: str, code_field: str = "") -> Refusal | None:
    """What is wrong with the password in this form, and with the code where one is asked for, and the status.

    None when the person gave both right. Every try is counted.
    """
    person = current_user()
    if wait := rate_limits.wait_for((rate_limits.PASSWORD, str(person.user_id))):
        return {password_field: rate_limits.too_many(wait)}, 429
    return _wrong(password_field) or (_code_wrong(code_field) if code_field else None)


def second_step_refused(code_field: str, password_field: str) -> Refusal | None:
    """Where the account has a second step: what is wrong with this form's password or code, and the status."""
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
    """The password comes first, so that a slip there does not use up a code."""
    if second_step.second_step().passes(current_user().user_id, request.form.get(code_field, "")):
        return None
    return {code_field: _(second_step.WRONG)}, 400
